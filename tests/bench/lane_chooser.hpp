// Which of two producers takes the next event: a rule without clock or I/O.
#pragma once

#include <cstddef>
#include <cstdint>

namespace millrace::bench {

/// Two producers, no order between them. `prompt` sends at once; `batching` lingers for half a millisecond.
enum class lane : std::uint8_t { prompt, batching };

/// Prompt while fewer than `limit` events are in flight: a client on its own gets its answer at once, and
/// under load nearly everything travels in batches.
class lane_chooser {
  public:
    explicit lane_chooser(std::size_t limit) noexcept : limit_(limit) {}

    lane choose(std::size_t in_flight) const noexcept {
        return in_flight < limit_ ? lane::prompt : lane::batching;
    }

  private:
    std::size_t limit_;
};

} // namespace millrace::bench
