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

/// RFC 3986, section 3.2.2 without the comma: two Host fields that were joined are no host.
bool is_host(std::string_view value) {
    return std::all_of(value.begin(), value.end(), [](char c) {
        return is_unreserved(c) || std::string_view("%!$&'()*+;=:[]").find(c) != std::string_view::npos;
    });
}

bool starts_with_scheme(std::string_view target, std::string_view scheme) {
    return target.size() > scheme.size() && iequals(target.substr(0, scheme.size()), scheme);
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
        return malformed("the header section ends where a field was expected");
    if (auto fault = check_framing())
        return fault;
    if (target_fault_)
        return target_fault_;
    if (unknown_expectation_)
        return expectation_failed();
    return std::nullopt;
}

void message_parser::on_request_impl(beast_http::verb, string_view method, string_view target, int version,
                                     error_code&) {
    head_.method = view(method);
    head_.target = view(target);
    version_ = version;
    target_fault_ = split_target(); // told of last: what is wrong with the framing matters more
}

void message_parser::on_field_impl(known_field id, string_view name, string_view value, error_code& ec) {
    const char* const end_of_name = name.data() + name.size();
    // Beast joins folded lines into a buffer of its own, or steps over an empty first line.
    const bool outside = value.data() < end_of_name || value.data() > head_end_;
    if (outside || std::find(end_of_name, value.data(), '\r') != value.data())
        fault_ = malformed("a header field is folded over several lines");
    else if (head_.headers.size() == max_headers)
        fault_ = headers_too_large("more than " + std::to_string(max_headers) + " header fields");
    else
        fault_ = check_known_field(id, view(value));
    if (fault_)
        ec = beast_http::error::bad_value;
    else
        head_.headers.push_back({view(name), view(value)});
}

std::optional<problem> message_parser::check_known_field(known_field id, std::string_view value) {
    if (id == known_field::host) {
        ++hosts_;
        if (!is_host(value))
            return malformed("Host is not a host");
    } else if (id == known_field::content_length) {
        ++content_lengths_;
        if (value.find_first_not_of("0123456789") != std::string_view::npos)
            return malformed("Content-Length is not one number");
    } else if (id == known_field::content_type) {
        if (++content_types_ > 1) // which one counts would be up to the reader
            return malformed("Content-Type is given more than once");
    } else if (id == known_field::transfer_encoding) {
        ++transfer_encodings_;
        unknown_coding_ |= !iequals(value, "chunked");
    } else if (id == known_field::expect && version_ >= 11) {
        head_.expects_continue = iequals(value, "100-continue");
        unknown_expectation_ |= !head_.expects_continue;
    }
    return std::nullopt;
}

std::optional<problem> message_parser::check_framing() const {
    if (hosts_ > 1 || (hosts_ == 0 && version_ >= 11))
        return malformed("a request has exactly one Host");
    if (content_lengths_ > 1)
        return malformed("Content-Length is given more than once");
    if (transfer_encodings_ != 0 && content_lengths_ != 0)
        return malformed("Content-Length and Transfer-Encoding contradict each other");
    if (transfer_encodings_ > 1)
        return malformed("Transfer-Encoding is given more than once");
    if (transfer_encodings_ != 0 && version_ < 11)
        return malformed("HTTP/1.0 has no Transfer-Encoding");
    if (unknown_coding_)
        return coding_not_implemented();
    return std::nullopt;
}

/// RFC 9112, section 3.2: origin, absolute and asterisk form.
std::optional<problem> message_parser::split_target() {
    std::string_view rest = head_.target;
    for (const char c : rest)
        if (c == '#' || static_cast<unsigned char>(c) >= 0x80)
            return malformed("the request target has characters that a URI does not have");
    if (head_.method == "CONNECT")
        return method_not_implemented();
    if (rest == "*" && head_.method == "OPTIONS") {
        head_.path = rest;
        return std::nullopt;
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!starts_with_scheme(rest, scheme))
            continue;
        rest.remove_prefix(scheme.size());
        rest.remove_prefix(std::min(rest.find_first_of("/?"), rest.size()));
        if (rest.empty() || rest.front() == '?') {
            head_.path = head_.method == "OPTIONS" && rest.empty() ? "*" : "/";
            head_.query = rest.substr(rest.empty() ? 0 : 1);
            return std::nullopt;
        }
        break;
    }
    if (rest.front() != '/')
        return malformed("the request target is neither a path nor an absolute URI");
    const std::size_t mark = rest.find('?');
    head_.path = rest.substr(0, mark);
    if (mark != std::string_view::npos)
        head_.query = rest.substr(mark + 1);
    return std::nullopt;
}

problem message_parser::explain(error_code ec, std::string_view octets) const {
    if (fault_)
        return *fault_;
    if (ec == beast_http::error::body_limit)
        return body_too_large(limits_.body_bytes);
    if (ec == beast_http::error::header_limit)
        return headers_too_large("a header or trailer field is too large");
    if (ec == beast_http::error::bad_version && head_.method.empty() && names_other_version(octets))
        return version_not_supported();
    return malformed(ec.message());
}

} // namespace millrace::http
