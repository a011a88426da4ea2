// Which dead letters were redriven, as far as their logs were looked through. No I/O.
#pragma once

#include "letter.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <tuple>

namespace millrace::processor {

/// A mark lies behind its letter, so whoever shows a letter has to know all that follows it up to the log's
/// end. Of each partition the marks of one stretch are known, from `from` to the end as of the last time;
/// reading a log backwards makes it longer at no cost, and what was written since is little.
class mark_index {
  public:
    struct piece {
        record_offset from, to;
    };

    /// The log is [low, high) now. A log that ends before what is known is another one.
    void adopt(const topic_partition& of, record_offset low, record_offset high);

    /// What to read next so that all marks from `from` on are known; nothing: they are.
    std::optional<piece> missing(const topic_partition& of, record_offset from) const;
    /// The piece was read, or that much of it: it touches what is known.
    void learn(const topic_partition& of, const piece& read);
    void add(const topic_partition& of, const mark& m);

    /// When the event of the letter was redriven, by this letter or another one of the same event.
    std::optional<unix_ms> redriven_at(const topic_partition& of, const letter& l) const;

    std::size_t size() const noexcept { return size_; }
    void clear() noexcept;

  private:
    using place =
        std::tuple<partition_id, record_offset, std::int64_t>; ///< of an event in its topic, and when
    struct known {
        record_offset letter{};
        unix_ms at;
    };
    struct stretch {
        record_offset low{}, from{}, to{}, high{};
        std::map<place, known> marks;
    };

    std::map<topic_partition, stretch> logs_;
    std::size_t size_ = 0;
};

} // namespace millrace::processor
