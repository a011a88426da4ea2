#include "delivery_tallies.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace millrace::processor {
namespace {

using nlohmann::ordered_json;
using kind = runtime::exposition::kind;

ordered_json quantile(const runtime::latency_histogram& of, double q) {
    const double ms = of.quantile_ms(q);
    return ms < 0 ? ordered_json(nullptr) : ordered_json(ms);
}

} // namespace

void delivery_tallies::add(const http::client_answer& answer, steady_clock::duration took) {
    duration.record(took);
    if (answer.error)
        ++no_answer.try_emplace(std::string(class_of(answer.error))).first->second;
    else
        ++answers[answer.status];
}

std::string to_json(const delivery_report& r) {
    ordered_json answers = ordered_json::object();
    for (const auto& [status, count] : r.tallies.answers)
        answers[std::to_string(status)] = count;
    ordered_json no_answer = ordered_json::object();
    for (const auto& [why, count] : r.tallies.no_answer)
        no_answer[why] = count;
    ordered_json probe = nullptr;
    if (r.circuit == circuit_breaker::state::open)
        probe = static_cast<double>(r.closed_for.count()) / 1'000;
    const auto& duration = r.tallies.duration;
    return ordered_json({{"target", r.target},
                         {"circuit",
                          {{"state", to_string(r.circuit)},
                           {"failures_in_a_row", r.breaker.failures_in_a_row()},
                           {"times_opened", r.breaker.times_opened()},
                           {"postponed", r.tallies.postponed},
                           {"probe_in_seconds", std::move(probe)}}},
                         {"deliveries",
                          {{"under_way", r.under_way},
                           {"waiting", r.waiting},
                           {"limit", r.limit},
                           {"answers", std::move(answers)},
                           {"no_answer", std::move(no_answer)},
                           {"duration_ms",
                            {{"p50", quantile(duration, 0.5)},
                             {"p90", quantile(duration, 0.9)},
                             {"p99", quantile(duration, 0.99)}}}}},
                         {"connections",
                          {{"open", r.connections.connections},
                           {"idle", r.connections.idle},
                           {"opened", r.connections.opened},
                           {"reopened", r.connections.reopened}}}})
        .dump();
}

void write(runtime::exposition& to, const delivery_report& r) {
    to.family(kind::counter, "millrace_handler_http_answers", "Deliveries answered, by status.");
    for (const auto& [status, count] : r.tallies.answers)
        to.sample(count, {{"status", std::to_string(status)}});
    to.family(kind::counter, "millrace_handler_http_failures",
              "Deliveries without an answer: `timeout`, `connect`, `tls`, `connection`, `bad_answer`.");
    for (const auto& [why, count] : r.tallies.no_answer)
        to.sample(count, {{"reason", why}});
    to.family(kind::histogram, "millrace_handler_http_duration_seconds",
              "Of a delivery, from its start to its answer or its failure.");
    to.sample(r.tallies.duration);
    to.family(kind::gauge, "millrace_handler_http_in_flight", "Deliveries under way.");
    to.sample(std::uint64_t{r.under_way});
    to.family(kind::gauge, "millrace_handler_http_in_flight_limit", "handlers.http.max_connections.");
    to.sample(std::uint64_t{r.limit});
    to.family(kind::gauge, "millrace_handler_http_waiting", "Attempts that wait for a connection.");
    to.sample(std::uint64_t{r.waiting});
    to.family(kind::gauge, "millrace_handler_http_connections", "Connections open, or being made.");
    to.sample(r.connections.connections);
    to.family(kind::counter, "millrace_handler_http_connections_opened", "Connections that were begun.");
    to.sample(r.connections.opened);
    to.family(kind::gauge, "millrace_handler_http_circuit_open",
              "1 while the target is left alone or probed, because it failed too often in a row.");
    to.sample(std::uint64_t{r.circuit == circuit_breaker::state::closed ? 0U : 1U});
    to.family(kind::counter, "millrace_handler_http_circuit_openings", "Times that this began.");
    to.sample(r.breaker.times_opened());
    to.family(kind::counter, "millrace_handler_http_postponed",
              "Attempts put off because of it; none of an event's attempts is used up.");
    to.sample(r.tallies.postponed);
}

} // namespace millrace::processor
