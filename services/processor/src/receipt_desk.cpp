#include "receipt_desk.hpp"

#include "millrace/core/text.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/processor/snapshot.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace millrace::processor {
namespace {

constexpr std::size_t max_held = 1'024;
constexpr std::size_t max_asking = 64; // questions to Kafka at once; it has room for 256
constexpr double max_wait_s = 30;
constexpr milliseconds sweep_interval{100};
constexpr milliseconds max_interval{2'000};

http::problem bad_request(std::string detail) {
    return {.status = 400,
            .code = "malformed_request",
            .title = "Malformed request",
            .detail = std::move(detail)};
}

http::problem not_found(std::string detail) {
    return {.status = 404, .code = "not_found", .title = "Not found", .detail = std::move(detail)};
}

http::problem busy() {
    return {.status = 503,
            .code = "overloaded",
            .title = "Overloaded",
            .detail = "Too many receipts are being looked up at once. Ask again, or ask without wait.",
            .retryable = true,
            .retry_after_s = 1};
}

http::problem unavailable(const error_code& why) {
    return {.status = 503,
            .code = "broker_unavailable",
            .title = "Broker unavailable",
            .detail = "This receipt is not in memory and Kafka could not be asked: " + why.message() + ".",
            .retryable = true,
            .retry_after_s = 1};
}

http::problem mismatch(const receipt& r) {
    return {.status = 409,
            .code = "receipt_mismatch",
            .title = "Receipt mismatch",
            .detail = "The event at these coordinates has another id ('" + r.id +
                      "'): this is not the log that the receipt was given for."};
}

// Offset and partition are numbers without sign.
template <class T>
std::optional<T> natural(std::string_view text) {
    const auto n = parse_number<T>(text);
    return n && *n >= 0 && text.front() != '-' ? n : std::nullopt;
}

} // namespace

void receipt_desk::receive(http::exchange& e) {
    const http::request& r = e.request();
    const auto topic = percent_decode(r.parameters[0]);
    const auto partition = natural<std::int32_t>(r.parameters[1]);
    const auto offset = natural<std::int64_t>(r.parameters[2]);
    if (!topic || !partition || !offset)
        return http::respond(
            e, bad_request("A receipt is at /v1/events/{topic}/{partition}/{offset}, with numbers for "
                           "partition and offset."));
    double wait_s = 0;
    if (const auto raw = raw_query_parameter(r.query, "wait")) {
        const auto wait = decode_query_value(*raw);
        const auto seconds = wait ? parse_number<double>(*wait) : std::nullopt;
        if (!seconds || !std::isfinite(*seconds) || *seconds < 0)
            return http::respond(e, bad_request("wait is a number of seconds, at most 30."));
        wait_s = std::min(*seconds, max_wait_s);
    }
    std::optional<std::string> id;
    if (const auto raw = raw_query_parameter(r.query, "id")) {
        id = decode_query_value(*raw);
        if (!id)
            return http::respond(e, bad_request("id is not percent-encoded as it should be."));
    }
    if (!topics_.consumes(*topic))
        return http::respond(e, not_found("The topic '" + *topic + "' is not consumed by this processor."));
    if (questions_.size() >= max_held || asking_ >= max_asking)
        return http::respond(e, busy());

    question& q = questions_.emplace_back();
    q.exchange = &e;
    q.at = {*topic, static_cast<partition_id>(*partition), static_cast<record_offset>(*offset)};
    q.id = std::move(id);
    const steady_time now = steady_clock::now();
    q.deadline =
        now + std::chrono::duration_cast<steady_clock::duration>(std::chrono::duration<double>(wait_s));
    look(std::prev(questions_.end()));
}

// From memory where it is known there, else from Kafka.
void receipt_desk::look(questions::iterator q) {
    const partition* const own = events_.owned({q->at.topic, q->at.partition});
    if (own != nullptr) {
        if (auto known = own->receipts->find(q->at.offset)) {
            known->where = q->at;
            return decide(q, std::move(known));
        }
        const auto processed = own->tracker.watermark();
        if (q->in_log && (!processed || *processed <= q->at.offset))
            return decide(q, std::optional(q->last)); // still to come: no need to ask Kafka again
    }
    if (asking_ >= max_asking) {
        if (closed_ || steady_clock::now() >= q->deadline)
            return http::respond(remove(q), busy());
        return hold(q);
    }
    ++asking_;
    q->asking = true;
    lookup_.look(q->at, own != nullptr ? own->tracker.watermark() : std::nullopt,
                 [this, q](result<std::optional<receipt>> found) {
                     --asking_;
                     q->asking = false;
                     q->in_log = found.has_value() && found->has_value();
                     decide(q, std::move(found));
                 });
}

void receipt_desk::decide(questions::iterator q, result<std::optional<receipt>> found) {
    if (found.has_error())
        return http::respond(remove(q), unavailable(found.error()));
    if (!found->has_value())
        return http::respond(remove(q),
                             not_found("There is no such partition, or its log ends before that offset."));
    const receipt& r = **found;
    if (q->id && !r.id.empty() && r.id != *q->id)
        return http::respond(remove(q), mismatch(r));
    if (is_final(r.state) || closed_ || steady_clock::now() >= q->deadline)
        return answer(q, r);
    q->last = r;
    hold(q);
}

void receipt_desk::hold(questions::iterator q) {
    if (q->followed == nullptr) {
        q->followed = events_.owned({q->at.topic, q->at.partition});
        if (q->followed != nullptr) {
            ++q->followed->followers;
            q->spot = by_place_.emplace(place{q->followed, q->at.offset}, q);
        }
    }
    q->next_look = steady_clock::now() + q->interval;
    q->interval = std::min(q->interval * 2, max_interval);
    if (!sweeping_)
        sweep();
}

void receipt_desk::on_final(const partition& of, record_offset at) {
    const auto [first, last] = by_place_.equal_range(place{&of, at});
    std::vector<questions::iterator> waiting;
    for (auto i = first; i != last; ++i)
        if (!i->second->asking)
            waiting.push_back(i->second);
    for (const auto q : waiting)
        look(q);
}

void receipt_desk::sweep() {
    sweeping_ = !questions_.empty();
    if (!sweeping_)
        return;
    timer_.expires_after(sweep_interval);
    timer_.async_wait([this](error_code) {
        const steady_time now = steady_clock::now();
        for (auto at = questions_.begin(); at != questions_.end();) {
            const auto q = at++;
            if (!q->asking && (closed_ || now >= q->next_look || now >= q->deadline))
                look(q);
        }
        sweep();
    });
}

void receipt_desk::close() {
    closed_ = true;
    timer_.cancel(); // its handler looks at all of them for the last time
}

void receipt_desk::answer(questions::iterator q, const receipt& r) {
    const std::string body = to_json(r);
    remove(q).respond({.status = 200, .content_type = "application/json", .body = body});
}

// Forgets the question; its exchange is still to be answered.
http::exchange& receipt_desk::remove(questions::iterator q) {
    http::exchange& e = *q->exchange;
    if (q->followed != nullptr) {
        --q->followed->followers;
        by_place_.erase(q->spot);
    }
    questions_.erase(q);
    return e;
}

} // namespace millrace::processor
