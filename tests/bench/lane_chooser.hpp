// Which of two producers takes the next event: a rule without clock or I/O.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace millrace::bench {

/// Two producers, no order between them. `prompt` sends at once; `batching` lingers for half a millisecond.
enum class lane : std::uint8_t { prompt, batching };

/// The bounds are numbers of events in flight.
struct lane_rule {
    std::size_t few = 8;   ///< a peak below this: everything is prompt
    std::size_t many = 32; ///< a peak from here on: prompt again, but only for the first `gap`
    std::size_t gap = 4;
    std::chrono::steady_clock::duration memory =
        std::chrono::milliseconds(10); ///< of the peak: this to twice this
};

/// Looks at the greatest number of events in flight of the last few milliseconds, because the number of the
/// moment says little: it falls to nothing whenever a batch comes back. Few clients: each gets its answer at
/// once, which costs nobody anything. Some: a request to the broker for each event or two would double the
/// cost of all, so they travel in batches. Many: again, but when almost nothing is in flight a few are sent
/// ahead, and the broker and this process do not both wait for the linger to pass.
class lane_chooser {
  public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit lane_chooser(lane_rule rule) noexcept : rule_(rule) {}

    /// For the next event; `in_flight` without it.
    lane choose(std::size_t in_flight, time_point now) noexcept {
        remember(in_flight + 1, now);
        const std::size_t peak = std::max(peak_, peak_before_);
        const bool prompt = peak < rule_.few || (peak >= rule_.many && in_flight < rule_.gap);
        return prompt ? lane::prompt : lane::batching;
    }

  private:
    void remember(std::size_t in_flight, time_point now) noexcept {
        if (const auto age = now - since_; age >= rule_.memory) {
            peak_before_ = age < 2 * rule_.memory ? peak_ : 0;
            peak_ = 0;
            since_ = now;
        }
        peak_ = std::max(peak_, in_flight);
    }

    lane_rule rule_;
    time_point since_{};
    std::size_t peak_ = 0;        ///< since `since_`
    std::size_t peak_before_ = 0; ///< in the period before
};

} // namespace millrace::bench
