// UUID version 7 (RFC 9562, section 5.7): the id of an event to which its client gave none.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/random.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace {

/// Makes UUIDs that sort by time; within one millisecond a 12-bit counter keeps the order (section 6.2,
/// method 1). Not thread-safe: one a loop. Seeded from the operating system once, at construction.
class uuid7_generator {
  public:
    uuid7_generator() = default;
    explicit uuid7_generator(std::uint64_t seed) noexcept; ///< for tests

    /// 36 characters, lower case, in canonical form.
    std::array<char, 36> next(unix_ms now) noexcept;

  private:
    fast_random random_;
    std::int64_t last_ms_ = 0;
    std::uint32_t counter_ = 0;
};

} // namespace millrace
