// The way round: events that Kafka cannot take now, or that must not pass others of their key which wait, go
// to the spool and are answered 202 when they are on the disk. docs/adr/0016
#include "event_path.hpp"
#include "millrace/kafka/error.hpp"
#include "on_loop.hpp"
#include "spool.hpp"
#include "spool_delivery.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace millrace::ingress {
namespace {

/// A broker that says no for a reason of its own would say it again; one that was not there may be later.
bool is_for_want_of_a_broker(const error_code& e) {
    return e == kafka::errc::not_stored || e == kafka::errc::brokers_down || e == kafka::errc::closed;
}

spooled_event spooled(const topic& to, const request_origin& origin, std::span<const field> headers) {
    spooled_event e;
    e.topic = to.name;
    e.headers = pack(headers);
    e.received = origin.received;
    e.poster = origin.poster;
    e.id_from_client = origin.ids_from_client;
    e.known_by_key = origin.known_by_key;
    return e;
}

} // namespace

// Of a topic that was never seen nobody knows yet whether it exists: it is presumed to. One that is known to
// be missing is refused as ever.
bool event_path::is_away(const topic& to) const {
    return !publisher_.available() || (to.partitions.load(std::memory_order_relaxed) <= 0 &&
                                       !to.missing.load(std::memory_order_relaxed));
}

bool event_path::may_spool(http::exchange& from) {
    const error_code refusal = spool_->refusal();
    if (!refusal || refusal == spool_errc::no_disk) // which is tried: it may have recovered
        return true;
    http::respond(from, broker_unavailable("Kafka cannot be reached, and " + refusal.message() +
                                           ". Nothing was stored. Send the request again later."));
    return false;
}

request_origin event_path::origin_of(const posting& posted, const accepted& request) {
    const bool from_client = !request.events.empty() && request.events.front().id_from_client;
    return {.poster = std::string(posted.poster),
            .received = request.received,
            .ids_from_client = from_client,
            .known_by_key =
                from_client && request.key && !request.batch && !request.events.front().cloud_event};
}

// A request goes one way as a whole. Without a key an event has no order to keep.
bool event_path::is_detour(const publication& p, const accepted& request) const {
    if (is_away(*p.to))
        return true;
    if (spool_->empty())
        return false;
    for (std::size_t i = 0; i < request.events.size(); ++i)
        if (const auto& key = request.events[i].key; key && p.is_own(i) && spool_->holds(p.to->name, *key))
            return true;
    return false;
}

void event_path::spool_events(publication& p, const accepted& request) {
    std::vector<returned_event> events;
    for (std::size_t i = 0; i < request.events.size(); ++i) {
        if (!p.is_own(i))
            continue;
        const event::event& e = request.events[i];
        record_headers_.clear();
        event::append_headers(e, request.trace, record_headers_);
        spooled_event made = spooled(*p.to, p.origin, record_headers_);
        made.id = e.id;
        made.source = e.source;
        made.value = e.data;
        if (e.key)
            made.key = std::string(*e.key);
        events.push_back({i, std::move(made)});
    }
    if (!is_away(*p.to) && spool_->takes_passengers())
        return pass_through(p, std::move(events));
    std::vector<std::size_t> own;
    for (const returned_event& e : events)
        own.push_back(e.index);
    if (const error_code refused = add_to_spool(p, std::move(events)))
        for (const std::size_t i : own)
            p.fail(i, refused);
}

// Nearly all of the spool is published: behind the rest, without a detour by the disk. What comes back from
// there has to take it.
void event_path::pass_through(publication& p, std::vector<returned_event> events) {
    std::vector<spool_passenger> passengers;
    for (returned_event& e : events) {
        auto tell = on_loop(loop_, [&p, index = e.index](std::pair<kafka::delivery, spooled_event> told) {
            if (p.waiting != nullptr && is_for_want_of_a_broker(told.first.error))
                p.came_back(told.first, {index, std::move(told.second)});
            else
                p.listener(index).on_delivery(told.first);
        });
        passengers.push_back(
            {std::move(e.event), [tell = std::move(tell)](const kafka::delivery& d, spooled_event event) {
                 tell(std::pair(d, std::move(event)));
             }});
    }
    spool_->pass(std::move(passengers));
}

// librdkafka's copy of the record is all that is left of it: the request's own buffers are used again.
bool event_path::keep(publication& p, std::size_t index, const kafka::delivery& d,
                      const kafka::message& record) noexcept {
    if (spool_ == nullptr || p.waiting == nullptr || !is_for_want_of_a_broker(d.error))
        return false;
    try {
        record_headers_.clear();
        record.headers(record_headers_);
        spooled_event made = spooled(*p.to, p.origin, record_headers_);
        made.id = p.id(index);
        made.source = p.source(index);
        made.value = record.value().value_or(std::string_view{});
        if (const auto key = record.key())
            made.key = std::string(*key);
        p.returned.push_back({index, std::move(made)});
        return true;
    } catch (const std::exception&) { // out of memory: it is not stored, and is answered so
        return false;
    }
}

// What came back goes round by the spool, unless the request is to be answered with a failure anyhow.
void event_path::send_round(publication& p) noexcept {
    std::vector<returned_event> back = std::exchange(p.returned, {});
    std::ranges::sort(back, {}, &returned_event::index); // as the client had them
    std::vector<std::size_t> kept;
    bool failed = p.waiting == nullptr;
    try {
        for (const returned_event& e : back)
            kept.push_back(e.index);
        const auto outcomes = p.outcomes();
        for (std::size_t i = 0; i < outcomes.size(); ++i)
            failed = failed || (outcomes[i].delivery->error && !std::ranges::binary_search(kept, i));
        if (!failed && !add_to_spool(p, std::move(back)))
            return;
    } catch (const std::exception&) { // out of memory: they are not stored, and are answered so
    }
    for (const std::size_t i : kept)
        p.let_stand(i);
}

// Each event is told to the publication on this loop, once all of them are on the disk or are not.
error_code event_path::add_to_spool(publication& p, std::vector<returned_event> events) {
    std::vector<spooled_event> taken;
    std::vector<std::pair<std::size_t, unix_ms>> indexes;
    for (returned_event& e : events) {
        indexes.emplace_back(e.index, e.event.received);
        taken.push_back(std::move(e.event));
    }
    return spool_->add(std::move(taken),
                       on_loop(loop_, [&p, indexes = std::move(indexes)](error_code failed) {
                           for (const auto& [index, received] : indexes)
                               p.listener(index).on_delivery(failed ? kafka::delivery{.error = failed}
                                                                    : spooled_delivery(received));
                       }));
}

} // namespace millrace::ingress
