#include "formats.hpp"

#include "attribute_rules.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

namespace millrace::event {
namespace {

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int two_digits(std::string_view text, std::size_t at) noexcept {
    return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

// RFC 3339, section 5.7: a leap second ends a day of UTC.
bool is_date_time(std::string_view text) noexcept {
    if (!is_rfc3339(text))
        return false;
    if (text.substr(17, 2) != "60")
        return true;
    int minutes = two_digits(text, 11) * 60 + two_digits(text, 14);
    if (text.back() != 'Z' && text.back() != 'z') {
        const std::size_t offset = text.size() - 6;
        const int ahead = two_digits(text, offset + 1) * 60 + two_digits(text, offset + 4);
        minutes += text[offset] == '+' ? -ahead : ahead;
    }
    constexpr int day = 24 * 60;
    return (minutes + 2 * day) % day == day - 1;
}

// Both are halves of a date-time: no other rules than its own.
bool is_date(std::string_view text) noexcept {
    std::array<char, 20> whole{};
    if (text.size() != 10)
        return false;
    const std::string_view midnight = "T00:00:00Z";
    std::ranges::copy(midnight, std::ranges::copy(text, whole.begin()).out);
    return is_date_time({whole.data(), whole.size()});
}

bool is_time(std::string_view text) noexcept {
    constexpr std::size_t most = 64; // digits of a fraction beyond any clock's
    constexpr std::string_view day = "2000-01-01T";
    std::array<char, day.size() + most> whole{};
    if (text.size() > most)
        return false;
    std::ranges::copy(text, std::ranges::copy(day, whole.begin()).out);
    return is_date_time({whole.data(), day.size() + text.size()});
}

// RFC 1123, section 2.1.
bool is_hostname(std::string_view text) noexcept {
    if (text.empty() || text.size() > 253)
        return false;
    for (;;) {
        const std::size_t dot = text.find('.');
        const std::string_view label = text.substr(0, dot);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-' ||
            !std::ranges::all_of(label, [](char c) { return is_letter(c) || is_digit(c) || c == '-'; }))
            return false;
        if (dot == std::string_view::npos)
            return true;
        text.remove_prefix(dot + 1);
    }
}

// RFC 2673, section 3.2: decimal, no leading zeros.
bool is_ipv4(std::string_view text) noexcept {
    for (int part = 0; part < 4; ++part) {
        const std::size_t size = std::min(text.find('.'), text.size());
        const std::string_view number = text.substr(0, size);
        const auto value = parse_number<unsigned>(number);
        if (!value || *value > 255 || (number.size() > 1 && number.front() == '0'))
            return false;
        text.remove_prefix(size);
        if (part < 3 && !text.starts_with('.'))
            return false;
        if (part < 3)
            text.remove_prefix(1);
    }
    return text.empty();
}

// RFC 4291, section 2.2.
bool is_ipv6(std::string_view text) noexcept {
    if (text.size() < 2 || text.size() > 45 || (text.front() == ':' && text[1] != ':'))
        return false;
    std::size_t groups = 0;
    bool shortened = false;
    while (!text.empty()) {
        if (text.starts_with("::")) {
            if (shortened)
                return false;
            shortened = true;
            text.remove_prefix(2);
            if (text.starts_with(':'))
                return false;
            continue;
        }
        if (text.front() == ':') { // between two groups
            text.remove_prefix(1);
            if (text.empty() || text.front() == ':')
                return false;
        }
        const std::size_t size = std::min(text.find(':'), text.size());
        const std::string_view group = text.substr(0, size);
        if (size == text.size() && group.find('.') != std::string_view::npos) {
            groups += 2;
            if (!is_ipv4(group))
                return false;
        } else if (++groups; group.empty() || group.size() > 4 || !std::ranges::all_of(group, is_hex_digit)) {
            return false;
        }
        text.remove_prefix(size);
    }
    return shortened ? groups < 8 : groups == 8;
}

// RFC 5321's Mailbox (section 4.1.2).
bool is_email(std::string_view text) noexcept {
    const std::size_t at = text.rfind('@');
    if (at == std::string_view::npos || at == 0 || at > 64)
        return false;
    const std::string_view local = text.substr(0, at);
    std::string_view domain = text.substr(at + 1);
    if (local.size() >= 2 && local.front() == '"' && local.back() == '"') {
        for (std::size_t i = 1; i + 1 < local.size(); ++i) {
            if (local[i] == '\\' && i + 2 < local.size())
                ++i;
            else if (local[i] == '"' || local[i] == '\\')
                return false;
            if (local[i] < ' ' || local[i] > '~')
                return false;
        }
    } else if (local.front() == '.' || local.back() == '.' || local.find("..") != std::string_view::npos ||
               !std::ranges::all_of(local, [](char c) {
                   return is_letter(c) || is_digit(c) ||
                          std::string_view("!#$%&'*+-/=?^_`{|}~.").find(c) != std::string_view::npos;
               })) {
        return false;
    }
    if (!domain.starts_with('[') || !domain.ends_with(']'))
        return is_hostname(domain);
    domain = domain.substr(1, domain.size() - 2);
    return domain.starts_with("IPv6:") ? is_ipv6(domain.substr(5)) : is_ipv4(domain);
}

// After "//": the authority of RFC 3986, section 3.2.
bool is_authority(std::string_view text) noexcept {
    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        if (text.substr(0, at).find_first_of("[]@") != std::string_view::npos)
            return false;
        text.remove_prefix(at + 1);
    }
    std::size_t end = std::min(text.find(':'), text.size());
    if (text.starts_with('[')) {
        end = text.find(']');
        if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1)))
            return false;
        ++end;
    } else if (text.substr(0, end).find_first_of("[]@") != std::string_view::npos) {
        return false;
    }
    const std::string_view port = text.substr(end);
    return port.empty() || (port.front() == ':' && std::ranges::all_of(port.substr(1), is_digit));
}

// RFC 3986, in ASCII.
bool is_ascii_uri_reference(std::string_view text) noexcept {
    if (text.empty())
        return true;
    if (!is_uri_reference(text) ||
        !std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        return false;
    const std::size_t hash = std::min(text.find('#'), text.size());
    if (hash < text.size() && text.find_first_of("#[]", hash + 1) != std::string_view::npos)
        return false;
    text = text.substr(0, hash);
    std::size_t begin = 0; // of what follows a scheme
    const std::size_t colon = text.find(':');
    if (colon < text.find_first_of("/?")) {
        const std::string_view scheme = text.substr(0, colon);
        if (scheme.empty() || !is_letter(scheme.front()) || !std::ranges::all_of(scheme, [](char c) {
                return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.';
            }))
            return false;
        begin = colon + 1;
    }
    text.remove_prefix(begin);
    if (text.starts_with("//")) {
        const std::size_t end = std::min(text.find_first_of("/?", 2), text.size());
        if (!is_authority(text.substr(2, end - 2)))
            return false;
        text.remove_prefix(end);
    }
    return text.find_first_of("[]") == std::string_view::npos;
}

bool is_uri(std::string_view text) noexcept {
    return is_ascii_uri_reference(text) && text.find(':') < text.find_first_of("/?#");
}

// RFC 6901, section 3.
bool is_json_pointer(std::string_view text) noexcept {
    if (!text.empty() && text.front() != '/')
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '~' && (i + 1 == text.size() || (text[i + 1] != '0' && text[i + 1] != '1')))
            return false;
    }
    return true;
}

bool is_relative_json_pointer(std::string_view text) noexcept {
    const std::size_t end = std::min(text.find_first_not_of("0123456789"), text.size());
    if (end == 0 || (end > 1 && text.front() == '0'))
        return false;
    text.remove_prefix(end);
    return text == "#" || is_json_pointer(text);
}

bool is_uuid(std::string_view text) noexcept {
    if (text.size() != 36)
        return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex_digit(text[i]))
            return false;
    }
    return true;
}

constexpr std::array formats{
    string_format{"date-time", is_date_time},
    string_format{"date", is_date},
    string_format{"time", is_time},
    string_format{"email", is_email},
    string_format{"hostname", is_hostname},
    string_format{"ipv4", is_ipv4},
    string_format{"ipv6", is_ipv6},
    string_format{"uri", is_uri},
    string_format{"uri-reference", is_ascii_uri_reference},
    string_format{"json-pointer", is_json_pointer},
    string_format{"relative-json-pointer", is_relative_json_pointer},
    string_format{"uuid", is_uuid},
};

} // namespace

const string_format* find_format(std::string_view name) noexcept {
    const auto found = std::ranges::find(formats, name, &string_format::name);
    return found == formats.end() ? nullptr : &*found;
}

} // namespace millrace::event
