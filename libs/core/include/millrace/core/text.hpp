// Small rules about text that several protocols share.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace millrace {

/// Whether the octets are well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms).
bool is_utf8(std::string_view octets) noexcept;

/// Whether all octets are of ASCII and none is a control character: nothing further has to be asked of most
/// text.
bool is_printable_ascii(std::string_view octets) noexcept;

/// Decodes %XX (RFC 3986, section 2.1). Nothing where a % is not followed by two hexadecimal digits.
std::optional<std::string> percent_decode(std::string_view text);

/// The value of the first query parameter of that name, as sent; nothing where it is absent.
std::optional<std::string_view> raw_query_parameter(std::string_view query, std::string_view name) noexcept;

/// Whether more than one query parameter has that name: two readers could take two different ones.
bool has_repeated_query_parameter(std::string_view query, std::string_view name) noexcept;

/// A query value with `+` read as a space and %XX decoded; nothing where it is malformed.
std::optional<std::string> decode_query_value(std::string_view raw);

/// Both in one, where a malformed value may count as absent.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

/// Appends the number in decimal digits.
template <std::integral T>
void append_number(std::string& to, T number) {
    char digits[std::numeric_limits<T>::digits10 + 2]; // and a sign
    to.append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

/// Appends the text as a JSON string with its quotes (RFC 8259, section 7); `text` is valid UTF-8.
void append_json_string(std::string& to, std::string_view text);

/// Appends the text with everything but RFC 3986's unreserved characters percent-encoded.
void append_percent_encoded(std::string& to, std::string_view text);

namespace detail {
bool iequals_of_one_size(std::string_view a, std::string_view b) noexcept;
}

/// Whether a and b are equal, ASCII letters without regard to case. Most names differ in size: that is asked
/// first.
inline bool iequals(std::string_view a, std::string_view b) noexcept {
    return a.size() == b.size() && detail::iequals_of_one_size(a, b);
}

/// Without the spaces and tabs at both ends (RFC 9110, section 5.6.3: OWS).
std::string_view trim(std::string_view text) noexcept;

/// A decimal number that fits T, with nothing before or after it.
template <class T>
std::optional<T> parse_number(std::string_view text) noexcept {
    T value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Levenshtein's distance, in octets.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that is nearest by edit distance, or empty where none is near enough to be meant.
template <class Range>
std::string_view nearest(std::string_view name, const Range& candidates) {
    std::string_view best;
    std::size_t best_distance = name.size() / 3 + 2;
    for (const auto& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best = candidate;
            best_distance = distance;
        }
    }
    return best;
}

} // namespace millrace
