// librdkafka's mock cluster: an in-memory broker for tests and for the dev broker, with faults to order.
#pragma once

#include "millrace/core/clock.hpp"

#include <memory>
#include <string>

namespace millrace::kafka {

/// Keeps at most 5 MiB or 100,000 batches a partition, then silently drops the oldest. Listens on 127.0.0.1
/// and serves other processes too. Every function may be called from any thread.
class mock_cluster {
  public:
    static constexpr int no_leader = -1;

    explicit mock_cluster(int brokers = 1);
    ~mock_cluster();
    mock_cluster(const mock_cluster&) = delete;
    mock_cluster& operator=(const mock_cluster&) = delete;

    std::string bootstrap_servers() const;
    void create_topic(const std::string& name, int partitions, int replication_factor = 1);

    void broker_down(int broker = 1);
    void broker_up(int broker = 1);
    void round_trip_delay(milliseconds delay, int broker = 1);
    /// The next `count` requests of this kind are answered with librdkafka's error of that number.
    void fail_requests(int api_key, int error, int count);
    /// The next topic-level answers: e.g. UNKNOWN_TOPIC_OR_PART; 0 ends it.
    void topic_error(const std::string& name, int error);
    /// Clients learn of it as they do of a real one: from an answer, or with their next look at the metadata.
    /// To no_leader: there is none.
    void move_leader(const std::string& topic, int partition, int to_broker);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::kafka
