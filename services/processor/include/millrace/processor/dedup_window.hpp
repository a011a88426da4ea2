// The events of one partition that were seen lately, by source and id: a retry that the ingress could not
// recognise lies there twice. Contract section 1.3. No I/O, no clock: time is that of the records.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/processor/event_hash.hpp"
#include "millrace/processor/recent_ring.hpp"

#include <cstddef>
#include <cstdint>

namespace millrace::processor {

struct dedup_limits {
    milliseconds window{0};      ///< by the records' timestamps; 0: nothing is remembered
    std::size_t max_entries = 0; ///< the oldest goes for one more
};

/// Grows as it fills, to 32 bytes an entry (48 while it grows) of a power of two of them. Of a name 96 bits
/// are kept.
class dedup_window {
  public:
    dedup_window() = default; ///< remembers nothing
    explicit dedup_window(const dedup_limits& limits) : limits_(limits) {}

    /// Whether an event of that name came within the window before this one; if not, it is remembered.
    bool seen_before(const hash128& name, unix_ms timestamp);

    std::size_t size() const noexcept { return count_; }

  private:
    struct entry {
        std::uint64_t low = 0;
        std::int64_t timestamp_ms = 0;
        std::uint32_t high = 0;
        std::uint32_t before = 0;
    };

    void grow();

    dedup_limits limits_;
    recent_ring<entry> ring_;
    std::size_t count_ = 0; ///< of the most recent ones, that are remembered
};

} // namespace millrace::processor
