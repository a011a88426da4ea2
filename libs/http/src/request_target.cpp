#include "request_target.hpp"

#include "characters.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>
#include <cstdint>

namespace millrace::http {
namespace {

// RFC 3986, sections 3.2.2 and 3.3; percent signs are looked at on their own.
constexpr char_class is_path_char("-._~/%!$&'()*+,;=:@");
constexpr char_class is_host_char("-._~%!$&'()*+;=");

/// A percent sign that begins no percent-encoding is read differently by everyone.
bool percent_signs_are_sound(std::string_view text) noexcept {
    for (std::size_t i = text.find('%'); i != std::string_view::npos; i = text.find('%', i + 1))
        if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0)
            return false;
    return true;
}

bool is_query_char(char c) noexcept {
    return c > 0x20 && c < 0x7f && c != '"' && c != '#' && c != '<' && c != '>';
}

bool is_address_char(char c) noexcept {
    return hex_digit(c) >= 0 || c == ':' || c == '.';
}

} // namespace

bool is_authority(std::string_view text) noexcept {
    std::string_view port;
    if (text.starts_with('[')) { // an IPv6 address, its colons its own
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos || end < 3 ||
            !std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(end), is_address_char))
            return false;
        port = text.substr(end + 1);
    } else {
        const std::string_view host = text.substr(0, text.find(':'));
        port = text.substr(host.size());
        if (!is_host_char.has_all(host) || !percent_signs_are_sound(host) || (host.empty() && !port.empty()))
            return false;
    }
    if (port.empty() || port == ":") // RFC 3986, section 3.2.3: the port may be empty
        return true;
    return port.front() == ':' && parse_number<std::uint16_t>(port.substr(1)).has_value();
}

const char* split_target(std::string_view target, bool asterisk, request_target& into) noexcept {
    into = {};
    if (asterisk && target == "*") {
        into.path = target;
        return nullptr;
    }
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (target.size() <= scheme.size() || !iequals(target.substr(0, scheme.size()), scheme))
            continue;
        target.remove_prefix(scheme.size());
        into.authority = target.substr(0, target.find_first_of("/?"));
        if (into.authority.empty() || !is_authority(into.authority))
            return "The request target is a URI without a valid host. Send http://host/path, or the path "
                   "alone.";
        target.remove_prefix(into.authority.size());
        if (target.empty() && asterisk) { // RFC 9112, section 3.2.4
            into.path = "*";
            return nullptr;
        }
        break;
    }
    if (into.authority.empty() && !target.starts_with('/'))
        return "The request target is neither a path nor an absolute URI. Start it with a slash.";
    const std::size_t mark = target.find('?');
    into.path = target.substr(0, mark);
    into.query = mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1);
    if (!is_path_char.has_all(into.path) || !percent_signs_are_sound(into.path))
        return "The path has characters that a URI does not have. Percent-encode them.";
    if (!std::all_of(into.query.begin(), into.query.end(), is_query_char))
        return "The query has characters that a URI does not have. Percent-encode them.";
    if (into.path.empty())
        into.path = "/";
    return nullptr;
}

} // namespace millrace::http
