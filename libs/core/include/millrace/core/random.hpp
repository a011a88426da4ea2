// Random numbers for ids, jitter and trace ids: well spread and fast, not secret.
#pragma once

#include <cstdint>
#include <limits>

namespace millrace {

/// SplitMix64 (Steele, Lea and Flood, 2014): eight instructions a number. Meets UniformRandomBitGenerator.
/// Not thread-safe: one a loop.
class fast_random {
  public:
    using result_type = std::uint64_t;

    fast_random(); ///< seeded by the operating system
    explicit fast_random(std::uint64_t seed) noexcept : state_(seed) {}

    std::uint64_t operator()() noexcept {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    static constexpr std::uint64_t min() noexcept { return 0; }
    static constexpr std::uint64_t max() noexcept { return std::numeric_limits<std::uint64_t>::max(); }

  private:
    std::uint64_t state_;
};

} // namespace millrace
