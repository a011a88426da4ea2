// Classes of octets that HTTP and URIs are made of.
#pragma once

#include <array>
#include <string_view>

namespace millrace::http {

constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// Letters, digits and some others, as a table: these are asked of each octet of a head.
class char_class {
  public:
    explicit constexpr char_class(std::string_view others) {
        for (int c = 0; c < 256; ++c)
            is_in_[static_cast<unsigned char>(c)] = is_alphanumeric(static_cast<char>(c));
        for (const char c : others)
            is_in_[static_cast<unsigned char>(c)] = true;
    }

    constexpr bool operator()(char c) const noexcept { return is_in_[static_cast<unsigned char>(c)]; }

    constexpr bool has_all(std::string_view text) const noexcept {
        for (const char c : text)
            if (!(*this)(c))
                return false;
        return true;
    }

  private:
    std::array<bool, 256> is_in_{};
};

/// RFC 9110, section 5.6.2: tchar.
inline constexpr char_class is_token_char("!#$%&'*+-.^_`|~");

/// RFC 3986, section 2.3.
inline bool is_unreserved(char c) noexcept {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/// Any but a horizontal tab, which values may have.
inline bool is_control(char c) noexcept {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

/// The value of a hexadecimal digit, or -1.
inline int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

} // namespace millrace::http
