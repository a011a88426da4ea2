#include "millrace/core/text.hpp"

#include <boost/nowide/utf/utf.hpp>

#include <algorithm>
#include <array>
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

constexpr std::array<bool, 256> needs_escape = [] { // in a string of JSON: RFC 8259, section 7
    std::array<bool, 256> table{};
    std::fill_n(table.begin(), 0x20, true);
    table['"'] = table['\\'] = true;
    return table;
}();

// What needs no escape goes over in runs: a receipt is mostly that.
void append_json_string(std::string& to, std::string_view text) {
    to += '"';
    std::size_t kept = 0; // up to here it is in `to`
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        if (!needs_escape[octet])
            continue;
        to.append(text, kept, i - kept);
        kept = i + 1;
        if (octet >= 0x20) {
            to += '\\';
            to += text[i];
        } else {
            to += "\\u00";
            to += hex_digits[octet >> 4];
            to += hex_digits[octet & 0xf];
        }
    }
    to.append(text, kept);
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

// Names mostly come as they are written here, and others differ at once.
bool iequals(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size())
        return false;
    if (a == b)
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
