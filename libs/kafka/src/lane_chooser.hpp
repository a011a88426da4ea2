// Which of two producers takes the next request's events: a rule without clock or I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/kafka/publisher.hpp"

#include <algorithm>
#include <cstddef>

namespace millrace::kafka {

struct lane_rule {
    std::size_t few = 8;     ///< prompt while the peak of events in flight is below this
    milliseconds memory{10}; ///< of the peak: this to twice this
};

/// Looks at the greatest number of events in flight of the last few milliseconds, because the number of the
/// moment says little: it falls to nothing whenever a batch comes back. Lives on the publisher's loop.
class lane_chooser {
  public:
    explicit lane_chooser(lane_rule rule = {}) noexcept : rule_(rule) {}

    /// For a request of so many events; `in_flight` without them.
    lane choose(std::size_t events, std::size_t in_flight, steady_time now) noexcept {
        if (const auto age = now - since_; age >= rule_.memory) {
            peak_before_ = age < 2 * rule_.memory ? peak_ : 0;
            peak_ = 0;
            since_ = now;
        }
        peak_ = std::max(peak_, in_flight + events);
        return std::max(peak_, peak_before_) < rule_.few ? lane::prompt : lane::batching;
    }

  private:
    lane_rule rule_;
    steady_time since_{};
    std::size_t peak_ = 0;        ///< since `since_`
    std::size_t peak_before_ = 0; ///< in the period before
};

} // namespace millrace::kafka
