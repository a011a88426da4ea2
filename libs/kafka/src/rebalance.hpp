// The order of a rebalance: read where the group stands, hand partitions over, take them back, let go.
#pragma once

#include "consumer_inbox.hpp"
#include "consumer_questions.hpp"
#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"

#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace millrace::kafka {

/// Answers librdkafka's rebalance events, each with exactly one call of the assign family. Lives on the
/// consumer's loop; owned by the consumer, whose client, queue and listener outlive it.
///
/// An assignment is answered only when the committed offsets are known, which are asked for every 500 ms
/// until the coordinator answers. If it does not, the member's session ends there too and with it the
/// assignment. While a release is awaited librdkafka tells of no lost session at all (its group code skips
/// whatever comes during a rebalance), but it has no member id then, so that is asked for.
class rebalance {
  public:
    rebalance(boost::asio::io_context& loop, rd_kafka_t& client, inbox& messages, consumer_listener& listener,
              bool cooperative);

    void on_rebalance(rd_kafka_event_t& event);
    /// Every 500 ms: asks again, also whether the session was lost while a release is awaited.
    void tick();

    void release(std::span<const topic_partition> partitions);
    /// From now on nothing is waited for: what is to be released is, what is to come is not told.
    void abandon();

    void commit_sent() noexcept { ++commits_in_flight_; }
    void commit_answered();

    void pause(std::span<const topic_partition> partitions);
    void resume(std::span<const topic_partition> partitions);
    void seek(const topic_partition& of, record_offset offset);
    /// What was prefetched of them before a pause was told: unless they are paused again, it is time for
    /// more.
    void fetch_again(std::span<const topic_partition> partitions);

    bool settled() const noexcept { return step_ == step::settled; }
    std::uint64_t count() const noexcept { return count_; }

  private:
    enum class step { outside, settled, reading_offsets, awaiting_release };

    void assign_event(std::vector<topic_partition> partitions);
    void revoke_event(std::vector<topic_partition> partitions);
    void lose();
    void fail(rd_kafka_event_t& event);
    void ask_offsets();
    void ask_membership();
    void on_offsets(rd_kafka_resp_err_t error, std::vector<assigned_partition> found);
    void assign(std::span<assigned_partition> partitions);
    void unassign();
    void unassign(std::span<const topic_partition> partitions);
    void unassign_when_released();
    void unpause(std::span<const topic_partition> partitions);
    void silence(std::span<const topic_partition> partitions);
    void wake(std::span<const topic_partition> partitions);
    void report(rd_kafka_error_t* error, const char* what);
    void report(rd_kafka_resp_err_t error, const std::string& what);

    rd_kafka_t& client_;
    inbox& messages_;
    consumer_listener& listener_;
    bool cooperative_;
    bool abandoned_ = false;
    step step_ = step::outside;
    std::uint64_t count_ = 0;
    std::uint64_t commits_in_flight_ = 0;
    std::vector<topic_partition> partitions_; ///< of the rebalance under way
    std::set<topic_partition> assigned_;      ///< in librdkafka's eyes
    std::set<topic_partition> unreleased_;
    std::set<topic_partition> paused_;
    std::set<topic_partition> silent_; ///< of which librdkafka fetches nothing: paused, or with a backlog
    consumer_questions questions_;
};

} // namespace millrace::kafka
