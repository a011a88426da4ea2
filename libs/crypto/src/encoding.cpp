#include "millrace/crypto/encoding.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace millrace::crypto {
namespace {

constexpr std::string_view standard_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> inverse(std::string_view alphabet) {
    std::array<std::uint8_t, 256> out{};
    out.fill(invalid);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        out[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return out;
}

constexpr auto standard_values = inverse(standard_alphabet);
constexpr auto url_values = inverse(url_alphabet);

std::uint8_t byte(char c) {
    return static_cast<std::uint8_t>(c);
}

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : bytes) {
        held = held << 8 | byte(c);
        for (bits += 8; bits >= 6; bits -= 6)
            out += alphabet[held >> (bits - 6) & 63U];
    }
    if (bits > 0)
        out += alphabet[held << (6 - bits) & 63U];
    while (padded && out.size() % 4 != 0)
        out += '=';
    return out;
}

std::optional<std::string> decode(std::string_view text, const std::array<std::uint8_t, 256>& values,
                                  padding with) {
    if (with == padding::required) {
        if (text.size() % 4 != 0)
            return std::nullopt;
        for (int most = 2; most > 0 && text.ends_with('='); --most)
            text.remove_suffix(1);
    }
    if (text.size() % 4 == 1)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t held = 0;
    int bits = 0;
    for (const char c : text) {
        const std::uint8_t value = values[byte(c)];
        if (value == invalid)
            return std::nullopt;
        held = held << 6 | value;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out += static_cast<char>(held >> bits & 0xffU);
        }
    }
    if ((held & ((1U << bits) - 1U)) != 0)
        return std::nullopt;
    return out;
}

int digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        out += digits[byte(c) >> 4U];
        out += digits[byte(c) & 15U];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0)
        return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = digit(text[i]);
        const int low = digit(text[i + 1]);
        if (high < 0 || low < 0)
            return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string to_base64(std::string_view bytes) {
    return encode(bytes, standard_alphabet, true);
}

std::string to_base64url(std::string_view bytes) {
    return encode(bytes, url_alphabet, false);
}

std::optional<std::string> from_base64(std::string_view text, padding with) {
    return decode(text, standard_values, with);
}

std::optional<std::string> from_base64url(std::string_view text, padding with) {
    return decode(text, url_values, with);
}

} // namespace millrace::crypto
