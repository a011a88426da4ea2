// Which events are written together, and what is tried next when that fails. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace millrace::sql {

/// Events come one by one and leave in batches; those that come while a batch is being written make the next
/// one. What was in a batch that failed comes back whole (`again`) or in halves (`divide`), before all that
/// is fresh, until the one to blame is alone. Holds what the caller adds, who bounds it.
class batcher {
  public:
    using ticket = std::uint32_t;

    struct limits {
        std::size_t max_events = 500;      ///< of a batch
        std::size_t max_bytes = 8'388'608; ///< of a batch; one event may be larger
        milliseconds linger{0};            ///< how long the first one waits for others
        std::size_t max_in_hand = 64;      ///< events that there can be at all: then nobody is waited for
    };

    struct item {
        ticket of;
        std::size_t bytes;

        bool operator==(const item&) const = default;
    };
    using batch = std::vector<item>;

    explicit batcher(const limits& of) : limits_(of) {}

    void add(ticket t, std::size_t bytes, steady_time now);

    /// The batch to be written now, where there is one.
    std::optional<batch> take(steady_time now);

    /// From when on `take` has one; nothing: only when something is added or comes back.
    std::optional<steady_time> due() const;

    /// So many of those that were taken are final.
    void finish(std::size_t events) noexcept { in_hand_ -= events; }

    /// The batch as it was, and nothing else before that time.
    void again(batch b, steady_time not_before);

    /// At least two events.
    void divide(const batch& b);

    /// What is left of a batch without the one to blame.
    void put_back(batch b);

    std::size_t in_hand() const noexcept { return in_hand_; } ///< added and not final

  private:
    struct fresh_item {
        item what;
        steady_time since;
    };

    batch cut();

    limits limits_;
    std::deque<batch> pieces_; ///< of batches that failed; first in turn
    std::deque<fresh_item> fresh_;
    std::size_t fresh_bytes_ = 0;
    std::size_t in_hand_ = 0;
    steady_time not_before_ = steady_time::min();
};

} // namespace millrace::sql
