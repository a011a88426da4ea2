// Beast's parser with nothing on top: it keeps the body, and notices that the method is POST.
#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace millrace::bench {

class request_parser final : public boost::beast::http::basic_parser<true> {
  public:
    /// `body` outlives the parser; what it held is dropped.
    explicit request_parser(std::string& body) : body_(body) {
        body_.clear();
        eager(true);
    }

    bool is_post() const noexcept { return is_post_; }

  private:
    using view = boost::beast::string_view;
    using error_code = boost::beast::error_code;

    void on_request_impl(boost::beast::http::verb method, view, view, int, error_code&) override {
        is_post_ = method == boost::beast::http::verb::post;
    }
    std::size_t on_body_impl(view part, error_code&) override {
        body_.append(part.data(), part.size());
        return part.size();
    }
    std::size_t on_chunk_body_impl(std::uint64_t, view part, error_code& error) override {
        return on_body_impl(part, error);
    }
    void on_response_impl(int, view, int, error_code&) override {}
    void on_field_impl(boost::beast::http::field, view, view, error_code&) override {}
    virtual void on_trailer_field_impl(boost::beast::http::field, view, view, error_code&) {} // Boost 1.90 on
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    void on_chunk_header_impl(std::uint64_t, view, error_code&) override {}
    void on_finish_impl(error_code&) override {}

    std::string& body_;
    bool is_post_ = false;
};

} // namespace millrace::bench
