// The one configuration file of millrace, as both services read it: docs/configuration.md. A member is named
// as its key is, a struct as its section; the defaults stand here and nowhere else.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millrace::settings {

struct http {
    std::string listen; ///< 127.0.0.1:8080 for the ingress, 127.0.0.1:8090 for the processor
    std::uint64_t max_body_bytes = 1'048'576;
    std::uint64_t max_connections = 10'000;
    std::uint64_t max_header_bytes = 16'384;
    std::uint64_t header_timeout_ms = 10'000;
    std::uint64_t body_timeout_ms = 30'000;
    std::uint64_t idle_timeout_ms = 60'000;
    std::uint64_t request_timeout_ms = 10'000;
    std::uint64_t threads = 1;
};

struct kafka {
    std::string brokers = "127.0.0.1:9092";
    std::string client_id = "millrace";
    std::map<std::string, std::string> properties;
};

struct ingress {
    std::string default_topic = "events";
    std::string processor_url;
    std::uint64_t max_in_flight_events = 100'000;
    std::uint64_t max_in_flight_bytes = 67'108'864;
    std::uint64_t max_event_bytes = 1'000'000;
    std::uint64_t max_batch_events = 10'000;
    std::uint64_t max_json_depth = 64;
    std::uint64_t drain_timeout_ms = 15'000;
};

struct topic {
    std::string source = "/millrace";
    std::string type = "event";
    std::uint64_t partitions = 6;
    std::uint64_t replication_factor = 1;
    bool create = true;
};

struct retry {
    std::uint64_t max_attempts = 5;
    std::uint64_t initial_backoff_ms = 200;
    std::uint64_t max_backoff_ms = 30'000;
};

struct processor {
    std::vector<std::string> topics = {"events"};
    std::string group = "millrace";
    std::string instance_id; ///< static membership; empty: none
    std::uint64_t session_timeout_ms = 45'000;
    std::string handler = "count";
    std::string ordering = "key";
    std::uint64_t concurrency = 64;
    std::uint64_t max_waiting_events = 10'000; ///< fetched and not yet handled; beyond it fetching pauses
    std::uint64_t drain_timeout_ms = 10'000;
    settings::retry retry;
};

struct log {
    std::string level = "info";  ///< trace | debug | info | warn | error
    std::string format = "text"; ///< text | json
};

/// A whole file. `topics` holds "events" alone where the file names none.
struct file {
    settings::http http;
    settings::kafka kafka;
    settings::ingress ingress;
    std::map<std::string, topic> topics;
    settings::processor processor;
    settings::log log;
};

} // namespace millrace::settings
