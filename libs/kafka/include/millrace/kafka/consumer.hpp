// A member of a consumer group on a loop: fetches, pauses, commits, and lets go of partitions in order.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/core/types.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/kafka/record.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace millrace::kafka {

struct consumer_config {
    client_config client;
    std::vector<std::string> topics;
    std::string group = "millrace";
    std::string instance_id; ///< group.instance.id, static membership; none where empty
    milliseconds session_timeout{45'000};
    milliseconds max_poll_interval{300'000};
    /// "range" or "cooperative-sticky", the same for all members of the group; empty: the one that is sound
    /// with the librdkafka in use (cooperative-sticky from 2.6.1).
    std::string assignor;
};

struct commit_entry {
    topic_partition partition;
    record_offset offset; ///< of the next record to handle
    std::string metadata; ///< kept with the commit; at most what the broker allows (4096 bytes)
};

struct assigned_partition {
    topic_partition partition;
    std::optional<record_offset> committed; ///< what the group had committed; none where nothing
    std::string metadata;                   ///< of that commit
    /// For the listener to set: where fetching is to start instead. A log that begins later starts there.
    std::optional<record_offset> start;
};

/// Called on the loop, never from inside a call to the consumer, except for `on_error` about that very call.
/// The consumer may be called, but not destroyed, from inside.
class consumer_listener {
  public:
    /// Fetching starts from `start`, else from the committed offset (auto.offset.reset=earliest where there
    /// is none) once this returns.
    virtual void on_assigned(std::span<assigned_partition> partitions) = 0;

    /// Fetching of them has stopped. Finish and commit, then call `consumer::release`; the group waits for
    /// it.
    virtual void on_revoked(std::span<const topic_partition> partitions) = 0;

    /// The session was lost: others have them already. Commit nothing; nothing is to be released.
    virtual void on_lost(std::span<const topic_partition> partitions) = 0;

    virtual void on_message(message m) = 0;

    /// Everything before `end` was delivered (by on_message, or holds no records).
    virtual void on_end(const topic_partition& of, record_offset end) = 0;

    virtual void on_committed(std::span<const commit_entry> entries, error_code error) = 0;

    /// Worth a log line and a place in /status; not the end. A fatal one (condition::fatal) is the end.
    virtual void on_error(error_code error, const std::string& detail) = 0;

  protected:
    ~consumer_listener() = default;
};

/// Facts about the group as this member sees it; none of them blocks.
struct consumer_state {
    std::string member_id;  ///< empty where unknown
    std::string protocol;   ///< "cooperative-sticky" or "range"
    std::string join_state; ///< librdkafka's: "init", "wait-join", "steady", …; empty where unknown
    std::uint64_t rebalances = 0;
    std::optional<unix_ms> last_rebalance;
    int brokers_up = 0;
    int brokers_known = 0;
    std::uint64_t received_bytes = 0; ///< from all brokers, since the start
    bool joined = false;              ///< member with a settled assignment, which may be empty
};

class consumer {
  public:
    /// Throws std::runtime_error with librdkafka's message where the configuration is not usable.
    consumer(boost::asio::io_context& loop, consumer_config config, consumer_listener& listener);
    ~consumer();
    consumer(const consumer&) = delete;
    consumer& operator=(const consumer&) = delete;

    /// Joins the group.
    void start();

    /// Delivers no more messages of the partitions until `resume`, and fetches no more than what is on its
    /// way. What is prefetched is kept and told first after the resume; beyond 24 MB of all partitions it is
    /// discarded and fetched again. Use it with hysteresis all the same.
    void pause(std::span<const topic_partition> partitions);
    void resume(std::span<const topic_partition> partitions);

    /// Goes on with the record at `offset`, or the next one there is; what was fetched before is not told any
    /// more. Ends a pause. Nothing happens where the partition is not assigned.
    void seek(const topic_partition& of, record_offset offset);

    /// Hands out no more messages at all, keeping what is prefetched, but goes on serving the group; for a
    /// bound on events in flight that is reached for a moment. Cheap.
    void hold(bool on);

    /// Answered by `on_committed`.
    void commit(std::span<const commit_entry> entries);

    /// Ends what `on_revoked` began.
    void release(std::span<const topic_partition> partitions);

    /// The log's end as of the last fetch; none where unknown.
    std::optional<record_offset> end_offset(const topic_partition& of) const;

    const consumer_state& state() const noexcept;

    /// Leaves the group: revokes what is assigned (through `on_revoked`, so commits are possible), then calls
    /// `done`. At the deadline it leaves without waiting for `release`.
    void close(milliseconds deadline, std::function<void()> done);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::kafka
