#include "base64.hpp"

#include <array>
#include <cstdint>

namespace millrace::event {
namespace {

constexpr std::uint8_t invalid = 0xff;

constexpr std::array<std::uint8_t, 256> make_values() {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::array<std::uint8_t, 256> values{};
    values.fill(invalid);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr auto values = make_values();

} // namespace

std::optional<std::string_view> decode_base64(std::string_view text, text_arena& arena) {
    if (text.size() % 4 != 0)
        return std::nullopt;
    if (text.ends_with('='))
        text.remove_suffix(text.ends_with("==") ? 2 : 1);

    char* const out = arena.reserve(text.size() * 3 / 4);
    std::size_t size = 0;
    std::uint32_t bits = 0; // of which the lowest `pending` are not written yet
    unsigned pending = 0;
    for (const char c : text) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value == invalid)
            return std::nullopt;
        bits = bits << 6 | value;
        pending += 6;
        if (pending >= 8) {
            pending -= 8;
            out[size++] = static_cast<char>(bits >> pending & 0xff);
        }
    }
    if ((bits & ((1U << pending) - 1)) != 0) // RFC 4648, section 3.5: two texts must not mean the same octets
        return std::nullopt;
    return std::string_view(out, size);
}

} // namespace millrace::event
