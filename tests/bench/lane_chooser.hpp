// Which of two producers takes the next event: a rule without clock or I/O.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace millrace::bench {

/// Two producers, no order between them. `prompt` sends at once; `batching` lingers for a moment.
enum class lane : std::uint8_t { prompt, batching };

struct lane_rule {
    std::size_t few = 8; ///< prompt while the peak of events in flight is below this
    std::chrono::steady_clock::duration memory =
        std::chrono::milliseconds(10); ///< of the peak: this to twice this
};

/// Looks at the greatest number of events in flight of the last few milliseconds, because the number of the
/// moment says little: it falls to nothing whenever a batch comes back. Without memory it is the number of
/// the moment.
class lane_chooser {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit lane_chooser(lane_rule rule) noexcept : rule_(rule) {}

    /// For the next event; `in_flight` without it.
    lane choose(std::size_t in_flight, time_point now) noexcept {
        if (const auto age = now - since_; age >= rule_.memory) {
            peak_before_ = age < 2 * rule_.memory ? peak_ : 0;
            peak_ = 0;
            since_ = now;
        }
        peak_ = std::max(peak_, in_flight + 1);
        return std::max(peak_, peak_before_) < rule_.few ? lane::prompt : lane::batching;
    }

  private:
    lane_rule rule_;
    time_point since_{};
    std::size_t peak_ = 0;        ///< since `since_`
    std::size_t peak_before_ = 0; ///< in the period before
};

} // namespace millrace::bench
