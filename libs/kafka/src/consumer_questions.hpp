// What only blocking calls of librdkafka tell of a group, asked beside the loop.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace millrace::kafka {

/// One question at a time, each on a short thread. (That for the committed offsets exists in the admin
/// interface too, where it would not block, but in 2.0.2 it aborts the process when it times out: an
/// assertion about its reference count.) Lives on the consumer's loop, where the answers are given.
class consumer_questions {
  public:
    using offsets_answer = std::function<void(rd_kafka_resp_err_t, const std::vector<assigned_partition>&)>;
    using membership_answer = std::function<void(bool is_member)>;

    consumer_questions(boost::asio::io_context& loop, rd_kafka_t& client);
    ~consumer_questions(); ///< waits for the question under way, at most a second
    consumer_questions(const consumer_questions&) = delete;
    consumer_questions& operator=(const consumer_questions&) = delete;

    /// While true, nothing may be asked.
    bool asking() const noexcept { return thread_.joinable(); }

    void ask_offsets(const std::vector<topic_partition>& of, offsets_answer receive);
    void ask_membership(membership_answer receive);

  private:
    /// Runs the question beside the loop, then what it returned on the loop. Where there is no thread to be
    /// had, nothing is asked.
    void ask(std::function<std::function<void()>()> question);

    boost::asio::io_context& loop_;
    rd_kafka_t& client_;
    std::thread thread_;
    std::shared_ptr<consumer_questions*> self_; ///< how an answer on its way learns that this is gone
};

} // namespace millrace::kafka
