// The path of an event through the processor. pipeline.cpp is that path, top to bottom; takeover.cpp and
// handover.cpp are how partitions come and go.
#pragma once

#include "dead_letters.hpp"
#include "event_slots.hpp"
#include "loop_clock.hpp"
#include "millrace/core/random.hpp"
#include "millrace/kafka/consumer.hpp"
#include "millrace/processor/handler.hpp"
#include "millrace/processor/history.hpp"
#include "millrace/processor/key_scheduler.hpp"
#include "millrace/processor/name_table.hpp"
#include "millrace/processor/pause_list.hpp"
#include "millrace/processor/recent_ids.hpp"
#include "millrace/processor/retry_policy.hpp"
#include "millrace/processor/snapshot.hpp"
#include "millrace/processor/stall_watch.hpp"
#include "millrace/runtime/metrics.hpp"
#include "millrace/settings/settings.hpp"
#include "partition_table.hpp"
#include "pipeline_metrics.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

enum class ordering : std::uint8_t { key, partition, none };

/// Lives on the loop; every call is made there. `drain` it, or destroy it after the loop has stopped running.
class pipeline final : kafka::consumer_listener, completion_desk::owner, dead_letters::owner {
  public:
    /// Called when an event that somebody follows has become final.
    using followed = std::function<void(const partition& of, record_offset at)>;

    /// A record that was seen in the log of a partition.
    struct claim {
        topic_partition of;
        witness seen;
    };

    /// All arguments outlive it. Throws std::runtime_error where the settings are not usable.
    pipeline(boost::asio::io_context& loop, const settings::file& settings, handler& handler,
             dead_letters& letters);
    ~pipeline();
    pipeline(const pipeline&) = delete;
    pipeline& operator=(const pipeline&) = delete;

    /// `on_doubt` is called when a log should be looked at soon (see log_watch).
    void start(followed on_final, std::function<void()> on_doubt);

    /// Fetches no more, lets what is under way finish up to `processor.drain_timeout_ms`, commits, leaves the
    /// group.
    void drain(std::function<void()> done);

    /// The partition where it is this member's now, else null.
    partition* owned(const topic_partition& name) noexcept;
    std::optional<record_offset> end_offset(const topic_partition& name) const {
        return consumer_.end_offset(name);
    }

    /// Where the most recent event of that id (and source) lies that was begun or read again here, in a
    /// partition that is still this member's. A duplicate gives way to the event before it.
    std::optional<coordinates> find_recent(std::string_view id,
                                           const std::optional<std::string>& source) const;

    std::size_t remembered_ids() const noexcept { return recent_.capacity(); }

    /// The end of the log as somebody has just been told.
    void note_end(const topic_partition& name, record_offset end) noexcept;
    std::vector<topic_partition> owned_names() const;

    /// Of each partition one; to be answered by `confirm`, or `doubt` of the whole topic.
    std::vector<claim> claims();
    void confirm(const topic_partition& name) noexcept;
    void doubt(const std::string& topic) noexcept;
    /// Partitions whose log is another one, and can be started over now.
    std::vector<topic_partition> doubted() const;
    void start_over(const topic_partition& name, record_offset beginning);

    /// One partition, this member's or not (yet), or all that is and will be assigned: fetch no more until
    /// `resume`. What was fetched goes on. Whether anything is different now: pausing.cpp.
    bool pause(const std::optional<topic_partition>& what);
    bool resume(const std::optional<topic_partition>& what);
    const pause_list& paused() const noexcept { return paused_; }

    bool draining() const noexcept { return draining_; }
    bool failed() const noexcept { return failed_; } ///< for good: only a restart helps
    const kafka::consumer_state& group() const noexcept { return consumer_.state(); }
    const pipeline_metrics& metrics() const noexcept { return metrics_; }
    const stall_watch& stalls() const noexcept { return stalls_; }
    void describe(snapshot& to) const;
    /// What others have to say in it.
    void describe_also(std::function<void(snapshot&)> more) { describe_more_ = std::move(more); }

  private:
    using ticket = event_slots::ticket;

    static constexpr milliseconds commit_deadline{5'000}; ///< of the last one before partitions are given up

    // The path of an event: pipeline.cpp.
    void on_message(kafka::message m) override;
    ticket admit(partition& from, kafka::message&& m);
    key_scheduler::lane lane_of(const kafka::message& m) const noexcept;
    void pump();
    void attempt_event(ticket t);
    bool decode(slot& s, attempt& a);                                 // decoding.cpp
    bool is_duplicate(slot& s, const attempt& a);                     // decoding.cpp
    bool seen_before(dedup_window& in, const attempt& a, unix_ms at); // decoding.cpp
    void drop(ticket t);
    const settings::topic& defaults_of(const std::string& topic) const;
    void handle(ticket t, const attempt& a);
    void complete(ticket t, const outcome& how) noexcept override;
    void settle(ticket t, const outcome& how);
    void retry_later(ticket t, milliseconds pause);
    void postpone(ticket t, milliseconds pause);
    void bury(ticket t, const outcome& why);
    bool wants_dead_letter(ticket t, std::uint32_t generation) const noexcept override;
    void on_dead_letter_stored(ticket t, std::uint32_t generation) noexcept override;
    void conclude(ticket t, event_state as);
    void discard(ticket t);
    void regulate(partition& p);
    void apply_pauses();
    void commit();

    bool trusted(partition& from, record_offset at);
    static bool shows_another_log(const partition& of, const kafka::message& m) noexcept; // logs.cpp

    // How partitions are taken over: takeover.cpp.
    void on_assigned(std::span<kafka::assigned_partition> partitions) override;
    void on_end(const topic_partition& of, record_offset end) override;
    bool takes(partition& from, const kafka::message& m);
    void reread(partition& from, const kafka::message& m);
    void recall(partition& from, const kafka::message& m);
    void remember(partition& in, const kafka::message& m);
    void judge(slot& s);
    bool read(const kafka::message& m);
    void end_late_rebuilds(milliseconds passed);
    void share_room();

    // How they are given up: handover.cpp.
    void on_revoked(std::span<const topic_partition> partitions) override;
    void on_lost(std::span<const topic_partition> partitions) override;
    void on_committed(std::span<const kafka::commit_entry> entries, error_code error) override;
    std::size_t withdraw(partition& p, bool letters_too);
    void hand_over();
    void give_shorter_notes();

    // Whether all goes on: watch.cpp.
    void watch();
    look_around observe() const;

    // The rest of its life: assignment.cpp.
    void on_error(error_code error, const std::string& detail) override;
    void arm_retry_timer();
    void run_due_retries();
    void tick();
    void take_reading();
    void describe_partitions(snapshot& to, steady_time now) const;

    struct planned_retry {
        steady_time due;
        ticket of;
        std::uint32_t generation;
        bool operator<(const planned_retry& other) const noexcept {
            return due > other.due;
        } // earliest on top
    };
    // Partitions that the group wants back.
    struct handover {
        enum class phase : std::uint8_t { none, finishing, committing };
        phase now = phase::none;
        std::vector<topic_partition> names;
        std::vector<partition*> partitions;
        steady_time deadline;
    };
    // What a handler said before it returned.
    struct said {
        bool spoken = false;
        outcome::kind what = outcome::kind::done;
        std::string error_class;
        std::string message;
        std::optional<milliseconds> after;
    };

    const settings::file& settings_;
    handler& handler_;
    dead_letters& letters_;
    ordering ordering_;
    retry_policies policies_;
    partition_limits limits_;
    fast_random random_;
    loop_clock clock_;
    moment now_; ///< as of the last thing that happened
    followed on_final_;
    std::function<void()> on_doubt_;
    std::function<void(snapshot&)> describe_more_;

    name_table sources_;
    name_table types_;
    std::vector<std::uint64_t> by_type_;
    event_hasher hasher_;
    recent_ids recent_;
    partition_table partitions_;
    pause_list paused_;
    event_slots slots_;
    key_scheduler scheduler_;
    hysteresis hold_;
    std::priority_queue<planned_retry> retries_;
    boost::asio::steady_timer retry_timer_;
    boost::asio::steady_timer tick_timer_;
    std::optional<ticket> inside_; ///< whose `handle` is on the stack
    said said_;

    attempt reading_; ///< what is decoded without being handled
    handover leaving_;
    stall_watch stalls_;
    std::optional<steady_time> commit_asked_;
    std::size_t notes_room_ = max_notes_bytes;
    bool draining_ = false;
    bool drained_ = false;
    bool failed_ = false;
    bool commits_fail_ = false;
    std::string last_error_;
    std::uint64_t ticks_ = 0;
    steady_time started_;
    history history_;
    pipeline_metrics metrics_;

    completion_desk* desk_;
    kafka::consumer consumer_; ///< last: it calls all of the above
};

} // namespace millrace::processor
