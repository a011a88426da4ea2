#include "millrace/core/keyed_hash.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace millrace {
namespace {

std::uint64_t little_endian(std::uint64_t w) noexcept {
    if constexpr (std::endian::native == std::endian::big)
        return __builtin_bswap64(w);
    return w;
}

} // namespace

hash_secret hash_secret::random() {
    std::array<std::uint64_t, 2> words{};
    if (::getrandom(words.data(), sizeof words, 0) != static_cast<ssize_t>(sizeof words))
        throw std::system_error(errno, std::generic_category(), "no random numbers from the system");
    return {words[0], words[1]};
}

keyed_hash& keyed_hash::text(std::string_view octets) noexcept {
    keyed_hash h = *this; // in registers: `octets` might be part of this, for all that the compiler knows
    h.word(octets.size());
    const char* at = octets.data();
    std::size_t left = octets.size();
    std::uint64_t w = 0;
    for (; left >= sizeof w; at += sizeof w, left -= sizeof w) {
        std::memcpy(&w, at, sizeof w);
        h.word(little_endian(w));
    }
    if (left > 0) {
        w = 0;
        std::memcpy(&w, at, left);
        h.word(little_endian(w));
    }
    return *this = h;
}

hash128 keyed_hash::finish() noexcept {
    word((size_ & 0xff) << 56);
    v2_ ^= 0xee;
    for (int i = 0; i < 4; ++i)
        round();
    const std::uint64_t low = v0_ ^ v1_ ^ v2_ ^ v3_;
    v1_ ^= 0xdd;
    for (int i = 0; i < 4; ++i)
        round();
    return {low, v0_ ^ v1_ ^ v2_ ^ v3_};
}

} // namespace millrace
