#include "response_reader.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace millrace::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr unsigned most_interim = 16; // answers of 1xx before the one that counts
constexpr std::size_t bare_status_line = std::string_view("HTTP/1.1 200").size();
constexpr std::string_view head_end = "\r\n\r\n";

/// For a head alone, with the empty line at its end.
class head_parser final : public beast_http::basic_parser<false> {
  public:
    head_parser() {
        header_limit(UINT32_MAX); // the reader has a limit of its own
        body_limit(boost::none);
    }

    /// Empty, or what is wrong.
    std::string parse(std::string_view octets) {
        boost::beast::error_code ec;
        const std::size_t used = put({octets.data(), octets.size()}, ec);
        if (ec && ec != beast_http::error::need_more)
            return "is no HTTP: " + ec.message();
        return used == octets.size() && is_header_done() ? "" : "is no HTTP: its head ends too early";
    }

    unsigned status = 0;
    std::string retry_after;

  private:
    using string_view = boost::beast::string_view;
    using error_code = boost::beast::error_code;
    using known_field = beast_http::field;

    void on_request_impl(beast_http::verb, string_view, string_view, int, error_code&) override {}
    void on_response_impl(int code, string_view, int, error_code&) override {
        status = static_cast<unsigned>(code);
    }
    void on_field_impl(known_field id, string_view, string_view value, error_code&) override {
        if (id == known_field::retry_after)
            retry_after.assign(value.data(), value.size());
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(string_view, error_code&) override { return 0; }
    void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, string_view, error_code&) override { return 0; }
    void on_finish_impl(error_code&) override {}
    // Beast calls this since Boost 1.90.
    void on_trailer_field_impl(known_field, string_view, string_view, error_code&) {}
};

} // namespace

void response_reader::reset() {
    *this = response_reader(limits_);
}

response_reader::phase response_reader::fail(std::string why) {
    fault_ = std::move(why);
    reusable_ = false;
    return phase_ = phase::failed;
}

response_reader::phase response_reader::complete(bool reusable) {
    reusable_ = reusable;
    return phase_ = phase::complete;
}

response_reader::phase response_reader::feed(std::string_view octets) {
    begun_ = begun_ || !octets.empty();
    if (phase_ == phase::head)
        return feed_head(octets);
    if (phase_ == phase::body)
        return feed_body(octets);
    if (!octets.empty())
        reusable_ = false; // nobody asked for more
    return phase_;
}

response_reader::phase response_reader::end() {
    if (phase_ == phase::body && !length_ && !chunks_)
        return complete(false);
    return phase_;
}

response_reader::phase response_reader::feed_head(std::string_view octets) {
    const std::size_t from = head_.size() < head_end.size() ? 0 : head_.size() - head_end.size() + 1;
    head_.append(octets);
    const std::size_t at = head_.find(head_end, from);
    if (std::min(at, head_.size()) > limits_.head_bytes)
        return fail("has headers of more than " + std::to_string(limits_.head_bytes) + " bytes");
    if (at == std::string::npos)
        return phase_;
    return begin_body(at + head_end.size());
}

response_reader::phase response_reader::begin_body(std::size_t head_size) {
    if (head_.find("\r\n") ==
        bare_status_line) { // some leave out the space before the phrase that is not there
        head_.insert(bare_status_line, 1, ' ');
        ++head_size;
    }
    head_parser head;
    if (std::string wrong = head.parse(std::string_view(head_).substr(0, head_size)); !wrong.empty())
        return fail(std::move(wrong));
    const std::string rest = head_.substr(head_size);
    head_.clear();
    if (head.status < 200) {
        if (head.status == 101 || head.status < 100 || ++interim_ > most_interim)
            return fail("has the status " + std::to_string(head.status) + ", which nobody asked for");
        return feed_head(rest);
    }
    status_ = head.status;
    retry_after_ = std::move(head.retry_after);
    reusable_ = head.keep_alive();
    phase_ = phase::body;
    if (status_ == 204 || status_ == 304)
        length_ = 0;
    else if (head.chunked())
        chunks_.emplace(limits_.body_bytes, limits_.head_bytes);
    else if (const auto length = head.content_length())
        length_ = *length;
    return feed_body(rest);
}

response_reader::phase response_reader::feed_body(std::string_view octets) {
    if (chunks_)
        return feed_chunks(octets);
    const std::string_view data = octets.substr(0, length_.value_or(octets.size() + taken_) - taken_);
    taken_ += data.size();
    keep(data);
    if (length_ && taken_ == *length_)
        return complete(reusable_ && data.size() == octets.size());
    return taken_ > limits_.body_bytes ? complete(false) : phase_;
}

response_reader::phase response_reader::feed_chunks(std::string_view octets) {
    while (!octets.empty() && !chunks_->done()) {
        std::string_view data;
        if (const auto problem = chunks_->next(octets, data))
            return problem->status == 413 ? complete(false) : fail("has a body whose chunks are broken");
        keep(data);
    }
    return chunks_->done() ? complete(reusable_ && octets.empty()) : phase_;
}

void response_reader::keep(std::string_view data) {
    kept_.append(data.substr(0, limits_.kept_bytes - kept_.size()));
}

} // namespace millrace::http
