// A transactional producer of librdkafka as blocking functions, each with a deadline. Not part of the
// interface.
#pragma once

#include "handles.hpp"
#include "millrace/kafka/transactor.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace millrace::kafka {

/// Lives on one thread. Good for transactions until one fails.
class transaction_client {
  public:
    /// Once `hurry` is true every deadline has come. Throws std::runtime_error with librdkafka's message.
    transaction_client(const transactor_config& config, const std::atomic<bool>& hurry);

    struct failure {
        error_code error; ///< none: it went well
        std::string detail;
    };

    failure init(steady_time deadline);
    transaction_outcome run(const std::vector<transaction_record>& records, const transactor::sequel& then,
                            steady_time deadline);

  private:
    failure send(const std::vector<transaction_record>& records, std::vector<delivery>& deliveries,
                 steady_time deadline);
    failure commit(steady_time deadline);
    void abort(steady_time deadline);
    bool serve(int wait_ms);
    rd_kafka_topic_t* topic_handle(const std::string& name);
    std::optional<failure> fatal() const;
    failure why(rd_kafka_error_t* error) const;
    bool late(steady_time deadline) const noexcept;

    const std::atomic<bool>& hurry_;
    client_ptr client_;
    queue_ptr queue_;
    std::map<std::string, topic_ptr> topics_;
    std::vector<delivery>* reported_ = nullptr; ///< of the records under way; null: nobody's
    std::size_t outstanding_ = 0;
};

} // namespace millrace::kafka
