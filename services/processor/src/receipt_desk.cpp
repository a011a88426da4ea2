#include "receipt_desk.hpp"

#include "millrace/http/problem.hpp"
#include "millrace/processor/snapshot.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace millrace::processor {
namespace {

constexpr std::size_t max_held = 1'024;
constexpr std::size_t max_asking = 64; // questions to Kafka at once; it has room for 256
constexpr milliseconds sweep_interval{100};
constexpr milliseconds max_interval{2'000};

std::optional<receipt> in_memory(const partition* own, const coordinates& at) {
    auto known = own == nullptr ? std::nullopt : own->receipts->find(at.offset);
    if (known)
        known->where = at;
    return known;
}

} // namespace

void receipt_desk::receive(http::exchange& e) {
    receipt_request asked;
    if (const auto problem = read_receipt_request(e.request(), asked))
        return http::respond(e, *problem);
    if (!topics_.consumes(asked.at->topic))
        return http::respond(e, receipt_problem::not_consumed(asked.at->topic));
    take(e, std::move(asked));
}

void receipt_desk::receive_by_id(http::exchange& e) {
    receipt_request asked;
    if (const auto problem = read_receipt_request_by_id(e.request(), asked))
        return http::respond(e, *problem);
    take(e, std::move(asked));
}

void receipt_desk::take(http::exchange& e, receipt_request asked) {
    if (questions_.size() >= max_held)
        return http::respond(e, receipt_problem::busy());
    question& q = questions_.emplace_back();
    q.exchange = &e;
    q.by_id = !asked.at;
    q.at = std::move(asked.at);
    q.id = std::move(asked.id);
    q.source = std::move(asked.source);
    q.deadline = steady_clock::now() + asked.wait;
    look(std::prev(questions_.end()));
}

// An event that was not begun yet may still come: whoever waits is told then.
bool receipt_desk::locate(questions::iterator q) {
    if (!q->at)
        q->at = events_.find_recent(*q->id, q->source);
    if (q->at)
        return true;
    if (remembered_ids_ == 0 || closed_ || steady_clock::now() >= q->deadline) {
        const http::problem answer = receipt_problem::unknown_id(*q->id, remembered_ids_);
        http::respond(remove(q), answer);
    } else {
        q->next_look = steady_clock::now() + sweep_interval;
        if (!sweeping_)
            sweep();
    }
    return false;
}

// From memory where it is known there, else from Kafka.
void receipt_desk::look(questions::iterator q) {
    if (!locate(q))
        return;
    const coordinates& at = *q->at;
    const partition* const own = events_.owned({at.topic, at.partition});
    if (auto known = in_memory(own, at))
        return decide(q, std::move(known));
    if (own != nullptr && q->in_log && !own->is_finished(at.offset).value_or(false))
        return decide(q, std::optional(q->last)); // still to come: no need to ask Kafka again
    if (asking_ >= max_asking) {
        if (closed_ || steady_clock::now() >= q->deadline)
            return http::respond(remove(q), receipt_problem::busy());
        return hold(q);
    }
    ++asking_;
    q->asking = true;
    lookup_.look(at, own != nullptr ? own->is_finished(at.offset) : std::nullopt,
                 [this, q](result<std::optional<receipt>> found) {
                     --asking_;
                     q->asking = false;
                     q->in_log = found.has_value() && found->has_value();
                     if (closed_) // the pipeline may be gone
                         return decide(q, std::move(found));
                     auto known = in_memory(events_.owned({q->at->topic, q->at->partition}), *q->at);
                     decide(q, known ? std::move(known) : std::move(found)); // handled meanwhile
                 });
}

void receipt_desk::decide(questions::iterator q, result<std::optional<receipt>> found) {
    if (found.has_error())
        return http::respond(remove(q), receipt_problem::unavailable(found.error()));
    if (!found->has_value())
        return http::respond(remove(q), receipt_problem::past_the_end());
    const receipt& r = **found;
    const bool other_id = q->id && !r.id.empty() && r.id != *q->id;
    const bool other_source = q->source && !r.source.empty() && r.source != *q->source;
    if (q->by_id && (other_id || other_source)) { // as rare as two ids of one hash
        const http::problem answer = receipt_problem::unknown_id(*q->id, remembered_ids_);
        return http::respond(remove(q), answer);
    }
    if (other_id)
        return http::respond(remove(q), receipt_problem::mismatch(r));
    if (r.unclear)
        return http::respond(remove(q), receipt_problem::too_many_letters());
    if (is_final(r.state) || closed_ || steady_clock::now() >= q->deadline)
        return answer(q, r);
    q->last = r;
    hold(q);
}

void receipt_desk::hold(questions::iterator q) {
    if (q->followed == nullptr) {
        q->followed = events_.owned({q->at->topic, q->at->partition});
        if (q->followed != nullptr) {
            ++q->followed->followers;
            q->spot = by_place_.emplace(place{q->followed, q->at->offset}, q);
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
    for (question& q : questions_) // whoever waits for Kafka still may outlive the pipeline
        unfollow(q);
    timer_.cancel(); // its handler looks at all of them for the last time
}

void receipt_desk::answer(questions::iterator q, const receipt& r) {
    const std::string body = to_json(r);
    remove(q).respond({.status = 200, .content_type = "application/json", .body = body});
}

// Forgets the question; its exchange is still to be answered.
http::exchange& receipt_desk::remove(questions::iterator q) {
    http::exchange& e = *q->exchange;
    unfollow(*q);
    questions_.erase(q);
    return e;
}

void receipt_desk::unfollow(question& q) {
    if (q.followed == nullptr)
        return;
    --q.followed->followers;
    by_place_.erase(q.spot);
    q.followed = nullptr;
}

} // namespace millrace::processor
