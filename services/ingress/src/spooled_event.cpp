#include "spooled_event.hpp"

namespace millrace::ingress {
namespace {

constexpr std::size_t size_bytes = 4;

void append(std::string& to, std::string_view text) {
    for (std::size_t i = 0; i < size_bytes; ++i)
        to += static_cast<char>((text.size() >> (8 * i)) & 0xff);
    to += text;
}

std::optional<std::string_view> take(std::string_view& from) {
    if (from.size() < size_bytes)
        return std::nullopt;
    std::size_t size = 0;
    for (std::size_t i = 0; i < size_bytes; ++i)
        size |= static_cast<std::size_t>(static_cast<unsigned char>(from[i])) << (8 * i);
    from.remove_prefix(size_bytes);
    if (from.size() < size)
        return std::nullopt;
    const std::string_view text = from.substr(0, size);
    from.remove_prefix(size);
    return text;
}

} // namespace

std::string pack(std::span<const field> headers) {
    std::string packed;
    std::size_t size = 0;
    for (const field& h : headers)
        size += h.name.size() + h.value.size() + 2 * size_bytes;
    packed.reserve(size);
    for (const field& h : headers) {
        append(packed, h.name);
        append(packed, h.value);
    }
    return packed;
}

bool unpack(std::string_view packed, std::vector<field>& to) {
    while (!packed.empty()) {
        const auto name = take(packed);
        const auto value = name ? take(packed) : std::nullopt;
        if (!value)
            return false;
        to.push_back({*name, *value});
    }
    return true;
}

} // namespace millrace::ingress
