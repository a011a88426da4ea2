// What one loop counts. Written on the loop, read by whoever renders /metrics.
#pragma once

#include "millrace/runtime/metrics.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace millrace::ingress {

/// Requests by route and status, in a table of fixed size: routes and statuses are both known in advance.
class request_counts {
  public:
    static constexpr std::array<std::string_view, 8> routes = {"/v1/events",    "/v1/topics/{topic}/events",
                                                               "/healthz",      "/readyz",
                                                               "/metrics",      "/version",
                                                               "/openapi.json", "other"};
    static constexpr std::array<unsigned, 22> statuses = {200, 202, 204, 400, 401, 403, 404, 405,
                                                          408, 413, 414, 415, 417, 422, 429, 431,
                                                          500, 501, 503, 504, 505, 0};

    void add(std::string_view route, unsigned status) noexcept;
    std::uint64_t value(std::size_t route, std::size_t status) const noexcept {
        return counts_[route][status].value();
    }

  private:
    std::array<std::array<runtime::counter, statuses.size()>, routes.size()> counts_;
};

struct loop_metrics {
    request_counts requests;
    runtime::latency_histogram request_latency; ///< last byte of a request to its answer written, 202 only
    runtime::latency_histogram ack_latency;     ///< handed to librdkafka to delivery report, stored events
    runtime::counter events_stored;
    runtime::counter events_not_stored;
    runtime::counter events_unknown;
    runtime::counter
        events_refused;            ///< by a 4xx before publishing, as far as they could be counted: requests
    runtime::counter bytes_stored; ///< of event data
    runtime::counter answered_at_deadline;
};

} // namespace millrace::ingress
