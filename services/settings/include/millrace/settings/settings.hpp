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
    std::vector<std::string> trusted_proxies; ///< addresses or CIDR blocks

    bool operator==(const http&) const = default;
};

struct kafka {
    std::string brokers = "127.0.0.1:9092";
    std::string client_id = "millrace";
    std::map<std::string, std::string> properties;

    bool operator==(const kafka&) const = default;
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

    bool operator==(const ingress&) const = default;
};

struct topic {
    std::string source = "/millrace";
    std::string type = "event";
    std::uint64_t partitions = 6;
    std::uint64_t replication_factor = 1;
    bool create = true;
    std::string schema_file; ///< JSON Schema; empty: any data

    bool operator==(const topic&) const = default;
};

struct idempotency {
    std::uint64_t window_seconds = 600; ///< 0: off
    std::uint64_t max_entries = 100'000;
    std::uint64_t max_bytes = 67'108'864;

    bool operator==(const idempotency&) const = default;
};

struct spool {
    std::string path; ///< of its database; empty: no spool
    std::uint64_t max_bytes = 1'073'741'824;
    std::uint64_t max_age_seconds = 86'400;
    std::uint64_t max_receipts = 100'000;
    std::uint64_t receipt_seconds = 86'400;
    std::string receipt_url; ///< base of status_url for what is in the spool; empty: relative

    bool operator==(const spool&) const = default;
};

struct api_key {
    std::string sha256;                ///< of the key, 64 hexadecimal digits
    std::vector<std::string> topics;   ///< empty: all
    std::uint64_t rate_per_second = 0; ///< 0: no limit

    bool operator==(const api_key&) const = default;
};

struct jwt {
    std::string jwks_file; ///< empty: no tokens are taken
    std::string issuer;
    std::string audience;
    std::uint64_t leeway_seconds = 60;

    bool operator==(const jwt&) const = default;
};

struct auth {
    std::map<std::string, api_key> keys;
    settings::jwt jwt;

    bool operator==(const auth&) const = default;
};

struct tls {
    std::string certificate_file; ///< empty: plain HTTP
    std::string key_file;
    std::string client_ca_file; ///< empty: clients need no certificate

    bool operator==(const tls&) const = default;
};

struct cors {
    std::vector<std::string> allowed_origins; ///< empty: no CORS headers
    std::uint64_t max_age_seconds = 600;

    bool operator==(const cors&) const = default;
};

struct rate_limit {
    std::uint64_t per_address_per_second = 0; ///< 0: no limit

    bool operator==(const rate_limit&) const = default;
};

/// Webhook validation of CloudEvents (HTTP 1.1 Web Hooks for Event Delivery, section 4).
struct handshake {
    std::vector<std::string> allowed_origins; ///< "*": any; empty: no handshake is granted
    std::uint64_t rate_per_minute = 0;        ///< 0: any

    bool operator==(const handshake&) const = default;
};

struct hook {
    std::string scheme;               ///< github | stripe | standard | hmac; required
    std::vector<std::string> secrets; ///< with what `secret_files` hold
    std::vector<std::string> secret_files;
    std::vector<std::string> public_keys; ///< standard: ed25519, "whpk_…"
    std::string topic;                    ///< the default topic where the file does not say
    std::string source;                   ///< empty: /hooks/NAME
    std::uint64_t tolerance_seconds = 300;
    std::string id_from; ///< "header NAME" or "body /json/pointer"; empty: as the scheme has it
    std::string type_from;
    std::string key_from;
    std::string signature_header;     ///< hmac
    std::string algorithm = "sha256"; ///< hmac: sha1 | sha256 | sha384 | sha512
    std::string encoding = "hex";     ///< hmac: hex | base64
    std::string prefix;               ///< hmac: what stands before the signature, such as "sha256="
    std::string timestamp_header;     ///< hmac: seconds since 1970; then TIMESTAMP.BODY is what is signed

    bool operator==(const hook&) const = default;
};

/// Of an error class; 0: as `retry` has it.
struct retry_class {
    std::uint64_t max_attempts = 0;
    std::uint64_t initial_backoff_ms = 0;
    std::uint64_t max_backoff_ms = 0;
    bool terminal = false; ///< not tried again at all

    bool operator==(const retry_class&) const = default;
};

struct retry {
    std::uint64_t max_attempts = 5;
    std::uint64_t initial_backoff_ms = 200;
    std::uint64_t max_backoff_ms = 30'000;
    std::map<std::string, retry_class> classes; ///< by error class

    bool operator==(const retry&) const = default;
};

struct processor {
    std::vector<std::string> topics = {"events"};
    std::string group = "millrace";
    std::string instance_id; ///< static membership; empty: none
    std::uint64_t session_timeout_ms = 45'000;
    std::string handler = "count";
    std::string ordering = "key";
    std::uint64_t concurrency = 64;
    std::uint64_t dedup_window_seconds = 600;  ///< 0: off
    std::uint64_t dedup_max_entries = 50'000;  ///< of a partition
    std::uint64_t recent_ids = 65'536;         ///< events that are found by their id; 0: off
    std::uint64_t max_waiting_events = 10'000; ///< fetched and not yet handled; beyond it fetching pauses
    std::uint64_t drain_timeout_ms = 10'000;
    std::uint64_t handler_timeout_ms =
        60'000;                              ///< then an attempt is late: only said, never cut short; 0: any
    std::uint64_t stall_timeout_ms = 60'000; ///< without progress; 0: any
    std::string admin_token; ///< of who may redrive, pause and resume; empty: nobody but on loopback
    settings::retry retry;

    bool operator==(const processor&) const = default;
};

/// Of the handler `http`.
struct http_handler {
    std::string url;                          ///< needed where it is the processor's handler
    std::string signing_secret;               ///< whsec_ and base64; empty: deliveries are not signed
    std::vector<std::string> signing_secrets; ///< more of them, with what the files hold
    std::vector<std::string> signing_secret_files;
    std::map<std::string, std::string> headers; ///< sent with each delivery
    std::uint64_t timeout_ms = 10'000;
    std::uint64_t connect_timeout_ms = 3'000;
    std::uint64_t idle_timeout_ms = 30'000;
    std::uint64_t max_connections = 16; ///< so many deliveries at once
    std::uint64_t retry_after_max_ms = 60'000;
    std::uint64_t circuit_failures = 10;   ///< in a row; 0: it never opens
    std::uint64_t circuit_open_ms = 1'000; ///< doubles with each probe that fails
    std::uint64_t circuit_max_open_ms = 30'000;
    std::string ca_file; ///< empty: whom the system believes
    std::string client_certificate_file;
    std::string client_key_file;

    bool operator==(const http_handler&) const = default;
};

/// One row an event in a file of SQLite.
struct sqlite {
    std::string path = "events.db";
    std::string table = "millrace_events";
    std::uint64_t batch_max_events = 500;
    std::uint64_t batch_max_bytes = 8'388'608;
    std::uint64_t linger_ms = 2;
    std::uint64_t busy_timeout_ms = 5'000;

    bool operator==(const sqlite&) const = default;
};

/// One row an event in a table of PostgreSQL.
struct postgres {
    std::string url; ///< a secret; required by the handler
    std::string table = "millrace_events";
    std::uint64_t batch_max_events = 500;
    std::uint64_t batch_max_bytes = 8'388'608;
    std::uint64_t linger_ms = 2;
    std::uint64_t connections = 1;
    std::uint64_t connect_timeout_ms = 10'000;
    std::uint64_t statement_timeout_ms = 30'000;

    bool operator==(const postgres&) const = default;
};

/// Of each handler that has any.
struct handlers {
    http_handler http;
    settings::sqlite sqlite;
    settings::postgres postgres;

    bool operator==(const handlers&) const = default;
};

struct log {
    std::string level = "info";           ///< trace | debug | info | warn | error
    std::string format = "text";          ///< text | json
    std::uint64_t access_per_second = 10; ///< lines about requests; more are sampled; 0: none

    bool operator==(const log&) const = default;
};

/// A whole file. `topics` holds "events" alone where the file names none.
struct file {
    settings::http http;
    settings::kafka kafka;
    settings::ingress ingress;
    std::map<std::string, topic> topics;
    settings::idempotency idempotency;
    settings::spool spool;
    settings::auth auth;
    settings::tls tls;
    settings::cors cors;
    settings::rate_limit rate_limit;
    settings::handshake handshake;
    std::map<std::string, hook> hooks;
    settings::processor processor;
    settings::handlers handlers;
    settings::log log;

    bool operator==(const file&) const = default;
};

} // namespace millrace::settings
