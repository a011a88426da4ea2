#include "event_path.hpp"

#include "millrace/event/idempotency_key.hpp"
#include "millrace/event/partition.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>

namespace millrace::ingress {
namespace {

// Without a key, an event whose id the client chose meets the partition of the one that it may be a retry of.
// Any other goes by its key, or where librdkafka likes.
std::optional<partition_id> partition_for(const topic& to, const event::event& e) {
    const int partitions = to.partitions.load(std::memory_order_relaxed);
    if (e.key || !e.id_from_client || partitions <= 0)
        return std::nullopt;
    return partition_id{event::partition_of(e.source, e.id, partitions)};
}

/// What a request's events take until the broker has them: a name or key that is written once may be of many.
std::size_t weight_of(const posting& posted, std::span<const event::event> events) noexcept {
    std::size_t bytes = 0;
    for (const event::event& e : events)
        bytes += e.id.size() + e.source.size() + e.type.size() + e.data.size() + (e.key ? e.key->size() : 0);
    return std::max(bytes, posted.body.size());
}

} // namespace

event_path::event_path(boost::asio::io_context& loop, kafka::publisher& publisher, admission& budget,
                       loop_metrics& metrics, event::decode_limits limits, const receipt_writer& receipts,
                       idempotency_window& window, spool* spool)
    : loop_(loop),
      publisher_(publisher),
      budget_(budget),
      metrics_(metrics),
      receipts_(receipts),
      window_(window),
      spool_(spool),
      claims_(window, metrics.twins_awaited),
      decoder_(limits),
      schema_check_(limits.max_json_depth),
      publications_(*this, loop) {}

void event_path::receive(http::exchange& from, const posting& posted) {
    if (!may_publish(from, posted.to))
        return;
    const http::request& request = from.request();
    const event_headers sent = read_event_headers(request.headers, tracestate_);
    if (sent.idempotency_key_repeated)
        return http::respond(from, malformed_request("Idempotency-Key is given more than once. Send one."));
    if (sent.idempotency_key && sent.idempotency_key->size() > most_key_bytes)
        return http::respond(
            from, malformed_request("Idempotency-Key is longer than 1024 bytes. Send a shorter one."));
    std::optional<std::string> key;
    if (const std::string_view wrong = read_partition_key(request.query, key); !wrong.empty())
        return http::respond(from, malformed_request(std::string(wrong)));
    const auto decoded = decoder_.decode({.content_type = sent.content_type,
                                          .headers = request.headers,
                                          .body = posted.body,
                                          .idempotency_key = sent.idempotency_key,
                                          .key = key,
                                          .defaults = {posted.to.source, posted.to.type},
                                          .received = posted.received});
    if (!decoded)
        return http::respond(from, refused(decoded.error()));
    enter(from, posted,
          {.events = decoded->events,
           .batch = decoded->batch,
           .bytes = weight_of(posted, decoded->events),
           .key = sent.idempotency_key ? event::idempotency_key_of(*sent.idempotency_key, key_scratch_)
                                       : std::nullopt,
           .trace = trace_of(sent, random_, traceparent_),
           .received = posted.received});
}

void event_path::receive(http::exchange& from, const posting& posted, const event::event& ready) {
    if (!may_publish(from, posted.to))
        return;
    const event_headers sent = read_event_headers(from.request().headers, tracestate_);
    enter(from, posted,
          {.events = {&ready, 1},
           .bytes = weight_of(posted, {&ready, 1}),
           .key = {},
           .trace = trace_of(sent, random_, traceparent_),
           .received = posted.received});
}

// What needs no look at the request is refused before any work is done for it. While the number of partitions
// is not known, a retry could not be sent where the first went.
bool event_path::may_publish(http::exchange& from, const topic& to) {
    if (draining_)
        http::respond(from, draining());
    else if (spool_ != nullptr && is_away(to))
        return may_spool(from);
    else if (!publisher_.available())
        http::respond(from,
                      broker_unavailable("Nothing can be published now: " + publisher_.unavailable_reason() +
                                         ". Nothing was stored. Send the request again later."));
    else if (to.partitions.load(std::memory_order_relaxed) <= 0)
        http::respond(
            from, broker_unavailable("The topic is not known to exist in Kafka. Nothing was stored. Send the "
                                     "request again later."));
    else
        return true;
    return false;
}

// Notes for the access log what the request is, whatever comes of it.
void event_path::enter(http::exchange& from, const posting& posted, const accepted& request) {
    from.notes().events = static_cast<std::uint32_t>(request.events.size());
    if (posted.schema != nullptr)
        if (const auto problem = schema_check_.problem_of(*posted.schema, request.events, request.batch))
            return http::respond(from, *problem);
    if (admit(from, request.events.size(), request.bytes))
        publish(from, posted, request);
}

bool event_path::admit(http::exchange& from, std::size_t events, std::size_t bytes) {
    if (budget_.admit(events, bytes))
        return true;
    if (bytes > budget_.max_bytes()) {
        http::respond(from, too_many_bytes(budget_.max_bytes()));
        return false;
    }
    if (events > budget_.max_events()) {
        http::respond(from, too_many_events(budget_.max_events()));
        return false;
    }
    http::respond(
        from, overloaded("Too many events or bytes wait for the broker (ingress.max_in_flight_events, "
                         "ingress.max_in_flight_bytes). Nothing was stored. Send the request again later."));
    return false;
}

void event_path::publish(http::exchange& from, const posting& posted, const accepted& request) {
    const std::string_view trace_id = request.trace.traceparent.substr(3, from.notes().trace_id.size());
    trace_id.copy(from.notes().trace_id.data(), trace_id.size());
    publication& p = publications_.take();
    p.begin(from, posted.to, request.events.size(), request.batch, request.bytes);
    p.body_bytes = posted.body.size();
    if (spool_ != nullptr)
        p.origin = origin_of(posted, request);
    for (std::size_t i = 0; i < request.events.size(); ++i)
        p.expect(i, request.events[i].id, request.events[i].source);
    if (claim(p, posted, request))
        send(p, request);
    p.sealed();
}

// Which of the events are published already, or just being. Where the client used an id or key again for
// something else, nothing of the request is published and what it claimed is free again; who came to wait for
// one of its events meanwhile, on another loop, is told to come again.
bool event_path::claim(publication& p, const posting& posted, const accepted& request) {
    const reuse found = claims_.claim(p, {.topic = posted.to.name,
                                          .poster = posted.poster,
                                          .key = request.key,
                                          .events = request.events,
                                          .batch = request.batch,
                                          .losses = posted.to.losses.load(std::memory_order_relaxed)});
    if (!found)
        return true;
    http::respond(*std::exchange(p.waiting, nullptr),
                  found.whole_request ? idempotency_key_reused() : ids_reused(p.batch, found.events));
    p.refused = true;
    for (std::size_t i = 0; i < p.events(); ++i)
        if (p.is_own(i))
            p.fail(i, make_error_code(boost::system::errc::operation_canceled));
    return false;
}

void event_path::send(publication& p, const accepted& request) {
    const std::size_t own = p.own_events();
    if (own == 0)
        return;
    if (request.trace.traceparent.data() == traceparent_.data()) // begun here: its client cannot know of it
        p.waiting->add_header("traceresponse", request.trace.traceparent);
    if (spool_ != nullptr && is_detour(p, request))
        return spool_events(p, request);
    const kafka::lane lane =
        publisher_.choose_lane(own, p.handed_over); // one for all: a request's stay in order
    error_code stopped;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
        if (!p.is_own(i))
            continue;
        const event::event& e = request.events[i];
        record_headers_.clear();
        event::append_headers(e, request.trace, record_headers_);
        if (!stopped)
            stopped = publisher_.send(lane, p.to->name,
                                      {.key = e.key,
                                       .value = e.data,
                                       .headers = record_headers_,
                                       .timestamp = request.received,
                                       .partition = partition_for(*p.to, e)},
                                      p.listener(i));
        if (stopped)
            p.fail(i, stopped);
    }
}

} // namespace millrace::ingress
