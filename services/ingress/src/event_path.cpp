#include "event_path.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/trace.hpp"
#include "millrace/runtime/log.hpp"

#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace millrace::ingress {
namespace {

std::uint64_t microseconds(steady_clock::duration d) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(d).count());
}

// Prepared, since memory is what is missing when it is needed.
constexpr std::string_view internal_error =
    R"({"type":"urn:problem-type:millrace:internal_error","title":"Internal error","status":500,)"
    R"("detail":"The answer could not be written. The events may or may not be stored. Send them again with the )"
    R"(same ids: each is processed once.","code":"internal_error","retryable":true})"
    "\n";

/// Decodes `?key=` into `key`; returns what is wrong with it, or nothing.
std::string_view read_partition_key(std::string_view query, std::optional<std::string>& key) {
    const auto raw = raw_query_parameter(query, "key");
    if (!raw)
        return {};
    if (has_repeated_query_parameter(query, "key"))
        return "The query parameter `key` is given more than once. Send one.";
    key = decode_query_value(*raw);
    return key ? std::string_view{}
               : "The query parameter `key` has a % that is not followed by two hexadecimal digits. "
                 "Percent-encode it as %25.";
}

} // namespace

event_path::event_path(kafka::publisher& publisher, admission& budget, loop_metrics& metrics,
                       event::decode_limits limits, const receipt_writer& receipts)
    : publisher_(publisher),
      budget_(budget),
      metrics_(metrics),
      receipts_(receipts),
      decoder_(limits),
      publications_(*this) {}

void event_path::receive(http::exchange& from, const posting& posted) {
    if (!may_publish(from))
        return;
    const http::request& request = from.request();
    const event_headers sent = read_event_headers(request.headers, tracestate_);
    if (sent.is_encoded() && posted.body.data() == request.body.data())
        return refuse(from, unsupported_encoding(*sent.content_encoding));
    if (sent.idempotency_key_repeated)
        return refuse(from, malformed_request("Idempotency-Key is given more than once. Send one."));
    std::optional<std::string> key;
    if (const std::string_view wrong = read_partition_key(request.query, key); !wrong.empty())
        return refuse(from, malformed_request(std::string(wrong)));
    const unix_ms received = system_now();
    const auto decoded = decoder_.decode({.content_type = sent.content_type,
                                          .headers = request.headers,
                                          .body = posted.body,
                                          .idempotency_key = sent.idempotency_key,
                                          .key = key,
                                          .defaults = {posted.to.source, posted.to.type},
                                          .received = received});
    if (!decoded)
        return refuse(from, refused(decoded.error()));
    if (admit(from, decoded->events.size(), posted.body.size()))
        publish(from, posted, *decoded, trace_of(sent), received);
}

void event_path::receive(http::exchange& from, const posting& posted, const event::event& ready) {
    if (!may_publish(from))
        return;
    const event_headers sent = read_event_headers(from.request().headers, tracestate_);
    if (admit(from, 1, posted.body.size()))
        publish(from, posted, {.events = {&ready, 1}, .batch = false}, trace_of(sent), system_now());
}

// What needs no look at the request is refused before any work is done for it.
bool event_path::may_publish(http::exchange& from) {
    if (draining_) {
        refuse(from, draining());
        return false;
    }
    if (!publisher_.available()) {
        refuse(from, broker_unavailable("Nothing can be published now: " + publisher_.unavailable_reason() +
                                        ". Nothing was stored. Send the request again later."));
        return false;
    }
    return true;
}

bool event_path::admit(http::exchange& from, std::size_t events, std::size_t bytes) {
    if (budget_.admit(events, bytes))
        return true;
    if (events > budget_.max_events()) {
        refuse(from, too_many_events(budget_.max_events()));
        return false;
    }
    refuse(from,
           overloaded("Too many events or bytes wait for the broker (ingress.max_in_flight_events, "
                      "ingress.max_in_flight_bytes). Nothing was stored. Send the request again later."));
    return false;
}

void event_path::publish(http::exchange& from, const posting& posted, const event::decoded& batch,
                         const event::trace_context& trace, unix_ms received) {
    publication& p = publications_.take();
    p.begin(from, posted.to, batch.events.size(), batch.batch, posted.body.size());

    const kafka::lane lane =
        publisher_.choose_lane(batch.events.size()); // one for all: events of a request stay in order
    error_code stopped;
    for (std::size_t i = 0; i < batch.events.size(); ++i) {
        const event::event& e = batch.events[i];
        record_headers_.clear();
        event::append_headers(e, trace, record_headers_);
        kafka::delivery_listener& listener = p.expect(i, e.id, e.source);
        if (!stopped)
            stopped = publisher_.send(lane, posted.to.name,
                                      {.key = e.key,
                                       .value = e.data,
                                       .headers = record_headers_,
                                       .timestamp = received,
                                       .partition = {}},
                                      listener);
        if (stopped)
            p.fail(i, stopped);
    }
    p.sealed();
}

// Every event of the request is settled: the budget is free again, and who still waits gets the answer.
void event_path::settled(publication& p) noexcept {
    try {
        count_outcomes(p);
        if (p.waiting != nullptr)
            answer(p);
    } catch (const std::exception& problem) { // out of memory, for all that is known of it
        runtime::log(runtime::level::error, "An answer could not be written", {{"reason", problem.what()}});
        if (p.waiting != nullptr)
            p.waiting->respond({.status = 500,
                                .content_type = "application/problem+json",
                                .body = internal_error,
                                .close = true});
    }
    budget_.release(p.events(), p.bytes);
    publications_.give_back(p);
}

void event_path::count_outcomes(publication& p) {
    const std::uint64_t waited = microseconds(steady_clock::now() - p.handed_over);
    for (const outcome& o : p.outcomes()) {
        if (!o.delivery->error) {
            metrics_.events_stored.add();
            metrics_.ack_latency.record_us(waited);
        } else if (o.delivery->error == condition::outcome_unknown) {
            metrics_.events_unknown.add();
        } else {
            metrics_.events_not_stored.add();
        }
    }
}

void event_path::answer(publication& p) {
    const std::span<const outcome> outcomes = p.outcomes();
    bool all_stored = true;
    for (const outcome& o : outcomes)
        all_stored = all_stored && !o.delivery->error;
    if (all_stored)
        return answer_stored(p, outcomes);
    http::problem problem = not_all_stored(outcomes);
    if (p.batch)
        problem.events_json = receipts_.states(p.to->name, outcomes);
    http::respond(*p.waiting, problem);
    p.waiting = nullptr;
}

void event_path::answer_stored(publication& p, std::span<const outcome> outcomes) {
    body_.clear();
    location_.clear();
    if (p.batch) {
        receipts_.batch(body_, p.to->name, outcomes);
    } else {
        receipts_.single(body_, p.to->name, outcomes.front());
        receipts_.append_status_url(location_, p.to->name, outcomes.front());
    }
    const field location{"Location", location_};
    metrics_.bytes_stored.add(p.bytes);
    p.waiting->respond({.status = 202,
                        .content_type = "application/json",
                        .body = body_,
                        .headers = {&location, location_.empty() ? 0U : 1U}});
    p.waiting = nullptr;
}

void event_path::answer_overdue(steady_time latest) {
    for (publication* p = publications_.oldest(); p != nullptr && p->handed_over <= latest; p = p->newer) {
        if (p->waiting == nullptr)
            continue;
        metrics_.answered_at_deadline.add();
        http::respond(
            *std::exchange(p->waiting, nullptr),
            outcome_unknown("The broker did not answer within http.request_timeout_ms. The events may or "
                            "may not be stored. Send them again with the same ids: each is processed "
                            "once."));
    }
}

// W3C Trace Context, section 4.3: what is valid goes on unchanged, what is not is replaced by a new trace.
event::trace_context event_path::trace_of(const event_headers& sent) {
    if (event::is_valid_traceparent(sent.traceparent))
        return {sent.traceparent,
                event::is_valid_tracestate(sent.tracestate) ? sent.tracestate : std::string_view{}};
    traceparent_ = event::make_traceparent(random_(), random_(), random_());
    return {std::string_view(traceparent_.data(), traceparent_.size()), {}};
}

void event_path::refuse(http::exchange& from, const http::problem& why) {
    if (why.status < 500)
        metrics_.events_refused.add();
    http::respond(from, why);
}

} // namespace millrace::ingress
