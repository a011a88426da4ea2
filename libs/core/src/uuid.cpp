#include "millrace/core/uuid.hpp"

#include <algorithm>
#include <random>

namespace millrace {
namespace {

std::uint64_t seed_from_system() {
    std::random_device device;
    return (std::uint64_t{device()} << 32) | device();
}

} // namespace

uuid7_generator::uuid7_generator() : uuid7_generator(seed_from_system()) {}

uuid7_generator::uuid7_generator(std::uint64_t seed) noexcept : state_(seed) {}

// SplitMix64: well spread, eight instructions; ids need to differ, not to be secret.
std::uint64_t uuid7_generator::random() noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

std::array<char, 36> uuid7_generator::next(unix_ms now) noexcept {
    // A clock that steps back, or a counter that runs out, borrows from the next millisecond: ids never repeat.
    if (now.value > last_ms_) {
        last_ms_ = now.value;
        counter_ = static_cast<std::uint32_t>(random() & 0x7ff);
    } else if (++counter_ > 0xfff) {
        ++last_ms_;
        counter_ = 0;
    }
    const auto ms = static_cast<std::uint64_t>(last_ms_);
    const std::uint64_t high = (ms << 16) | 0x7000U | counter_;
    const std::uint64_t low = (random() >> 2) | 0x8000000000000000U;

    static constexpr char digits[] = "0123456789abcdef";
    std::array<char, 36> text;
    std::size_t at = 0;
    for (int nibble = 0; nibble < 32; ++nibble) {
        if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20)
            text[at++] = '-';
        const std::uint64_t half = nibble < 16 ? high : low;
        text[at++] = digits[(half >> (60 - 4 * (nibble % 16))) & 0xf];
    }
    return text;
}

} // namespace millrace
