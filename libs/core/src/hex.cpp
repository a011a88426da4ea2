#include "millrace/core/hex.hpp"

#include <boost/endian/conversion.hpp>

#include <cstring>

namespace millrace {

// Eight digits at a time: each nibble into an octet of its own, then all of them to characters at once.
void write_hex(std::span<char, 16> to, std::uint64_t number) noexcept {
    char* out = to.data();
    for (std::uint64_t half : {number >> 32, number & 0xffff'ffffU}) {
        half = (half | half << 16) & 0x0000'ffff'0000'ffffU;
        half = (half | half << 8) & 0x00ff'00ff'00ff'00ffU;
        half = (half | half << 4) & 0x0f0f'0f0f'0f0f'0f0fU;
        const std::uint64_t letters = ((half + 0x0606'0606'0606'0606U) >> 4) & 0x0101'0101'0101'0101U;
        half += 0x3030'3030'3030'3030U + letters * ('a' - '0' - 10);
        half = boost::endian::native_to_big(half);
        std::memcpy(out, &half, sizeof half);
        out += sizeof half;
    }
}

} // namespace millrace
