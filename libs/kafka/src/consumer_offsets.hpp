// What a group has committed, read beside the loop.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace millrace::kafka {

/// rd_kafka_committed waits for the coordinator, so a short thread calls it. (The same question of the admin
/// interface would not block, but in 2.0.2 it aborts the process when it times out: an assertion about its
/// reference count.) Lives on the consumer's loop.
class consumer_offsets {
  public:
    using receiver = std::function<void(rd_kafka_resp_err_t, std::vector<assigned_partition>)>;

    consumer_offsets(boost::asio::io_context& loop, rd_kafka_t& client, receiver receive);
    ~consumer_offsets(); ///< waits for the question under way, at most a second
    consumer_offsets(const consumer_offsets&) = delete;
    consumer_offsets& operator=(const consumer_offsets&) = delete;

    bool asking() const noexcept { return thread_.joinable(); }
    /// One question at a time; the receiver is called on the loop.
    void ask(const std::vector<topic_partition>& partitions);

  private:
    void receive(rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list);

    boost::asio::io_context& loop_;
    rd_kafka_t& client_;
    receiver receive_;
    std::thread thread_;
    std::shared_ptr<consumer_offsets*> self_;
};

} // namespace millrace::kafka
