// GET /metrics.
#include "metrics_catalogue.hpp"
#include "millrace/core/version.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/runtime/log.hpp"
#include "pages.hpp"
#include "spool_metrics.hpp"
#include "worker.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace millrace::ingress {
namespace {

using runtime::exposition;
using runtime::latency_histogram;

/// Writes what the workers hold, added up. A family that has one sample without labels is one line here.
class page {
  public:
    page(exposition& to, const shared_state& shared) : to_(to), shared_(shared) {}

    template <class Read>
    std::uint64_t sum(Read read) const {
        std::uint64_t total = 0;
        for (const auto& w : shared_.workers)
            total += read(*w);
        return total;
    }

    template <class Read>
    void write_sum(const runtime::metric& m, Read read) {
        to_.family(m);
        to_.sample(sum(read));
    }

    void write_counter(const runtime::metric& m, runtime::counter loop_metrics::* which) {
        write_sum(m, [which](const worker& w) { return (w.metrics().*which).value(); });
    }

    void write_server(const runtime::metric& m, std::atomic<std::uint64_t> http::server_stats::* which) {
        write_sum(
            m, [which](const worker& w) { return (w.http_stats().*which).load(std::memory_order_relaxed); });
    }

    void write_histogram(latency_histogram loop_metrics::* which, std::initializer_list<field> labels = {}) {
        latency_histogram all;
        for (const auto& w : shared_.workers)
            all.merge(w->metrics().*which);
        to_.sample(all, labels);
    }

    /// Only keys that were met have a sample.
    template <const auto& Keys>
    void write_table(std::string_view label, counter_table<Keys> loop_metrics::* which) {
        for (std::size_t i = 0; i < Keys.size(); ++i)
            if (const auto n = sum([&](const worker& w) { return (w.metrics().*which).value(i); }); n > 0)
                to_.sample(n, {{label, Keys[i]}});
    }

    void write_requests();
    void write_events();
    void write_hooks();
    void write_idempotency();
    void write_connections();
    void write_kafka();
    void write_lanes();
    void write_process(bool ready);

  private:
    exposition& to_;
    const shared_state& shared_;
};

void page::write_requests() {
    to_.family(metrics::requests);
    for (std::size_t r = 0; r < counted_routes.size(); ++r)
        for (std::size_t s = 0; s < counted_statuses.size(); ++s) {
            const auto count = sum([&](const worker& w) { return w.metrics().requests.value(r, s); });
            if (count == 0)
                continue;
            const unsigned status = counted_statuses[s];
            to_.sample(count, {{"route", counted_routes[r]},
                               {"status", status == 0 ? "other" : std::to_string(status)}});
        }
    to_.family(metrics::problems);
    write_table("code", &loop_metrics::problems);
    to_.family(metrics::request_duration);
    write_histogram(&loop_metrics::request_latency);
    to_.family(metrics::phase_duration);
    write_histogram(&loop_metrics::read_latency, {{"phase", "read"}});
    write_histogram(&loop_metrics::wait_latency, {{"phase", "wait"}});
    write_histogram(&loop_metrics::write_latency, {{"phase", "write"}});
    write_counter(metrics::received_bytes, &loop_metrics::bytes_received);
    write_counter(metrics::sent_bytes, &loop_metrics::bytes_sent);
    write_counter(metrics::deadline_answers, &loop_metrics::answered_at_deadline);
}

void page::write_events() {
    to_.family(metrics::events);
    const auto& topics = shared_.workers.front()->metrics().by_topic;
    for (std::size_t i = 0; i < topics.size(); ++i) {
        const auto outcome = [&](std::string_view name, runtime::counter topic_counts::* which) {
            const auto n = sum([&](const worker& w) { return (w.metrics().by_topic[i].*which).value(); });
            if (n > 0 || i + 1 < topics.size()) // "other" is there for what should not happen
                to_.sample(n, {{"topic", topics[i].name}, {"outcome", name}});
        };
        outcome("stored", &topic_counts::stored);
        outcome("spooled", &topic_counts::spooled);
        outcome("not_stored", &topic_counts::not_stored);
        outcome("unknown", &topic_counts::unknown);
        outcome("replayed", &topic_counts::replayed);
    }
    write_counter(metrics::stored_bytes, &loop_metrics::bytes_stored);
    to_.family(metrics::ack_duration);
    write_histogram(&loop_metrics::ack_latency);
    write_sum(metrics::in_flight_events, [](const worker& w) { return w.budget().events(); });
    write_sum(metrics::in_flight_events_limit, [](const worker& w) { return w.budget().max_events(); });
    write_sum(metrics::in_flight_bytes, [](const worker& w) { return w.budget().bytes(); });
    write_sum(metrics::in_flight_bytes_limit, [](const worker& w) { return w.budget().max_bytes(); });
    to_.family(metrics::topic_partitions);
    for (const topic& t : shared_.topics.all())
        to_.sample(static_cast<std::uint64_t>(t.partitions.load(std::memory_order_relaxed)),
                   {{"topic", t.name}});
}

void page::write_hooks() {
    to_.family(metrics::hooks);
    for (std::size_t i = 0; i < counted_schemes.size(); ++i) {
        const auto outcome = [&](std::string_view name,
                                 counter_table<counted_schemes> loop_metrics::* which) {
            if (const auto n = sum([&](const worker& w) { return (w.metrics().*which).value(i); }); n > 0)
                to_.sample(n, {{"scheme", counted_schemes[i]}, {"outcome", name}});
        };
        outcome("accepted", &loop_metrics::hooks_accepted);
        outcome("refused", &loop_metrics::hooks_refused);
    }
}

void page::write_idempotency() {
    const auto number = [this](const runtime::metric& m, std::uint64_t value) {
        to_.family(m);
        to_.sample(value);
    };
    number(metrics::idempotency_entries, shared_.window.size());
    number(metrics::idempotency_entries_limit, shared_.window.capacity());
    number(metrics::idempotency_bytes, shared_.window.bytes());
    number(metrics::idempotency_evictions, shared_.window.evicted_early());
    write_counter(metrics::idempotency_waits, &loop_metrics::twins_awaited);
}

void page::write_connections() {
    using stats = http::server_stats;
    write_server(metrics::connections, &stats::connections_open);
    to_.family(metrics::connections_limit);
    to_.sample(shared_.settings.http.max_connections);
    write_server(metrics::connections_accepted, &stats::connections_accepted);
    write_server(metrics::connections_refused, &stats::connections_refused);
    write_server(metrics::accept_failures, &stats::accept_failures);
    write_server(metrics::tls_handshake_failures, &stats::tls_handshake_failures);
    write_server(metrics::timeouts, &stats::timeouts);
    write_server(metrics::buffered_bytes, &stats::buffered_body_bytes);
}

void page::write_kafka() {
    const kafka::publisher_stats& first = shared_.workers.front()->kafka_stats(); // all have the same cluster
    to_.family(metrics::brokers_up);
    to_.sample(first.brokers_up.load(std::memory_order_relaxed));
    to_.family(metrics::brokers_known);
    to_.sample(first.brokers_known.load(std::memory_order_relaxed));
    write_sum(metrics::producer_messages, [](const worker& w) { return w.kafka_stats().in_flight.load(); });
    write_lanes();
    write_sum(metrics::producers_recreated, [](const worker& w) { return w.kafka_stats().recreated.load(); });
}

/// What the loops' producers of a lane say: numbers are added up, of durations the longest counts.
void page::write_lanes() {
    using stats = millrace::kafka::lane_stats;
    static constexpr std::array<std::string_view, 2> names = {"prompt", "batching"};
    const auto lanes = [](const auto& write) {
        for (std::size_t i = 0; i < names.size(); ++i)
            write(i, names[i]);
    };
    const auto added = [this](std::size_t lane, std::atomic<std::uint64_t> stats::* which) {
        return sum([=](const worker& w) { return (w.kafka_stats().lanes[lane].*which).load(); });
    };
    const auto duration = [&](const runtime::metric& m, std::atomic<std::uint64_t> stats::* which) {
        to_.family(m);
        lanes([&](std::size_t lane, std::string_view name) {
            std::uint64_t longest = 0;
            for (const auto& w : shared_.workers)
                longest = std::max(longest, (w->kafka_stats().lanes[lane].*which).load());
            if (longest > 0 || which == &stats::throttle_us) // 0: nothing was measured
                to_.sample(static_cast<double>(longest) / 1e6, {{"lane", name}});
        });
    };
    to_.family(metrics::kafka_requests_waiting);
    lanes([&](std::size_t lane, std::string_view name) {
        to_.sample(added(lane, &stats::requests_waiting), {{"lane", name}});
    });
    to_.family(metrics::kafka_request_failures);
    lanes([&](std::size_t lane, std::string_view name) {
        to_.sample(added(lane, &stats::request_errors), {{"lane", name}, {"reason", "error"}});
        to_.sample(added(lane, &stats::request_timeouts), {{"lane", name}, {"reason", "timeout"}});
        to_.sample(added(lane, &stats::request_retries), {{"lane", name}, {"reason", "retry"}});
    });
    duration(metrics::kafka_queue, &stats::queue_us);
    duration(metrics::kafka_round_trip, &stats::round_trip_us);
    duration(metrics::kafka_throttle, &stats::throttle_us);
}

void page::write_process(bool ready) {
    const reload_counts& reloads = shared_.workers.front()->metrics().reloads;
    to_.family(metrics::ready);
    to_.sample(std::uint64_t{ready});
    to_.family(metrics::build_info);
    to_.sample(std::uint64_t{1}, {{"service", "millrace-ingress"},
                                  {"version", version()},
                                  {"commit", commit()},
                                  {"librdkafka", millrace::kafka::library_version()}});
    to_.family(metrics::reloads);
    to_.sample(reloads.applied.value(), {{"outcome", "applied"}});
    to_.sample(reloads.refused.value(), {{"outcome", "refused"}});
    to_.family(metrics::reload_successful);
    to_.sample(std::uint64_t{reloads.last_applied.load(std::memory_order_relaxed)});
    to_.family(metrics::reload_time);
    to_.sample(static_cast<std::uint64_t>(reloads.applied_at_s.load(std::memory_order_relaxed)));
    to_.family(metrics::access_lines);
    const auto access = [this](std::string_view outcome, runtime::counter loop_metrics::* which) {
        to_.sample(sum([which](const worker& w) { return (w.metrics().*which).value(); }),
                   {{"outcome", outcome}});
    };
    access("logged", &loop_metrics::access_lines);
    access("left_out", &loop_metrics::access_left_out);
    to_.family(metrics::log_lines_dropped);
    to_.sample(runtime::log_lines_dropped());
    runtime::write_process_metrics(to_);
}

} // namespace

void say_metrics(http::exchange& e, const shared_state& shared, bool ready) {
    exposition text(exposition::negotiate(e.request().header("accept")));
    page all(text, shared);
    all.write_requests();
    all.write_events();
    all.write_hooks();
    all.write_idempotency();
    write_spool(text, shared.spool.get());
    all.write_connections();
    all.write_kafka();
    all.write_process(ready);
    const std::string_view type = text.content_type();
    e.respond({.status = 200, .content_type = type, .body = std::move(text).finish()});
}

} // namespace millrace::ingress
