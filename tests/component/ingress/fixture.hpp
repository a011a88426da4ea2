// An ingress in a thread of the test, in front of a mock cluster.
#pragma once

#include "http_client.hpp"
#include "millrace/core/types.hpp"
#include "millrace/ingress/service.hpp"
#include "millrace/kafka/mock_cluster.hpp"
#include "millrace/settings/settings.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace millrace::test {

/// A record as it lies in Kafka.
struct read_record {
    std::optional<std::string> key;
    std::string value;
    std::map<std::string, std::string> headers;
    std::int64_t timestamp_ms = 0;
};

class running_ingress {
  public:
    /// `change` is applied to settings that name the mock cluster and any free port.
    explicit running_ingress(const std::function<void(settings::file&)>& change = {});
    ~running_ingress(); ///< stops in order

    std::uint16_t port() const { return service_->port(); }
    kafka::mock_cluster& cluster() { return cluster_; }

    /// Until /readyz says so; the test fails after 20 s.
    void wait_until_ready() const;
    void wait_until_not_ready(std::string_view failing_check) const;

    /// Changes what the configuration says, and has it read again; the change stays where it is refused.
    void reload(const std::function<void(settings::file&)>& change);

    /// Asks for the ordered end and waits for it.
    void stop();

    read_record read(const nlohmann::json& receipt) const;

  private:
    kafka::mock_cluster cluster_;
    std::mutex configuration_mutex_;
    settings::file configuration_; ///< a reload reads it on a thread of its own
    std::unique_ptr<ingress::service> service_;
    std::jthread thread_;
};

/// Asks again, some times a second, until `holds` or 20 s have passed; returns whether it holds.
bool eventually(const std::function<bool()>& holds);

} // namespace millrace::test
