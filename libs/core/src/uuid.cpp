#include "millrace/core/uuid.hpp"

#include "millrace/core/hex.hpp"

#include <cstring>
#include <span>

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

    std::array<char, 32> digits;
    write_hex(std::span(digits).first<16>(), high);
    write_hex(std::span(digits).last<16>(), low);
    std::array<char, 36> text;
    struct group {
        std::size_t to, from, size;
    };
    for (const auto& [to, from, size] : {group{0, 0, 8}, {9, 8, 4}, {14, 12, 4}, {19, 16, 4}, {24, 20, 12}})
        std::memcpy(text.data() + to, digits.data() + from, size);
    text[8] = text[13] = text[18] = text[23] = '-';
    return text;
}

} // namespace millrace
