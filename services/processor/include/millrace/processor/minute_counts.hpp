// Counts of many things, and of each how many came in each of the last 60 minutes. No I/O, no clock: whoever
// counts says when time has passed, once a minute, and counting itself stays an addition.
#pragma once

#include "millrace/core/clock.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace millrace::processor {

/// A window is a minute of UTC, by the clock of whoever calls `turn`: what was counted between two turns
/// belongs to the minute that the first of them began. A clock that is set back lengthens the window that
/// runs; one that is set forward leaves empty windows behind. 256 bytes a count, from its first event on. One
/// thread.
class minute_counts {
  public:
    static constexpr std::size_t kept = 60; ///< windows, the running one among them

    using index = std::size_t;

    explicit minute_counts(unix_ms now) noexcept : minute_(minute_of(now)) {}

    /// A new count, from 0 on.
    index add() {
        all_.emplace_back();
        return all_.size() - 1;
    }

    /// The caller's to increase, never to decrease; its address stays the same.
    std::uint64_t& count(index i) noexcept { return all_[i].total; }
    std::uint64_t count(index i) const noexcept { return all_[i].total; }
    std::size_t size() const noexcept { return all_.size(); }

    /// Ends the running window if its minute is over. Takes time in proportion to `size`, so once a minute is
    /// enough.
    void turn(unix_ms now) noexcept;

    /// Counts of the windows, the running one first, up to the oldest one that is not 0.
    std::vector<std::uint64_t> per_minute(index i) const;

    unix_ms running_since() const noexcept { return unix_ms{minute_ * minute_ms}; }
    /// Until the running window ends; at least 1 ms.
    milliseconds left(unix_ms now) const noexcept;

  private:
    static constexpr std::int64_t minute_ms = 60'000;
    static constexpr std::size_t ended = kept - 1;

    struct series {
        std::uint64_t total = 0;
        std::uint64_t before = 0; // total when the running window began
        std::array<std::uint32_t, ended> windows{};
    };

    static std::int64_t minute_of(unix_ms t) noexcept { return t.value / minute_ms; }
    static std::size_t slot(std::int64_t minute) noexcept { return static_cast<std::size_t>(minute) % ended; }

    std::deque<series> all_; // does not move what it holds
    std::int64_t minute_;
};

} // namespace millrace::processor
