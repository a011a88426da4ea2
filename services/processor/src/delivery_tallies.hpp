// What the handler `http` counts, and how it tells of it: in /status and in /metrics. docs/handlers.md
#pragma once

#include "circuit_breaker.hpp"
#include "delivery_verdict.hpp"
#include "millrace/http/client.hpp"
#include "millrace/runtime/metrics.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace millrace::processor {

struct delivery_tallies {
    std::map<unsigned, std::uint64_t> answers; ///< by status: at most 800, which the target chooses
    std::map<std::string, std::uint64_t, std::less<>> no_answer; ///< by error class
    runtime::latency_histogram duration;                         ///< of a delivery, answered or not
    std::uint64_t postponed = 0;                                 ///< while the circuit was open

    void add(const http::client_answer& answer, steady_clock::duration took);
};

/// The handler at one moment.
struct delivery_report {
    const delivery_tallies& tallies;
    const std::string& target; ///< who is delivered to
    http::client_stats connections;
    std::size_t under_way;
    std::size_t waiting; ///< attempts that wait for a connection
    std::size_t limit;   ///< of deliveries at once
    circuit_breaker::state circuit;
    const circuit_breaker& breaker;
    milliseconds closed_for; ///< until a probe may go
};

std::string to_json(const delivery_report& r);
void write(runtime::exposition& to, const delivery_report& r);

} // namespace millrace::processor
