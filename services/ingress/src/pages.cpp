#include "pages.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/decoder.hpp"
#include "millrace/http/standard_pages.hpp"
#include "millrace/kafka/client_config.hpp"
#include "millrace/runtime/metrics.hpp"
#include "worker.hpp"

#include <array>
#include <string>

namespace millrace::ingress {
namespace {

using runtime::exposition;
using kind = exposition::kind;

template <class Read>
std::uint64_t sum(const shared_state& shared, Read read) {
    std::uint64_t total = 0;
    for (const auto& w : shared.workers)
        total += read(*w);
    return total;
}

void write_requests(exposition& to, const shared_state& shared) {
    to.family(kind::counter, "millrace_ingress_requests", "Requests answered, by route and status.");
    for (std::size_t r = 0; r < request_counts::routes.size(); ++r)
        for (std::size_t s = 0; s < request_counts::statuses.size(); ++s) {
            const auto count = sum(shared, [&](const worker& w) { return w.metrics().requests.value(r, s); });
            if (count == 0)
                continue;
            const unsigned status = request_counts::statuses[s];
            const std::string text = status == 0 ? "other" : std::to_string(status);
            to.sample(count, {{"route", request_counts::routes[r]}, {"status", text}});
        }
    runtime::latency_histogram request;
    runtime::latency_histogram ack;
    for (const auto& w : shared.workers) {
        request.merge(w->metrics().request_latency);
        ack.merge(w->metrics().ack_latency);
    }
    to.family(kind::histogram, "millrace_ingress_request_duration_seconds",
              "From the last byte of a request to its 202 written.");
    to.sample(request);
    to.family(kind::histogram, "millrace_ingress_broker_ack_duration_seconds",
              "From handing an event to the producer to the broker's acknowledgement.");
    to.sample(ack);
}

void write_events(exposition& to, const shared_state& shared) {
    to.family(kind::counter, "millrace_ingress_events", "Events by outcome: stored, not_stored, unknown.");
    to.sample(sum(shared, [](const worker& w) { return w.metrics().events_stored.value(); }),
              {{"outcome", "stored"}});
    to.sample(sum(shared, [](const worker& w) { return w.metrics().events_not_stored.value(); }),
              {{"outcome", "not_stored"}});
    to.sample(sum(shared, [](const worker& w) { return w.metrics().events_unknown.value(); }),
              {{"outcome", "unknown"}});
    to.family(kind::counter, "millrace_ingress_stored_request_bytes", "Body bytes of requests answered 202.");
    to.sample(sum(shared, [](const worker& w) { return w.metrics().bytes_stored.value(); }));
    to.family(kind::counter, "millrace_ingress_requests_refused",
              "Requests of which no event was published because the request was wrong (4xx).");
    to.sample(sum(shared, [](const worker& w) { return w.metrics().events_refused.value(); }));
    to.family(kind::counter, "millrace_ingress_deadline_answers",
              "Requests answered 504 because the broker was silent for http.request_timeout_ms.");
    to.sample(sum(shared, [](const worker& w) { return w.metrics().answered_at_deadline.value(); }));
}

void write_limits(exposition& to, const shared_state& shared) {
    to.family(kind::gauge, "millrace_ingress_in_flight_events", "Events admitted and not yet settled.");
    to.sample(sum(shared, [](const worker& w) { return w.budget().events(); }));
    to.family(kind::gauge, "millrace_ingress_in_flight_events_limit", "ingress.max_in_flight_events.");
    to.sample(sum(shared, [](const worker& w) { return w.budget().max_events(); }));
    to.family(kind::gauge, "millrace_ingress_in_flight_bytes", "Body bytes admitted and not yet settled.");
    to.sample(sum(shared, [](const worker& w) { return w.budget().bytes(); }));
    to.family(kind::gauge, "millrace_ingress_in_flight_bytes_limit", "ingress.max_in_flight_bytes.");
    to.sample(sum(shared, [](const worker& w) { return w.budget().max_bytes(); }));
    to.family(kind::gauge, "millrace_http_connections", "Connections open.");
    to.sample(sum(shared, [](const worker& w) { return w.http_stats().connections_open.load(); }));
    to.family(kind::counter, "millrace_http_connections_accepted", "Connections accepted.");
    to.sample(sum(shared, [](const worker& w) { return w.http_stats().connections_accepted.load(); }));
    to.family(kind::counter, "millrace_http_accept_failures",
              "Attempts to accept a connection for which there was no descriptor or memory.");
    to.sample(sum(shared, [](const worker& w) { return w.http_stats().accept_failures.load(); }));
    to.family(kind::counter, "millrace_http_connections_refused", "Connections over http.max_connections.");
    to.sample(sum(shared, [](const worker& w) { return w.http_stats().connections_refused.load(); }));
    to.family(kind::counter, "millrace_http_timeouts", "Connections ended by a timeout of theirs.");
    to.sample(sum(shared, [](const worker& w) { return w.http_stats().timeouts.load(); }));
}

void write_kafka(exposition& to, const shared_state& shared) {
    const kafka::publisher_stats& first = shared.workers.front()->kafka_stats();
    to.family(kind::gauge, "millrace_kafka_brokers_up", "Brokers with a working connection.");
    to.sample(first.brokers_up.load());
    to.family(kind::gauge, "millrace_kafka_brokers_known", "Brokers of the cluster that are known.");
    to.sample(first.brokers_known.load());
    to.family(kind::counter, "millrace_kafka_producers_recreated", "Producers replaced after a fatal error.");
    to.sample(sum(shared, [](const worker& w) { return w.kafka_stats().recreated.load(); }));
}

} // namespace

void say_ready(http::exchange& e, const std::vector<http::problem::error>& failing) {
    http::say_ready(e, "A POST would be refused now.", failing);
}

void say_version(http::exchange& e) {
    http::say_version(e, "millrace-ingress", kafka::library_version());
}

void say_what_is_taken(http::exchange& e) {
    const std::array<field, 2> headers = {field{"Allow", "OPTIONS, POST"},
                                          field{"Accept-Post", event::accepted_media_types}};
    e.respond({.status = 204, .headers = headers});
}

void say_metrics(http::exchange& e, const shared_state& shared) {
    exposition text(exposition::negotiate(e.request().header("accept")));
    write_requests(text, shared);
    write_events(text, shared);
    write_limits(text, shared);
    write_kafka(text, shared);
    runtime::write_process_metrics(text);
    const std::string_view type = text.content_type();
    e.respond({.status = 200, .content_type = type, .body = std::move(text).finish()});
}

http::problem unknown_topic(std::string_view name) {
    return {.status = 404,
            .code = "not_found",
            .title = "Not found",
            .detail = "The topic '" + std::string(name) +
                      "' is not open for events here. To open it, add a section [topics.NAME] to the "
                      "configuration."};
}

} // namespace millrace::ingress
