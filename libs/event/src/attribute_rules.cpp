#include "attribute_rules.hpp"

#include "media_type.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>
#include <array>

namespace millrace::event {
namespace {

bool is_ascii_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex_digit(char c) noexcept {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// U+0080 to U+009F, U+FDD0 to U+FDEF, and the last two of each plane, in text that is known to be UTF-8.
bool has_unwanted_character(std::string_view utf8) noexcept {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(utf8[i]); };
    for (std::size_t i = 0; i < utf8.size(); ++i) {
        if (octet(i) == 0xc2 && octet(i + 1) < 0xa0)
            return true;
        if (octet(i) == 0xef && octet(i + 1) == 0xb7 && octet(i + 2) >= 0x90 && octet(i + 2) <= 0xaf)
            return true;
        if (octet(i) == 0xef && octet(i + 1) == 0xbf && octet(i + 2) >= 0xbe)
            return true;
        if (octet(i) >= 0xf0 && (octet(i + 1) & 0x0f) == 0x0f && octet(i + 2) == 0xbf && octet(i + 3) >= 0xbe)
            return true;
    }
    return false;
}

// Two digits at `at`, between low and high.
bool is_two_digits(std::string_view text, std::size_t at, int low, int high) noexcept {
    if (at + 2 > text.size() || !is_digit(text[at]) || !is_digit(text[at + 1]))
        return false;
    const int value = (text[at] - '0') * 10 + (text[at + 1] - '0');
    return value >= low && value <= high;
}

int days_of_month(std::string_view date) noexcept {
    const int year = *parse_number<int>(date.substr(0, 4));
    const int month = *parse_number<int>(date.substr(5, 2));
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool is_time_offset(std::string_view text) noexcept {
    if (text == "Z" || text == "z")
        return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && text[3] == ':' &&
           is_two_digits(text, 1, 0, 23) && is_two_digits(text, 4, 0, 59);
}

bool has_scheme(std::string_view text) noexcept {
    const std::string_view scheme = text.substr(0, text.find(':'));
    return scheme.size() < text.size() && !scheme.empty() && is_letter(scheme.front()) &&
           std::ranges::all_of(
               scheme,
               [](char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '-' || c == '.'; });
}

} // namespace

std::string_view problem_of_name(std::string_view name) noexcept {
    if (name == "data")
        return "An attribute cannot be named data.";
    const bool legal = !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || is_digit(c);
    });
    return legal ? std::string_view{}
                 : "The name of an attribute is made of lower-case letters a-z and digits.";
}

std::string_view problem_of_text(std::string_view value) noexcept {
    if (is_printable_ascii(value))
        return {};
    if (std::ranges::any_of(value, is_ascii_control))
        return "The value must not contain control characters.";
    if (!is_utf8(value))
        return "The value is not valid UTF-8.";
    if (has_unwanted_character(value))
        return "The value must not contain control characters or Unicode non-characters.";
    return {};
}

std::string_view problem_of_value(std::string_view name, std::string_view value) noexcept {
    if (name == "datacontenttype") { // its grammar says more about its characters, and has tabs
        const auto type = parse_media_type(value);
        if (!type)
            return "The value must be a media type, such as application/json.";
        return type->is_cloud_events()
                   ? "The value must not be a media type of CloudEvents: the record would "
                     "be read as the event in its data, and not as this one."
                   : std::string_view{};
    }
    if (const std::string_view problem = problem_of_text(value); !problem.empty())
        return problem;
    if (name == "specversion")
        return value == "1.0"
                   ? std::string_view{}
                   : "The only specversion that is understood is 1.0; send the event as that version.";
    if (name == "id" || name == "type" || name == "subject" || name == "partitionkey")
        return value.empty() ? "The value must not be empty." : std::string_view{};
    if (name == "source")
        return is_uri_reference(value) ? std::string_view{} : "The value must be a non-empty URI-reference.";
    if (name == "dataschema")
        return is_uri_reference(value) && has_scheme(value) ? std::string_view{}
                                                            : "The value must be an absolute URI.";
    if (name == "time")
        return is_rfc3339(value) ? std::string_view{}
                                 : "The value must be a time of RFC 3339, such as 2026-01-31T12:00:00Z.";
    return {};
}

bool is_rfc3339(std::string_view text) noexcept {
    if (text.size() < 20 || text[4] != '-' || text[7] != '-' || (text[10] != 'T' && text[10] != 't') ||
        text[13] != ':' || text[16] != ':')
        return false;
    const bool in_range = is_two_digits(text, 0, 0, 99) && is_two_digits(text, 2, 0, 99) &&
                          is_two_digits(text, 5, 1, 12) && is_two_digits(text, 11, 0, 23) &&
                          is_two_digits(text, 14, 0, 59) && is_two_digits(text, 17, 0, 60); // 60: leap second
    if (!in_range || !is_two_digits(text, 8, 1, days_of_month(text)))
        return false;
    text.remove_prefix(19);
    if (text.front() == '.') {
        const std::size_t end = text.find_first_not_of("0123456789", 1);
        if (end == 1 || end == std::string_view::npos)
            return false;
        text.remove_prefix(end);
    }
    return is_time_offset(text);
}

bool is_uri_reference(std::string_view text) noexcept {
    static constexpr auto is_of_none = [] {
        std::array<bool, 256> table{};
        for (unsigned char c = 0; c <= ' '; ++c)
            table[c] = true;
        for (const char c : std::string_view("\"<>\\^`{|}\x7f"))
            table[static_cast<unsigned char>(c)] = true;
        return table;
    }();
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (is_of_none[static_cast<unsigned char>(c)])
            return false;
        if (c == '%' && !(i + 2 < text.size() && is_hex_digit(text[i + 1]) && is_hex_digit(text[i + 2])))
            return false;
    }
    return !text.empty();
}

} // namespace millrace::event
