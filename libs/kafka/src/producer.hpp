// One idempotent producer of librdkafka: takes records, reports what became of them, and knows whether its
// brokers can be reached. A publisher has one for each lane and replaces it when it can no longer be trusted.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/publisher.hpp"
#include "producer_reach.hpp"
#include "statistics.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace millrace::kafka {

/// Lives on one loop, except that it may be destroyed elsewhere: that blocks while librdkafka ends its
/// threads, usually for some milliseconds, at most for as long as a look-up of a broker's name takes.
class producer {
  public:
    /// `wake` is called from any thread when a connection has changed and `serve` should be called. Throws
    /// std::runtime_error with librdkafka's message.
    producer(const publisher_config& config, lane on, std::function<void()> wake);
    ~producer();
    producer(const producer&) = delete;
    producer& operator=(const producer&) = delete;

    rd_kafka_queue_t& queue() const noexcept { return *queue_; }

    error_code send(std::string_view topic, const outgoing& record, delivery_listener& listener);

    /// Tells listeners and takes notice of events, at most `budget` of them, which is decreased. True: there
    /// may be more.
    bool serve(std::size_t& budget);
    void on_tick(steady_time now);

    /// Reports what waits in the queue, and where wanted what was sent and not yet answered, as failed.
    void purge(bool sent_too) noexcept;

    std::size_t outstanding() const noexcept { return outstanding_; }
    reach::verdict brokers() const noexcept { return reach_.current(); }
    bool failed() const noexcept { return failed_; } ///< a fatal error: takes nothing more
    const std::string& last_error() const noexcept { return last_error_; }
    const statistics& last_statistics() const noexcept { return statistics_; }
    std::uint64_t statistics_read() const noexcept {
        return statistics_read_;
    } ///< how often there were new ones

    void inject_fatal_error();

  private:
    struct feed;

    rd_kafka_topic_t* topic_handle(std::string_view name);
    bool report(std::size_t& budget);
    error_code outcome_of(const rd_kafka_message_t& record) const;
    void take(rd_kafka_event_t& event);

    std::unique_ptr<feed> feed_; ///< outlives the client, whose threads write to it
    client_ptr client_;
    queue_ptr queue_;
    /// Kept for good: a handle knows how far the sequence numbers of its partitions are, should the topic
    /// vanish from the metadata and come back.
    std::map<std::string, topic_ptr, std::less<>> topics_;
    event_ptr reports_; ///< a delivery-report event that is not yet told in full
    reach reach_;
    statistics statistics_;
    leader_watch leaders_;
    std::uint64_t statistics_read_ = 0;
    std::string last_error_;
    std::size_t outstanding_ = 0;
    bool failed_ = false;
};

} // namespace millrace::kafka
