// The second half of an event's path: what became of it, and the answer that this makes.
#include "event_path.hpp"
#include "millrace/runtime/log.hpp"
#include "spool_delivery.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace millrace::ingress {
namespace {

constexpr std::size_t kept_body = 65'536; ///< of the largest answer, between two requests

} // namespace

// What became of an event that others may have waited for, each on the loop of its request.
void event_path::release(idempotency_window::hold held, const kafka::delivery& outcome) noexcept {
    for (twin* waited = window_.settle(held, outcome); waited != nullptr;) {
        twin& told = *std::exchange(waited, waited->next);
        if (told.loop == &loop_)
            told.on_delivery(outcome);
        else
            boost::asio::post(*told.loop, [&told, outcome] { told.on_delivery(outcome); });
    }
}

// Every event of the request is settled: the budget is free again, and who still waits gets the answer.
void event_path::settled(publication& p) noexcept {
    if (!p.returned.empty())
        return send_round(p);
    try {
        const std::span<const outcome> outcomes = p.outcomes();
        const auto failed =
            std::ranges::find_if(outcomes, [](const outcome& o) { return bool(o.delivery->error); });
        if (p.request) // a request of which not all is stored may be mended
            release(std::exchange(p.request, {}),
                    failed == outcomes.end() ? kafka::delivery{} : *failed->delivery);
        if (!p.refused)
            count_outcomes(p, outcomes);
        if (p.waiting != nullptr && failed == outcomes.end())
            answer_stored(p, outcomes);
        else if (p.waiting != nullptr)
            answer_failed(p, outcomes);
    } catch (const std::exception& problem) { // out of memory, for all that is known of it
        runtime::log(runtime::level::error, "An answer could not be written", {{"reason", problem.what()}});
        if (p.waiting != nullptr)
            p.waiting->respond(internal_error());
    }
    budget_.release(p.events(), p.bytes);
    publications_.give_back(p);
}

void event_path::count_outcomes(const publication& p, std::span<const outcome> outcomes) {
    const auto waited = steady_clock::now() - p.handed_over;
    topic_counts& counts = metrics_.of(p.to->name);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        const error_code& error = outcomes[i].delivery->error;
        if (!p.is_own(i)) { // what became of it is counted by the request that published it
            counts.replayed.add();
        } else if (is_spooled(*outcomes[i].delivery)) {
            counts.spooled.add();
        } else if (!error) {
            counts.stored.add();
            metrics_.ack_latency.record(waited);
        } else if (error == condition::outcome_unknown) {
            counts.unknown.add();
        } else {
            counts.not_stored.add();
        }
    }
}

void event_path::answer_failed(publication& p, std::span<const outcome> outcomes) {
    http::problem problem = not_all_stored(outcomes);
    if (p.batch)
        problem.events_json = receipts_.states(p.to->name, outcomes);
    http::respond(*p.waiting, problem);
    p.waiting = nullptr;
}

void event_path::answer_stored(publication& p, std::span<const outcome> outcomes) {
    if (body_.capacity() > kept_body)
        std::string().swap(body_);
    body_.clear();
    location_.clear();
    if (p.batch) {
        receipts_.batch(body_, p.to->name, outcomes);
    } else {
        receipts_.single(body_, p.to->name, outcomes.front());
        receipts_.append_status_url(location_, p.to->name, outcomes.front());
    }
    std::array<field, 2> headers;
    std::size_t count = 0;
    if (!location_.empty())
        headers[count++] = {"Location", location_};
    const bool replayed = !outcomes.empty() && p.own_events() == 0;
    if (replayed)
        headers[count++] = {"Idempotency-Replayed", "true"};
    else
        metrics_.bytes_stored.add(p.body_bytes);
    p.waiting->respond({.status = 202,
                        .content_type = "application/json",
                        .body = body_,
                        .headers = {headers.data(), count}});
    p.waiting = nullptr;
}

void event_path::answer_overdue(steady_time latest) {
    for (publication* p = publications_.oldest(); p != nullptr && p->handed_over <= latest; p = p->newer) {
        if (p->waiting == nullptr)
            continue;
        metrics_.answered_at_deadline.add();
        http::problem problem =
            outcome_unknown("The broker did not answer within http.request_timeout_ms. The events may or "
                            "may not be stored. Send them again with the same ids: each is processed "
                            "once.");
        try {
            if (p->batch)
                problem.events_json = receipts_.states(p->to->name, p->outcomes_so_far());
        } catch (const std::bad_alloc&) { // then without: it is true all the same
            problem.events_json.clear();
        }
        http::respond(*std::exchange(p->waiting, nullptr), problem);
    }
}

} // namespace millrace::ingress
