#include "idempotency_claims.hpp"

namespace millrace::ingress {

using verdict = idempotency_window::verdict;

reuse idempotency_claims::claim(publication& p, const claimant& by) {
    if (!window_.on() || by.events.empty() || !by.events.front().id_from_client)
        return {};
    const identities known(window_.secret(), by.topic, by.poster, by.losses);
    reused_.clear();
    if (by.key && !by.batch &&
        !by.events.front().cloud_event) { // the key is the event's id: one entry for both
        claim_event(p, 0, known.of_request(*by.key, by.events.front()));
        return {.whole_request = !reused_.empty()};
    }
    identities_.clear();
    for (const event::event& e : by.events)
        identities_.push_back(known.of_event(e));
    if (by.key && !claim_request(p, known.of_request(*by.key, identities_, by.batch)))
        return {.whole_request = true};
    for (std::size_t i = 0; i < identities_.size(); ++i)
        claim_event(p, i, identities_[i]);
    return {.events = reused_};
}

// The answer is made of the events'; this entry only knows what the key was used for.
bool idempotency_claims::claim_request(publication& p, const identity& of) {
    const auto found = window_.claim(of, p.handed_over, nullptr);
    p.request = found.held;
    return found.is != verdict::reused;
}

void idempotency_claims::claim_event(publication& p, std::size_t index, const identity& of) {
    const auto found = window_.claim(of, p.handed_over, &p.waiter(index));
    switch (found.is) {
    case verdict::first:
        return p.hold(index, found.held);
    case verdict::untracked:
        return;
    case verdict::stored:
        return p.replay(index, found.delivery);
    case verdict::under_way:
        awaited_.add();
        return p.wait(index);
    case verdict::reused:
        reused_.push_back(index);
    }
}

} // namespace millrace::ingress
