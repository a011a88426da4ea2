#include "message_parser.hpp"

#include "characters.hpp"
#include "faults.hpp"
#include "millrace/core/text.hpp"

#include <boost/beast/http/error.hpp>

#include <algorithm>

namespace millrace::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::size_t max_headers = 128;

std::string_view view(boost::beast::string_view s) {
    return {s.data(), s.size()};
}

using coding = message_parser::coding;

/// RFC 9112, section 6.3, item 4, and 6.1: without chunked at its end a request has no known end, and chunked
/// is applied once; what stands before it is another matter.
coding coding_of(std::string_view list) {
    if (iequals(list, "chunked"))
        return coding::chunked;
    const auto next = [&list] {
        const std::string_view word = trim(list.substr(0, list.find(',')));
        list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
        return word;
    };
    std::size_t times = 0;
    bool last = false;
    while (!list.empty()) {
        last = iequals(next(), "chunked");
        times += last ? 1 : 0;
    }
    return last && times == 1 ? coding::unknown : coding::endless;
}

/// Whether the request line ends in a version of HTTP that is not ours.
bool names_other_version(std::string_view octets) {
    const std::string_view line = octets.substr(0, octets.find("\r\n"));
    const std::size_t space = line.rfind(' ');
    if (space == std::string_view::npos)
        return false;
    const std::string_view version = line.substr(space + 1);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.size() == 8 && version.starts_with("HTTP/") && version != "HTTP/1.1" &&
           version != "HTTP/1.0" && digit(version[5]) && version[6] == '.' && digit(version[7]);
}

} // namespace

void message_head::clear() noexcept {
    method = target = path = query = {};
    headers.clear();
    expects_continue = false;
}

message_parser::message_parser(message_head& head, const limits& l) : head_(head), limits_(l) {
    header_limit(static_cast<std::uint32_t>(l.header_bytes + 4));
    body_limit(l.body_bytes);
    head_.clear();
}

std::optional<problem> message_parser::parse_head(std::string_view octets) {
    head_end_ = octets.data() + octets.size();
    error_code ec;
    const std::size_t used = put({octets.data(), octets.size()}, ec);
    if (ec == beast_http::error::body_limit)
        if (auto fault = check_framing())
            return fault;
    if (ec && ec != beast_http::error::need_more)
        return explain(ec, octets);
    if (used != octets.size())
        return malformed(
            "The header section ends where a field was expected. Send fields as \"name: value\".");
    if (auto fault = check_framing())
        return fault;
    if (target_fault_)
        return target_fault_;
    // RFC 9112, section 3.2.2: the target would count. A proxy in front may have looked at Host.
    if (hosts_ != 0 && !target_.authority.empty() && !iequals(target_.authority, host_))
        return malformed("Host is not the host of the request target. Send the same host in both.");
    if (unknown_expectation_)
        return expectation_failed();
    return std::nullopt;
}

void message_parser::on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                                     error_code&) {
    head_.method = view(method);
    head_.target = view(target);
    version_ = version;
    check_target(); // what it finds is told of last: what is wrong with the framing matters more
}

void message_parser::on_field_impl(known_field id, string_view name, string_view value, error_code& ec) {
    const char* const end_of_name = name.data() + name.size();
    // Beast joins folded lines into a buffer of its own, or steps over an empty first line.
    const bool outside = value.data() < end_of_name || value.data() > head_end_;
    if (outside || std::find(end_of_name, value.data(), '\r') != value.data())
        fault_ = malformed("A header field is folded over several lines. Send it on one.");
    else if (head_.headers.size() == max_headers)
        fault_ = headers_too_large("There are more than " + std::to_string(max_headers) +
                                   " header fields. Send fewer.");
    else
        check_known_field(id, view(value));
    if (fault_)
        ec = beast_http::error::bad_value;
    else
        head_.headers.push_back({view(name), view(value)});
}

void message_parser::check_known_field(known_field id, std::string_view value) {
    if (id == known_field::host) {
        ++hosts_;
        host_ = value;
        if (!is_authority(value))
            fault_ = malformed("Host is not a host with an optional port. Send one host, for example "
                               "events.example:8080.");
    } else if (id == known_field::content_length) {
        ++content_lengths_;
        if (!std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; }))
            fault_ =
                malformed("Content-Length is not one decimal number. Send the number of the body's bytes.");
    } else if (id == known_field::content_type) {
        if (++content_types_ > 1) // which one counts would be up to the reader
            fault_ = malformed("Content-Type is given more than once. Send it once.");
    } else if (id == known_field::transfer_encoding) {
        ++transfer_encodings_;
        coding_ = coding_of(value);
    } else if (id == known_field::expect && version_ >= 11) {
        head_.expects_continue = iequals(value, "100-continue");
        unknown_expectation_ |= !head_.expects_continue;
    }
}

std::optional<problem> message_parser::check_framing() const {
    if (hosts_ > 1 || (hosts_ == 0 && version_ >= 11))
        return malformed("Host is missing or given more than once. Send it exactly once.");
    if (content_lengths_ > 1)
        return malformed("Content-Length is given more than once. Send it once.");
    if (transfer_encodings_ != 0 && content_lengths_ != 0)
        return malformed("Content-Length and Transfer-Encoding are both given. Send one of them.");
    if (transfer_encodings_ > 1)
        return malformed("Transfer-Encoding is given more than once. Send it once.");
    if (transfer_encodings_ != 0 && version_ < 11)
        return malformed("HTTP/1.0 has no Transfer-Encoding. Use HTTP/1.1 or Content-Length.");
    if (coding_ == coding::endless)
        return malformed(
            "Transfer-Encoding does not end with chunked, once, so the body's end is unknown. Send "
            "\"chunked\" alone.");
    if (coding_ == coding::unknown)
        return coding_not_implemented();
    return std::nullopt;
}

void message_parser::check_target() {
    if (head_.method == "CONNECT") {
        target_fault_ = method_not_implemented();
    } else if (const char* const why = split_target(head_.target, head_.method == "OPTIONS", target_)) {
        target_fault_ = malformed(why);
    } else {
        head_.path = target_.path;
        head_.query = target_.query;
    }
}

problem message_parser::explain(error_code ec, std::string_view octets) const {
    if (fault_)
        return *fault_;
    if (ec == beast_http::error::body_limit)
        return body_too_large(limits_.body_bytes);
    if (ec == beast_http::error::header_limit)
        return headers_too_large("A header or trailer field is too large. Send less.");
    if (ec == beast_http::error::bad_version && head_.method.empty() && names_other_version(octets))
        return version_not_supported();
    return malformed(head_.method.empty()
                         ? "The request line is not method, target and HTTP/1.1, one space between them. (" +
                               ec.message() + ")"
                         : "A header field is not \"name: value\" in characters that fields may have. (" +
                               ec.message() + ")");
}

} // namespace millrace::http
