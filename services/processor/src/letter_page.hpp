// One page of dead letters, newest first, from many logs that are read backwards piece by piece. No I/O.
#pragma once

#include "letter.hpp"
#include "letter_cursor.hpp"

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

namespace millrace::processor {

struct listed_letter {
    letter what;
    std::optional<unix_ms> redriven_at;
};

/// Newest means youngest by the time at which the letter was stored; within a partition the order is the
/// log's.
class letter_page {
  public:
    struct source {
        topic_partition of;
        record_offset low;   ///< where the log begins
        record_offset below; ///< letters before this one are to be listed
    };
    struct piece {
        std::size_t source;
        record_offset from, to;
    };

    /// At most `limit` letters, and pieces of at most `max_records` together.
    letter_page(std::vector<source> sources, std::size_t limit, std::size_t max_records);

    /// What has to be read before the page can go on; nothing: it is complete, or as long as it will be.
    std::optional<piece> next();

    /// What was found in the piece that `next` named, in the log's order, and is wanted.
    void give(const piece& p, std::vector<listed_letter> found);

    std::size_t sources() const noexcept { return logs_.size(); }
    const topic_partition& of(std::size_t log_number) const noexcept { return logs_[log_number].of; }
    record_offset below(std::size_t log_number) const noexcept { return logs_[log_number].below; }
    const std::vector<listed_letter>& letters() const noexcept { return letters_; }
    /// Where the next page goes on; nothing where this one is the last.
    std::optional<letter_cursor> cursor() const;

  private:
    struct log : source {
        std::deque<listed_letter> waiting; ///< read and not yet on the page, oldest first
        std::size_t step = 0;              ///< records of the next piece
        bool read_up() const noexcept { return below <= low; }
    };

    std::vector<log> logs_;
    std::vector<listed_letter> letters_;
    std::size_t limit_;
    std::size_t records_left_;
};

} // namespace millrace::processor
