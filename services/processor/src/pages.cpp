#include "pages.hpp"

#include "millrace/http/problem.hpp"
#include "millrace/http/standard_pages.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/runtime/metrics.hpp"

#include <string>
#include <vector>

namespace millrace::processor {
namespace {

using runtime::exposition;
using kind = exposition::kind;

std::vector<http::problem::error> failing_checks(const pipeline& events) {
    std::vector<http::problem::error> failing;
    const auto fails = [&](std::string_view check, std::string why) {
        failing.push_back({std::nullopt, "/" + std::string(check), std::move(why)});
    };
    if (events.draining())
        fails("draining", "The processor is shutting down.");
    if (events.failed())
        fails("consumer", "The consumer failed for good; restart the processor. Its log says why.");
    if (!events.draining() && !events.group().joined)
        fails("group", "Not a settled member of the consumer group; its state is '" +
                           events.group().join_state + "'.");
    if (events.group().brokers_up == 0)
        fails("brokers", "No broker can be reached.");
    if (const auto& stalls = events.stalls().now(); !stalls.empty())
        fails("stalled",
              "Stalled: " + describe(stalls.front(), steady_clock::now()) +
                  (stalls.size() > 1 ? ", and " + std::to_string(stalls.size() - 1) + " more" : "") +
                  "; /status lists the stalls.");
    return failing;
}

void write_events(exposition& to, const pipeline_metrics& m, const snapshot& now) {
    to.family(kind::counter, "millrace_processor_events_received", "Events fetched.");
    to.sample(m.received.value());
    to.family(kind::counter, "millrace_processor_events", "Events that became final, by outcome.");
    to.sample(m.processed.value(), {{"outcome", "processed"}});
    to.sample(m.dead_lettered.value(), {{"outcome", "dead_lettered"}});
    to.sample(m.duplicates.value(), {{"outcome", "duplicate"}});
    to.family(kind::counter, "millrace_processor_retries", "Attempts that are to be repeated.");
    to.sample(m.retried.value());
    to.family(kind::counter, "millrace_processor_events_discarded",
              "Events under way when their partition was given up; their next owner handles them again.");
    to.sample(m.discarded.value());
    to.family(kind::counter, "millrace_processor_events_reread",
              "Records before the committed offset that were read again to know their duplicates.");
    to.sample(m.reread.value());
    to.family(kind::counter, "millrace_processor_events_recalled",
              "Events that an earlier owner had finished beyond the committed offset: not handled again.");
    to.sample(m.recalled.value());
    to.family(kind::counter, "millrace_processor_events_overlapped",
              "Events that a handler had when their partition went to another member, which may begin them "
              "meanwhile.");
    to.sample(m.overlapped_lost.value(), {{"reason", "partition_lost"}});
    to.sample(m.overlapped_late.value(), {{"reason", "drain_timeout"}});
    to.family(kind::histogram, "millrace_processor_end_to_end_duration_seconds",
              "From a record's timestamp until the event was processed.");
    to.sample(m.end_to_end);
    to.family(kind::histogram, "millrace_processor_handler_duration_seconds", "Of one attempt.");
    to.sample(m.handling);
    to.family(kind::gauge, "millrace_processor_handler_in_flight", "Attempts under way.");
    to.sample(std::uint64_t{now.handler.in_flight});
    to.family(kind::gauge, "millrace_processor_handler_concurrency_limit", "processor.concurrency.");
    to.sample(std::uint64_t{now.handler.concurrency});
    to.family(kind::gauge, "millrace_processor_dead_letters_pending",
              "Events whose dead letter is not stored yet.");
    to.sample(std::uint64_t{now.dead_letters.pending});
}

// A number that is not known has no sample.
template <class Read>
void write_partitions(exposition& to, const snapshot& now, std::string_view name, std::string_view help,
                      Read read) {
    to.family(kind::gauge, name, help);
    for (const partition_snapshot& p : now.partitions)
        if (const auto number = read(p))
            to.sample(static_cast<double>(*number),
                      {{"topic", p.name.topic}, {"partition", std::to_string(value(p.name.partition))}});
}

void write_group(exposition& to, const pipeline_metrics& m, const stall_watch& stalls, const snapshot& now) {
    write_partitions(to, now, "millrace_processor_lag_events", "From the consumed position to the log's end.",
                     [](const partition_snapshot& p) { return p.lag(); });
    write_partitions(to, now, "millrace_processor_in_flight_events", "Events fetched and not final.",
                     [](const partition_snapshot& p) { return std::optional(p.in_flight); });
    write_partitions(to, now, "millrace_processor_oldest_in_flight_seconds", "Age of the oldest of them.",
                     [](const partition_snapshot& p) { return p.oldest_in_flight_s; });
    write_partitions(to, now, "millrace_processor_partition_throttled",
                     "1 while fetching is paused because events wait for each other.",
                     [](const partition_snapshot& p) {
                         return std::optional(p.state == partition_state::throttled ? 1 : 0);
                     });
    to.family(kind::gauge, "millrace_processor_stalls",
              "What is stalled now: /status names each with its coordinates.");
    for (const stall_reason r : all_stall_reasons)
        to.sample(stalls.count(r), {{"reason", to_string(r)}});
    write_partitions(to, now, "millrace_processor_partition_paused", "1 while it is paused by request.",
                     [](const partition_snapshot& p) {
                         return std::optional(p.state == partition_state::paused ? 1 : 0);
                     });
    to.family(kind::gauge, "millrace_processor_paused", "1 while everything is paused by request.");
    to.sample(std::uint64_t{now.all_paused ? 1U : 0U});
    to.family(kind::counter, "millrace_processor_throttles", "Times that a partition's fetching was paused.");
    to.sample(m.throttles.value());
    to.family(kind::counter, "millrace_processor_logs_replaced",
              "Partitions started over because their topic was deleted and made again.");
    to.sample(m.logs_replaced.value());
    to.family(kind::counter, "millrace_processor_partitions_lost",
              "Partitions that went to other members because the session was lost.");
    to.sample(m.partitions_lost.value());
    to.family(kind::counter, "millrace_processor_rebalances", "Changes of this member's assignment.");
    to.sample(std::uint64_t{now.group.rebalances});
    to.family(kind::counter, "millrace_processor_commits", "Commits asked for.");
    to.sample(m.commits.value());
    to.family(kind::counter, "millrace_processor_commit_failures", "Commits that the broker refused.");
    to.sample(m.commit_failures.value());
    to.family(kind::gauge, "millrace_kafka_brokers_up", "Brokers with a working connection.");
    if (now.kafka.brokers_up)
        to.sample(static_cast<double>(*now.kafka.brokers_up));
    to.family(kind::gauge, "millrace_kafka_brokers_known", "Brokers of the cluster that are known.");
    if (now.kafka.brokers_known)
        to.sample(static_cast<double>(*now.kafka.brokers_known));
    to.family(kind::counter, "millrace_kafka_received_bytes", "From all brokers, as compressed there.");
    to.sample(now.kafka.received_bytes);
}

} // namespace

void say_ready(http::exchange& e, const pipeline& events) {
    http::say_ready(e, "No events are processed now.", failing_checks(events));
}

void say_version(http::exchange& e) {
    http::say_version(e, "millrace-processor", kafka::library_version());
}

void say_status(http::exchange& e, const pipeline& events) {
    snapshot now;
    events.describe(now);
    http::respond_json(e, to_json(now));
}

void say_metrics(http::exchange& e, const pipeline& events, const handler& by, const page_counts& counts,
                 const http::server_stats& server) {
    snapshot now;
    events.describe(now);
    exposition text(exposition::negotiate(e.request().header("accept")));
    write_events(text, events.metrics(), now);
    write_group(text, events.metrics(), events.stalls(), now);
    by.write_metrics(text);
    text.family(kind::gauge, "millrace_processor_receipts_held", "Answers held until an event is final.");
    text.sample(std::uint64_t{counts.receipts_held});
    text.family(kind::gauge, "millrace_processor_status_streams", "Clients that follow /status/stream.");
    text.sample(std::uint64_t{counts.streams});
    text.family(kind::counter, "millrace_processor_dead_letters_redriven", "Events published again.");
    text.sample(counts.letters_redriven);
    text.family(kind::gauge, "millrace_http_connections", "Connections open.");
    text.sample(server.connections_open.load());
    text.family(kind::counter, "millrace_http_accept_failures",
                "Times that no connection could be taken for want of descriptors or memory.");
    text.sample(server.accept_failures.load());
    text.family(kind::counter, "millrace_http_requests", "Requests answered.");
    text.sample(server.requests.load());
    text.family(kind::gauge, "millrace_ready", "1 where /readyz would say 200, else 0.");
    text.sample(std::uint64_t{failing_checks(events).empty()});
    runtime::write_process_metrics(text);
    const std::string_view type = text.content_type();
    e.respond({.status = 200, .content_type = type, .body = std::move(text).finish()});
}

} // namespace millrace::processor
