// Networks, origins, digests, and where a webhook keeps what.
#include "rules.hpp"

#include "millrace/core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

namespace millrace::settings {
namespace {

/// RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_letter_or_digit(c) || marks.find(c) != std::string_view::npos;
    });
}

/// RFC 6901, section 3.
bool is_json_pointer(std::string_view text) {
    if (!text.starts_with('/') || !is_utf8(text))
        return false;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    return true;
}

} // namespace

problem network_problem(std::string_view value) {
    const auto slash = value.find('/');
    const std::string address(value.substr(0, slash));
    std::array<unsigned char, sizeof(in6_addr)> bytes{};
    unsigned bits = 0;
    if (::inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
        bits = 32;
    else if (::inet_pton(AF_INET6, address.c_str(), bytes.data()) == 1)
        bits = 128;
    else
        return "is not an address such as 10.0.0.1, or a block such as 10.0.0.0/8";
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto length = parse_number<unsigned>(value.substr(slash + 1));
    return length && *length <= bits
               ? std::nullopt
               : problem("has no prefix length from 0 to " + std::to_string(bits) + " after its slash");
}

problem origin_problem(std::string_view value) {
    if (value == "*")
        return std::nullopt;
    const auto scheme_end = value.find("://");
    const bool scheme =
        scheme_end != std::string_view::npos && scheme_end > 0 &&
        std::ranges::all_of(value.substr(0, scheme_end), [](char c) { return c >= 'a' && c <= 'z'; });
    const auto host = scheme ? value.substr(scheme_end + 3) : std::string_view{};
    const bool plain = !host.empty() && std::ranges::all_of(host, [](char c) {
        return (is_letter_or_digit(c) && !(c >= 'A' && c <= 'Z')) || c == '.' || c == '-' || c == ':' ||
               c == '[' || c == ']';
    });
    return plain ? std::nullopt
                 : problem("is not * or an origin such as https://shop.example, in lower case and without a "
                           "path");
}

problem sha256_problem(std::string_view value) {
    const bool digits = value.size() == 64 && std::ranges::all_of(value, [](char c) {
                            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                        });
    return digits ? std::nullopt
                  : problem("is not 64 hexadecimal digits; make them with: printf %s KEY | sha256sum");
}

problem name_problem(std::string_view value) {
    const bool legal = !value.empty() && value.size() <= 64 && std::ranges::all_of(value, [](char c) {
        return is_letter_or_digit(c) || c == '_' || c == '-';
    });
    return legal ? std::nullopt : problem("is not a name: 1 to 64 letters, digits, underscores or hyphens");
}

problem place_problem(std::string_view value) {
    constexpr std::string_view header = "header ";
    constexpr std::string_view body = "body ";
    if ((value.starts_with(header) && is_token(value.substr(header.size()))) ||
        (value.starts_with(body) && is_json_pointer(value.substr(body.size()))))
        return std::nullopt;
    return "is not `header NAME` or `body /json/pointer`";
}

problem header_name_problem(std::string_view value) {
    return is_token(value) ? std::nullopt : problem("is not the name of a header");
}

problem fixed_header_problem(std::string_view name, std::string_view value) {
    constexpr std::array<std::string_view, 12> own = {
        "connection",  "content-length", "content-type",      "expect", "host", "keep-alive", "te", "trailer",
        "traceparent", "tracestate",     "transfer-encoding", "upgrade"};
    if (auto wrong = header_name_problem(name))
        return wrong;
    const auto is_name = [&](std::string_view other) { return iequals(name, other); };
    if (std::ranges::any_of(own, is_name) || iequals(name.substr(0, 3), "ce-") ||
        iequals(name.substr(0, 8), "webhook-"))
        return "is a header that each delivery sets itself";
    const bool legal =
        std::ranges::none_of(value, [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
    return legal ? std::nullopt : problem("has control characters, which no header can have");
}

problem signing_secret_problem(std::string_view value) {
    constexpr std::string_view prefix = "whsec_";
    const std::string_view digits =
        value.starts_with(prefix) ? value.substr(prefix.size()) : std::string_view{};
    const std::string_view plain = digits.substr(0, digits.find_last_not_of('=') + 1);
    const bool base64 =
        !plain.empty() && digits.size() % 4 == 0 && digits.size() - plain.size() <= 2 &&
        std::ranges::all_of(plain, [](char c) { return is_letter_or_digit(c) || c == '+' || c == '/'; });
    return base64 ? std::nullopt
                  : problem("is not whsec_ and base64; make one with: echo whsec_$(openssl rand -base64 32)");
}

problem bearer_problem(std::string_view value) {
    constexpr std::size_t most_bytes = 8'192; // a longer one is refused where it is shown
    const bool legal = value.size() <= most_bytes &&
                       std::ranges::all_of(value, [](char c) { return c > ' ' && c < '\x7f'; });
    return legal
               ? std::nullopt
               : problem(
                     "is not what Authorization: Bearer can carry: visible ASCII without spaces, 8192 bytes "
                     "at most; make one with: openssl rand -hex 32");
}

} // namespace millrace::settings
