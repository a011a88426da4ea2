#include "millrace/core/text.hpp"

#include <boost/nowide/utf/utf.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <vector>

namespace millrace {
namespace {

constexpr char hex_digits[] = "0123456789ABCDEF";

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

// Eight octets at once, each in its own part of a word: a test leaves the highest bit of a part that it holds
// for, and may say more only where it says something anyway.
constexpr std::uint64_t each(std::uint64_t octet) noexcept {
    return octet * 0x0101'0101'0101'0101U;
}

constexpr std::uint64_t below_space(std::uint64_t eight) noexcept {
    return (eight - each(0x20)) & ~eight & each(0x80);
}

constexpr std::uint64_t equal_to(std::uint64_t eight, char c) noexcept {
    const std::uint64_t zero = eight ^ each(static_cast<unsigned char>(c));
    return (zero - each(1)) & ~zero & each(0x80);
}

template <class Word>
std::uint64_t load(std::string_view octets, std::size_t at) noexcept {
    Word word = 0;
    std::memcpy(&word, octets.data() + at, sizeof word);
    return word;
}

// Up to seven octets in any order, some of them more than once, filled up with letters.
std::uint64_t load_few(std::string_view octets) noexcept {
    const std::size_t size = octets.size();
    if (size >= 4)
        return load<std::uint32_t>(octets, 0) | load<std::uint32_t>(octets, size - 4) << 32U;
    std::uint64_t word = each('x');
    for (const char c : octets)
        word = word << 8U | static_cast<unsigned char>(c);
    return word;
}

// Whether the test holds for any octet. The last ones are perhaps looked at twice.
template <class Test>
bool holds_for_any(std::string_view octets, Test test) noexcept {
    if (octets.size() < 8)
        return test(load_few(octets)) != 0;
    std::uint64_t found = test(load<std::uint64_t>(octets, octets.size() - 8));
    for (std::size_t at = 0; at + 8 < octets.size(); at += 8)
        found |= test(load<std::uint64_t>(octets, at));
    return found != 0;
}

char lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

bool is_utf8(std::string_view octets) noexcept {
    namespace utf = boost::nowide::utf;
    auto at = octets.begin();
    while (at != octets.end()) {
        const utf::code_point c = utf::utf_traits<char>::decode(at, octets.end());
        if (c == utf::illegal || c == utf::incomplete)
            return false;
    }
    return true;
}

bool is_printable_ascii(std::string_view octets) noexcept {
    return !holds_for_any(octets, [](std::uint64_t eight) {
        return below_space(eight) | equal_to(eight, 0x7f) | (eight & each(0x80));
    });
}

std::optional<std::string> percent_decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
        if (high < 0 || low < 0)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

namespace {

// The first one of that name; `query` keeps what follows it.
std::optional<std::string_view> take_query_parameter(std::string_view& query,
                                                     std::string_view name) noexcept {
    while (!query.empty()) {
        const std::string_view pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        if (pair.substr(0, equals) == name)
            return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string_view> raw_query_parameter(std::string_view query, std::string_view name) noexcept {
    return take_query_parameter(query, name);
}

bool has_repeated_query_parameter(std::string_view query, std::string_view name) noexcept {
    return take_query_parameter(query, name) && take_query_parameter(query, name);
}

std::optional<std::string> decode_query_value(std::string_view raw) {
    std::string value(raw);
    std::ranges::replace(value, '+', ' ');
    return percent_decode(value);
}

std::optional<std::string> query_parameter(std::string_view query, std::string_view name) {
    const auto raw = raw_query_parameter(query, name);
    return raw ? decode_query_value(*raw) : std::nullopt;
}

namespace {

void append_escaped(std::string& to, std::string_view text) {
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20) {
            if (c == '"' || c == '\\')
                to += '\\';
            to += c;
        } else {
            to += "\\u00";
            to += hex_digits[octet >> 4];
            to += hex_digits[octet & 0xf];
        }
    }
}

} // namespace

void append_json_string(std::string& to, std::string_view text) {
    const bool escapes = holds_for_any(text, [](std::uint64_t eight) {
        return below_space(eight) | equal_to(eight, '"') | equal_to(eight, '\\');
    });
    to += '"';
    if (escapes)
        append_escaped(to, text);
    else
        to.append(text);
    to += '"';
}

void append_percent_encoded(std::string& to, std::string_view text) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved)
            continue;
        to.append(text, kept, i - kept);
        kept = i + 1;
        const auto octet = static_cast<unsigned char>(c);
        to += '%';
        to += hex_digits[octet >> 4];
        to += hex_digits[octet & 0xf];
    }
    to.append(text, kept);
}

bool detail::iequals_of_one_size(std::string_view a, std::string_view b) noexcept {
    if (a == b) // most that are equal are so to the letter
        return true;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && lower(a[i]) != lower(b[i]))
            return false;
    return true;
}

std::string_view trim(std::string_view text) noexcept {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t above = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
            diagonal = above;
        }
    }
    return row[b.size()];
}

} // namespace millrace
