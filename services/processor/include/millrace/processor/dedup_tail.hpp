// How much of a log has to be read again so that a partition's dedup window is what it was: the tail before
// the committed offset. docs/adr/0010. No I/O, no clock: time is that of the records.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace millrace::processor {

struct tail_limits {
    milliseconds window{0};        ///< by the records' timestamps; 0: there is no tail
    std::uint64_t max_records = 0; ///< counted in offsets
    std::uint64_t max_bytes = 0;   ///< of keys and values
};

/// Remembers now and then where in the log the reader was, so that it can say from where on somebody else
/// would have to read. At most 128 marks of 32 bytes.
class tail_marks {
  public:
    tail_marks() = default; ///< marks nothing
    explicit tail_marks(const tail_limits& limits);

    /// Every record that is read, in the order of offsets.
    void note(record_offset at, unix_ms timestamp, std::size_t bytes) {
        if (at >= due_at_ || bytes_ >= due_bytes_ || newest_ >= due_time_)
            mark(at);
        bytes_ += bytes;
        if (timestamp > newest_)
            newest_ = timestamp;
    }

    /// Where the tail before `end` begins: nothing before it is within the limits, as seen from there, and
    /// at most a sixteenth more than is. None where nothing was read before `end`. What lies before is
    /// forgotten: `end` only grows.
    std::optional<record_offset> begin(record_offset end);

  private:
    struct mark_point {
        record_offset at;
        unix_ms newest;      ///< of all records before it
        std::uint64_t bytes; ///< of all records before it
    };

    void mark(record_offset at);

    tail_limits limits_;
    std::deque<mark_point> marks_;
    std::uint64_t bytes_ = 0;
    unix_ms newest_{INT64_MIN};
    record_offset due_at_{INT64_MAX};
    std::uint64_t due_bytes_ = UINT64_MAX;
    unix_ms due_time_{INT64_MAX};
};

/// Reading the tail: what of it is still worth it. At most `max_bytes` are read; where more would be to come,
/// the farther part is left out.
class tail_reading {
  public:
    tail_reading() = default; ///< over
    /// From `begin` up to, and without, `end`.
    tail_reading(record_offset begin, record_offset end, std::uint64_t max_bytes, milliseconds max_time);

    bool on() const noexcept { return at_ < end_; }
    record_offset begin() const noexcept { return begin_; }
    record_offset position() const noexcept { return at_; }
    /// Whether a record there is of the tail.
    bool covers(record_offset at) const noexcept { return on() && begin_ <= at && at < end_; }

    /// A record was read. Says where to go on instead of after it, where that is somewhere else; at the end
    /// of the tail this is over.
    std::optional<record_offset> read(record_offset at, std::size_t bytes) noexcept;

    /// So much time has passed in which records were taken. Whether it was too much: then this is over, and
    /// reading is to go on at the tail's end.
    bool pass(milliseconds time) noexcept;
    void finish() noexcept { at_ = end_; }

    std::uint64_t records() const noexcept { return records_; }

  private:
    record_offset begin_{};
    record_offset end_{};
    record_offset at_{};   ///< the next one
    record_offset from_{}; ///< since the last leap
    std::uint64_t left_ = 0;
    std::uint64_t spent_ = 0; ///< since the last leap
    std::uint64_t look_at_ = 0;
    std::uint64_t records_ = 0;
    milliseconds time_left_{0};
};

} // namespace millrace::processor
