// What one loop counts. Written on the loop, read by whoever renders /metrics. All tables are of a size that
// is known at start: no client can make them grow.
#pragma once

#include "millrace/http/server.hpp"
#include "millrace/runtime/metrics.hpp"
#include "topics.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace millrace::ingress {

/// One counter for each of the keys, and the last key for everything else.
template <const auto& Keys>
class counter_table {
  public:
    template <class Key>
    static std::size_t index(const Key& key) noexcept {
        const auto found = std::ranges::find(Keys, key);
        return std::min(static_cast<std::size_t>(found - Keys.begin()), Keys.size() - 1);
    }

    template <class Key>
    void add(const Key& key) noexcept {
        counts_[index(key)].add();
    }
    std::uint64_t value(std::size_t i) const noexcept { return counts_[i].value(); }

  private:
    std::array<runtime::counter, Keys.size()> counts_;
};

/// The router's patterns; the busiest first.
inline constexpr std::array<std::string_view, 9> counted_routes = {"/v1/events",
                                                                   "/v1/topics/{topic}/events",
                                                                   "/v1/hooks/{name}",
                                                                   "/healthz",
                                                                   "/readyz",
                                                                   "/metrics",
                                                                   "/version",
                                                                   "/openapi.json",
                                                                   "other"};

inline constexpr std::array<unsigned, 22> counted_statuses = {202, 200, 204, 400, 401, 403, 404, 405,
                                                              408, 413, 414, 415, 417, 422, 429, 431,
                                                              500, 501, 503, 504, 505, 0};

/// The codes of the problems that the ingress answers.
inline constexpr std::array<std::string_view, 26> counted_codes = {"malformed_request",
                                                                   "malformed_event",
                                                                   "unauthorized",
                                                                   "forbidden",
                                                                   "not_found",
                                                                   "method_not_allowed",
                                                                   "request_timeout",
                                                                   "too_large",
                                                                   "uri_too_long",
                                                                   "unsupported_media_type",
                                                                   "expectation_failed",
                                                                   "schema_violation",
                                                                   "idempotency_key_reused",
                                                                   "rate_limited",
                                                                   "headers_too_large",
                                                                   "internal_error",
                                                                   "transfer_coding_not_implemented",
                                                                   "method_not_implemented",
                                                                   "overloaded",
                                                                   "broker_unavailable",
                                                                   "draining",
                                                                   "partly_stored",
                                                                   "not_ready",
                                                                   "outcome_unknown",
                                                                   "http_version_not_supported",
                                                                   "other"};

inline constexpr std::array<std::string_view, 5> counted_schemes = {"github", "stripe", "standard", "hmac",
                                                                    "other"};

/// Requests by route and status.
class request_counts {
  public:
    void add(std::string_view route, unsigned status) noexcept {
        counts_[counter_table<counted_routes>::index(route)].add(status);
    }
    std::uint64_t value(std::size_t route, std::size_t status) const noexcept {
        return counts_[route].value(status);
    }

  private:
    std::array<counter_table<counted_statuses>, counted_routes.size()> counts_;
};

/// What became of the events of one topic.
struct topic_counts {
    explicit topic_counts(std::string topic) : name(std::move(topic)) {}

    std::string name;
    runtime::counter stored;
    runtime::counter not_stored;
    runtime::counter unknown;
    runtime::counter spooled;  ///< to be published later
    runtime::counter replayed; ///< known to the idempotency window: the receipt is an earlier request's
};

/// What a SIGHUP came to. Those of the first loop count.
struct reload_counts {
    runtime::counter applied;
    runtime::counter refused;                  ///< the old configuration stays
    std::atomic<bool> last_applied{true};      ///< nothing that was tried since failed
    std::atomic<std::int64_t> applied_at_s{0}; ///< Unix time; 0: not since the start

    void count(bool success, std::int64_t now_s) noexcept {
        (success ? applied : refused).add();
        last_applied.store(success, std::memory_order_relaxed);
        if (success)
            applied_at_s.store(now_s, std::memory_order_relaxed);
    }
};

struct loop_metrics {
    /// Events of a topic that is not among these count as "other".
    explicit loop_metrics(const topics& known);

    /// An answer, as the server's observer sees it.
    void count(const http::exchange_summary& answered) noexcept;

    topic_counts& of(std::string_view topic) noexcept;

    request_counts requests;
    counter_table<counted_codes> problems;      ///< answers of 400 and above, by their code
    runtime::latency_histogram request_latency; ///< last byte of a request to its answer written, 202 only
    runtime::latency_histogram read_latency;    ///< first byte of a request to its last, 202 only
    runtime::latency_histogram wait_latency;    ///< last byte of a request to its answer made, 202 only
    runtime::latency_histogram write_latency;   ///< answer made to answer written, 202 only
    runtime::latency_histogram ack_latency;     ///< handed to librdkafka to delivery report, stored events
    runtime::counter bytes_received;            ///< of requests, with their headers
    runtime::counter bytes_sent;
    std::deque<topic_counts> by_topic; ///< fixed after construction; the last one is "other"
    runtime::counter bytes_stored;     ///< of event data
    runtime::counter answered_at_deadline;
    runtime::counter twins_awaited;                ///< events that waited for one of the same id under way
    counter_table<counted_schemes> hooks_accepted; ///< deliveries of webhooks whose signature is right
    counter_table<counted_schemes> hooks_refused;  ///< whose signature or form is wrong
    runtime::counter access_lines;                 ///< requests that the access log has
    runtime::counter access_left_out;              ///< that it left out, being over its rate
    reload_counts reloads;
};

} // namespace millrace::ingress
