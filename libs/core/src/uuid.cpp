#include "millrace/core/uuid.hpp"

namespace millrace {

uuid7_generator::uuid7_generator(std::uint64_t seed) noexcept : random_(seed) {}

std::array<char, 36> uuid7_generator::next(unix_ms now) noexcept {
    // A clock that steps back, or a counter that runs out, borrows from the next millisecond: ids never
    // repeat.
    if (now.value > last_ms_) {
        last_ms_ = now.value;
        counter_ = static_cast<std::uint32_t>(random_() & 0x7ff);
    } else if (++counter_ > 0xfff) {
        ++last_ms_;
        counter_ = 0;
    }
    const auto ms = static_cast<std::uint64_t>(last_ms_);
    const std::uint64_t high = (ms << 16) | 0x7000U | counter_;
    const std::uint64_t low = (random_() >> 2) | 0x8000000000000000U;

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
