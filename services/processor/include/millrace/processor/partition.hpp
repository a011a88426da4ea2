// One partition from the moment it is assigned until it is given up: what it may do next. No I/O.
#pragma once

#include "millrace/core/types.hpp"
#include "millrace/processor/commit_notes.hpp"
#include "millrace/processor/dedup_tail.hpp"
#include "millrace/processor/dedup_window.hpp"
#include "millrace/processor/hysteresis.hpp"
#include "millrace/processor/key_scheduler.hpp"
#include "millrace/processor/log_identity.hpp"
#include "millrace/processor/offset_tracker.hpp"
#include "millrace/processor/receipts.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace millrace::processor {

enum class partition_state : std::uint8_t {
    active,
    throttled, ///< its events wait for each other: fetching is paused until fewer do
    paused,    ///< by an operator: nothing more is fetched, what was goes on
    revoking,  ///< the group wants it back: what runs may finish, nothing begins
    gone,      ///< not this member's (any more)
};

std::string_view to_string(partition_state s) noexcept;

struct partition_limits {
    std::size_t max_held_back = 1'000; ///< events that wait for their key, then fetching pauses
    std::size_t max_window =
        131'072; ///< events between the first unfinished one and the last fetched one, likewise
    std::size_t receipts = 8'192; ///< a power of two
    dedup_limits dedup;
    std::uint64_t max_tail_bytes = 33'554'432; ///< read again for the dedup window
    milliseconds max_tail_time{10'000};        ///< that it may take
};

/// Owned by the partition table; kept when it is given up, so that a late completion finds its place closed.
class partition {
  public:
    partition(topic_partition name, key_scheduler::group number) : name_(std::move(name)), number_(number) {}

    const topic_partition& name() const noexcept { return name_; }
    key_scheduler::group number() const noexcept { return number_; }
    partition_state state() const noexcept { return state_; }
    /// Counts the assignments: what began in an earlier term is no longer this member's business.
    std::uint32_t term() const noexcept { return term_; }

    void assign(std::optional<record_offset> committed, name_table& sources, const partition_limits& limits);
    /// After `assign`: goes on where the one left off who committed with these notes. What to read first, if
    /// anything, is in `tail`: nothing where it was this member, which has not forgotten it yet.
    void take_over(const commit_notes& notes, const partition_limits& limits);
    void revoke() noexcept;
    /// What was seen is kept for a while: in many rebalances a partition comes back at once.
    void give_up() noexcept;
    /// It did not.
    void forget() noexcept { kept_ = {}; }
    /// Its log is another one now and is read from its beginning, in a new term.
    void start_over(record_offset beginning, name_table& sources, const partition_limits& limits);

    bool owned() const noexcept { return state_ != partition_state::gone; }
    /// Whether an event may begin.
    bool takes_events() const noexcept {
        return fetches() || state_ == partition_state::throttled || state_ == partition_state::paused;
    }
    bool fetches() const noexcept { return state_ == partition_state::active; }

    /// What is heard of the log first, or was told: the next record or the log's end. It is in doubt from
    /// then on where that lies behind what was read, and nothing more is taken or committed.
    /// Returns whether somebody should look at the log now.
    bool hear(record_offset at) noexcept;
    /// Nothing has to be looked at: the usual case.
    bool trusts(record_offset at) const noexcept { return plain_ && !(tracker.position() > at); }
    void doubt() noexcept {
        doubted_ = true;
        plain_ = false;
    }
    bool doubted() const noexcept { return doubted_; }
    bool heard() const noexcept { return heard_; } ///< something of the log, in this term

    /// The tail before the committed offset is being read, for the dedup window only.
    bool rebuilding() const noexcept { return tail.on(); }
    /// Whether the event was finished by an earlier owner, beyond what it could commit.
    bool was_finished(record_offset at) const noexcept { return contains(finished_before_, at); }
    /// Whether the event is final, as far as is known here; none where nothing is.
    std::optional<bool> is_finished(record_offset at) const noexcept;

    /// Turns between active, throttled and paused; whether fetching is to stop or to go on with that.
    bool regulate(std::size_t held_back) noexcept;
    /// Paused from the next `regulate` on, also in later terms, until told otherwise.
    void halt(bool on) noexcept { halted_ = on; }
    void set_max_held_back(std::size_t events) noexcept { held_back_.set_high(events); }

    /// What should be committed now: the watermark where it is ahead of what was asked to be committed, or,
    /// `with_notes`, where something beyond it was finished since.
    std::optional<record_offset> to_commit(bool with_notes = false) const noexcept;
    /// For the text that goes with it.
    commit_notes notes();
    void commit_asked(record_offset at) noexcept {
        asked_ = at;
        asked_finished_ = tracker.finished();
    }
    void commit_succeeded(record_offset at) noexcept {
        committed_ = at;
        committed_finished_ = asked_finished_;
    }
    /// It is asked again at the next turn.
    void commit_failed() noexcept {
        asked_ = committed_;
        asked_finished_ = committed_finished_;
    }
    /// Whether everything that may be committed is, with what is finished beyond it.
    bool settled() const noexcept {
        return doubted_ || !tracker.watermark() ||
               (tracker.watermark() == committed_ &&
                (tracker.window() == 0 || tracker.finished() == committed_finished_));
    }
    std::optional<record_offset> committed() const noexcept { return committed_; }

    offset_tracker tracker;
    log_identity identity;
    dedup_window dedup;
    tail_marks marks;
    tail_reading tail;
    std::unique_ptr<processor::receipts> receipts; ///< none while gone
    std::optional<record_offset> end_told;         ///< the log's end, as a broker said lately
    std::size_t unfinished = 0;                    ///< events fetched and not final
    std::size_t under_way = 0; ///< of them, those that a handler or the dead-letter topic has
    std::size_t followers = 0; ///< clients that wait for one of its events

  private:
    // What was seen before the committed offset, when everything that was seen lay before it.
    struct memory {
        std::optional<record_offset> at;
        dedup_window dedup;
        tail_marks marks;
    };

    topic_partition name_;
    key_scheduler::group number_;
    partition_state state_ = partition_state::gone;
    std::uint32_t term_ = 0;
    bool heard_ = false;
    bool doubted_ = false;
    bool plain_ = false; ///< heard of, not doubted, nothing to be made up for
    bool halted_ = false;
    hysteresis held_back_{1};
    hysteresis window_{1};
    std::optional<record_offset> committed_;
    std::optional<record_offset> asked_;
    std::uint64_t committed_finished_ = 0; ///< tracker.finished() then
    std::uint64_t asked_finished_ = 0;
    offset_runs finished_before_;
    memory kept_;
};

} // namespace millrace::processor
