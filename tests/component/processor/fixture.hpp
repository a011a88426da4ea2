// A mock cluster with records in it, processors in threads of the test, and a handler that does as it is
// told.
#pragma once

#include "http_client.hpp"
#include "millrace/core/field.hpp"
#include "millrace/kafka/mock_cluster.hpp"
#include "millrace/processor/service.hpp"
#include "millrace/settings/settings.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::test {

using namespace std::chrono_literals;

/// The mock cluster lets a group that has had members wait for almost this long at each change.
inline constexpr milliseconds session_timeout = 4s;

struct written {
    std::optional<std::string> key;
    std::optional<std::string> value; ///< none: a Kafka null
    std::vector<std::pair<std::string, std::string>> headers;
    int partition = 0;
};

/// A CloudEvent in binary mode.
written cloud_event(std::string id, std::optional<std::string> key = {}, int partition = 0);

struct stored {
    std::optional<std::string> key;
    std::optional<std::string> value;
    std::multimap<std::string, std::string> headers;
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;

    std::string header(const std::string& name) const; ///< of which there is one
};

/// An in-memory Kafka, for processes too.
class broker {
  public:
    explicit broker(int partitions = 3, const std::string& topic = "events");

    kafka::mock_cluster& cluster() { return cluster_; }
    /// In this order; returns when all are stored.
    void write(const std::vector<written>& records, const std::string& topic = "events");
    std::vector<stored> read_all(const std::string& topic, int partition);
    std::optional<std::int64_t> committed(int partition, const std::string& group = "millrace");

    /// Settings of a processor of this broker, on any free port.
    settings::file settings() const;

  private:
    kafka::mock_cluster cluster_;
};

class running_processor {
  public:
    explicit running_processor(const settings::file& s, const processor::handler_factory& handler = {});
    ~running_processor(); ///< stops in order

    std::uint16_t port() const { return service_->port(); }
    nlohmann::json status() const;
    http_answer get(const std::string& target) const { return test::get(port(), target); }
    /// The JSON of a receipt's answer.
    nlohmann::json receipt(int partition, int offset, const std::string& query = "") const;

    /// Until so many events are final and nothing is behind; the test fails after 30 s.
    void wait_until_final(std::uint64_t events) const;
    void wait_until_ready() const;

    void stop();

  private:
    std::unique_ptr<processor::service> service_;
    std::jthread thread_;
};

/// One attempt, as the scripted handler saw it.
struct seen_attempt {
    std::string id;
    std::string key;
    unsigned attempt = 0;
    std::size_t began = 0; ///< numbers in one sequence with `ended`
    std::size_t ended = 0;
};

/// What the handler is to do with an attempt.
struct plan {
    processor::outcome::kind what = processor::outcome::kind::done;
    std::string error_class = "test";
    std::string message = "as told";
    std::optional<milliseconds> delay; ///< none: before handle returns
};

/// Notes every attempt. `decide` runs on the processor's loop.
class script {
  public:
    explicit script(std::function<plan(const processor::delivery&)> decide) : decide_(std::move(decide)) {}

    processor::handler_factory factory();
    std::vector<seen_attempt> attempts() const;
    std::size_t most_at_once() const;

  private:
    class scripted_handler;

    std::function<plan(const processor::delivery&)> decide_;
    mutable std::mutex mutex_;
    std::vector<seen_attempt> attempts_;
    std::size_t sequence_ = 0;
    std::size_t running_ = 0;
    std::size_t most_ = 0;
};

/// Whether /metrics has that line.
bool has_metric(const running_processor& p, const std::string& line);

/// Asks again, some times a second, until `holds` or 30 s have passed; returns whether it holds.
bool eventually(const std::function<bool()>& holds);

} // namespace millrace::test
