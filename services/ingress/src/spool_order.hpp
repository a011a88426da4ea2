// In what order the events of one topic leave the spool: that in which they were taken, which is the order of
// each key. No I/O, no clock.
#pragma once

#include "spooled_event.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace millrace::ingress {

struct spool_window {
    std::size_t events = 1'024;
    std::size_t bytes = 4'194'304;
    std::size_t aside = 16; ///< with so many refused ones nothing more is sent: something is wrong
};

/// The part of a topic's spool that is in memory. Events come in as the store has them, in order of `seq`,
/// and leave once they are stored. After a failure nothing is sent until everything under way is settled;
/// then what failed goes first, as it stands in order.
class spool_order {
  public:
    explicit spool_order(spool_window limits = {}) noexcept : limits_(limits) {}

    void push(spooled_event e);

    /// The event that is to be sent next, counted as under way; null where none may be.
    const spooled_event* next();

    struct left {
        spooled_event event;
        bool was_refused = false; ///< at some time before
    };

    /// Kafka has it.
    left stored(std::uint64_t seq);

    /// It has to be sent again.
    void failed(std::uint64_t seq);

    /// Kafka refused it for good: it stays, and what comes behind it may pass. True where this is new.
    bool refused(std::uint64_t seq);

    /// As long as it is here.
    const spooled_event* find(std::uint64_t seq) const {
        const auto found = waiting_.find(seq);
        return found == waiting_.end() ? nullptr : &found->second.event;
    }

    /// Those that were refused are to be tried again.
    void try_refused_again();

    std::uint64_t last() const noexcept { return last_; } ///< seq of the last one pushed
    std::size_t events() const noexcept { return waiting_.size(); }
    std::size_t bytes() const noexcept { return bytes_; } ///< without those that were refused
    std::size_t under_way() const noexcept { return under_way_; }
    std::size_t aside() const noexcept { return aside_; }
    bool all_sent() const noexcept { return !in_doubt_ && under_way_ + aside_ == waiting_.size(); }
    /// Too many were refused: nothing is sent until they are tried again, so nothing more is read either.
    bool stuck() const noexcept { return aside_ >= limits_.aside; }
    bool wants_more() const noexcept {
        return !stuck() && waiting_.size() - aside_ < limits_.events / 2 && bytes_ < limits_.bytes / 2;
    }
    /// How many events may be pushed, of so many bytes; the last of them may go over.
    spool_window room() const noexcept {
        return {limits_.events - (waiting_.size() - aside_), limits_.bytes - bytes_, 0};
    }

  private:
    enum class state : std::uint8_t { ready, sent, aside };
    struct item {
        spooled_event event;
        state is = state::ready;
        bool was_refused = false;
    };

    item& settle(std::uint64_t seq);

    spool_window limits_;
    std::map<std::uint64_t, item> waiting_;
    std::map<std::uint64_t, item>::iterator cursor_ = waiting_.end(); ///< nothing before it is ready
    std::uint64_t last_ = 0;
    std::size_t bytes_ = 0;
    std::size_t under_way_ = 0;
    std::size_t aside_ = 0;
    bool in_doubt_ = false; ///< something failed: what is under way has to come home first
};

} // namespace millrace::ingress
