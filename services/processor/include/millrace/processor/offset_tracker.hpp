// Which offset of a partition may be committed: the end of the contiguous prefix of finished events. No I/O.
#pragma once

#include "millrace/core/types.hpp"
#include "millrace/processor/commit_notes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::processor {

/// A ring of eight bytes for each event between the first unfinished one and the last fetched one, whatever
/// gaps the offsets have. Every operation is O(1), amortised; memory is taken only while the ring is growing.
class offset_tracker {
  public:
    /// Names an event until it is finished.
    using sequence = std::uint64_t;

    /// `start`: the offset from which the partition is read, where it is known.
    explicit offset_tracker(std::optional<record_offset> start = std::nullopt);

    /// The event at `offset` was fetched; offsets only grow.
    sequence add(record_offset offset);

    /// The event is finished, in any order. Returns whether the watermark moved.
    bool finish(sequence s) noexcept;

    /// Everything before `end` was fetched or holds no event (control records, aborted transactions,
    /// compaction).
    void skip_to(record_offset end) noexcept;

    /// What may be committed: the next offset to process. None while nothing is known.
    std::optional<record_offset> watermark() const noexcept { return watermark_; }

    /// The next offset to fetch.
    std::optional<record_offset> position() const noexcept { return position_; }

    /// Events from the first unfinished one to the last one fetched.
    std::size_t window() const noexcept { return static_cast<std::size_t>(tail_ - head_); }

    /// Counts `finish`: what was not there before was finished since.
    std::uint64_t finished() const noexcept { return finished_; }

    /// Whether the event at `offset` was fetched and is finished. O(log n) in the window.
    bool is_finished(record_offset offset) const noexcept;

    /// What is finished beyond the watermark. A gap in the log counts with the event before it. O(n) in the
    /// window.
    offset_runs finished_beyond() const;

  private:
    // The offset after the event, shifted by one; the lowest bit says that it is finished.
    using entry = std::uint64_t;

    entry& at(sequence s) noexcept { return ring_[static_cast<std::size_t>(s) & (ring_.size() - 1)]; }
    entry at(sequence s) const noexcept { return ring_[static_cast<std::size_t>(s) & (ring_.size() - 1)]; }
    void grow();

    std::vector<entry> ring_;
    sequence head_ = 0;
    sequence tail_ = 0;
    std::uint64_t finished_ = 0;
    std::optional<record_offset> watermark_;
    std::optional<record_offset> position_;
};

} // namespace millrace::processor
