// Publishes records in transactions: all of a batch or nothing of it, and never by two clients at once. The
// calls of librdkafka that this takes block, so they are made on a thread of the transactor's own.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/core/types.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/kafka/publisher.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace millrace::kafka {

/// A record that owns what it says, for the way to the other thread.
struct transaction_record {
    std::string topic;
    partition_id partition{};
    std::optional<std::string> key;
    std::optional<std::string> value; ///< none: a Kafka null
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
    unix_ms timestamp;
};

/// How a transaction ended. Without error all of it is stored. `outcome_unknown`: all or nothing of it is,
/// and who opens the next transactor of the same id finds it settled. Any other error: nothing of it is, and
/// where one of the records is to blame its delivery says so.
struct transaction_outcome {
    error_code error;
    std::string detail;               ///< librdkafka's words; empty without error
    std::vector<delivery> deliveries; ///< of the records given, in their order
};

struct transactor_config {
    client_config client;
    std::string id;                           ///< transactional.id
    milliseconds transaction_timeout{15'000}; ///< then the brokers end what a killed client has left open
};

/// Lives on the loop; one call at a time. Each is answered once, on the loop, at its deadline and a few
/// seconds at the latest.
class transactor {
  public:
    /// Throws std::runtime_error where the configuration is not usable.
    transactor(boost::asio::io_context& loop, transactor_config config);
    ~transactor(); ///< waits for the call under way; hurries it
    transactor(const transactor&) = delete;
    transactor& operator=(const transactor&) = delete;

    /// Takes over from every other client of the id, this one included: what those have left open is aborted,
    /// what they were committing is committed, before this is answered. errc::fenced: another one does so at
    /// the same time; errc::unsupported: the brokers know no transactions.
    void open(milliseconds deadline, std::function<void(error_code, std::string detail)> done);

    /// What follows from where the records of a transaction lie, as part of the same one. Called on the
    /// transactor's thread.
    using sequel = std::function<std::vector<transaction_record>(std::span<const delivery>)>;

    /// One transaction, begun and ended. After an error `open` comes first.
    void publish(std::vector<transaction_record> records, sequel then, milliseconds deadline,
                 std::function<void(transaction_outcome)> done);

    /// Ends the client, so that nothing is connected while nothing is to be done.
    void close(std::function<void()> done);

    /// What is under way ends as soon as it can, as if its deadline had come.
    void hurry() noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::kafka
