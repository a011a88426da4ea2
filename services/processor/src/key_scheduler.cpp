#include "millrace/processor/key_scheduler.hpp"

#include <algorithm>
#include <bit>

namespace millrace::processor {

bool key_scheduler::offer(ticket t, group g, lane l) {
    make_room(t, g);
    node& n = nodes_[t];
    n = node{};
    n.key = l;
    n.of = g;
    if (l != unordered) {
        const ticket first = find_lane(g, l);
        if (first != none) {
            n.before = nodes_[first].last;
            nodes_[n.before].after = t;
            nodes_[first].last = t;
            enter(t, state::blocked);
            return false;
        }
        enlist(t);
    }
    if (ready_ == 0 && running_ < permits_) {
        enter(t, state::running);
        return true;
    }
    enter(t, state::ready);
    return false;
}

std::optional<key_scheduler::ticket> key_scheduler::next() noexcept {
    if (ready_ == 0 || running_ >= permits_)
        return std::nullopt;
    const ticket t = ready_first_;
    leave_state(t);
    enter(t, state::running);
    return t;
}

void key_scheduler::suspend(ticket t) noexcept {
    leave_state(t);
    enter(t, state::suspended);
}

void key_scheduler::resume(ticket t) noexcept {
    leave_state(t);
    enter(t, state::ready);
}

void key_scheduler::finish(ticket t) noexcept {
    leave_state(t);
    if (nodes_[t].key != unordered)
        leave_lane(t);
}

// Takes the event out of its lane; where it was the first, the second takes its place and becomes ready.
void key_scheduler::leave_lane(ticket t) noexcept {
    node& n = nodes_[t];
    if (n.before != none) { // withdrawn while it waited
        nodes_[n.before].after = n.after;
        if (n.after != none)
            nodes_[n.after].before = n.before;
        else
            nodes_[find_lane(n.of, n.key)].last = n.before;
        return;
    }
    ticket* link = &bucket(n.of, n.key);
    while (*link != t)
        link = &nodes_[*link].next_lane;
    if (n.after == none) {
        *link = n.next_lane;
        return;
    }
    node& heir = nodes_[n.after];
    heir.before = none;
    heir.last = n.last;
    heir.next_lane = n.next_lane;
    *link = n.after;
    leave_state(n.after);
    enter(n.after, state::ready);
}

void key_scheduler::make_room(ticket t, group g) {
    if (g >= held_back_.size())
        held_back_.resize(g + 1);
    if (t < nodes_.size())
        return;
    nodes_.resize(std::max<std::size_t>(64, std::bit_ceil(std::size_t{t} + 1)));
    std::vector<ticket> lanes;
    for (const ticket head : buckets_)
        for (ticket at = head; at != none; at = nodes_[at].next_lane)
            lanes.push_back(at);
    buckets_.assign(nodes_.size(), none);
    for (const ticket first : lanes)
        enlist(first);
}

void key_scheduler::enlist(ticket t) noexcept {
    node& n = nodes_[t];
    ticket& head = bucket(n.of, n.key);
    n.next_lane = head;
    if (n.last == none)
        n.last = t;
    head = t;
}

key_scheduler::ticket& key_scheduler::bucket(group g, lane l) noexcept {
    const std::uint64_t mixed = (l ^ (std::uint64_t{g} << 32)) * 0x9e3779b97f4a7c15U;
    return buckets_[static_cast<std::size_t>(mixed >> 32) & (buckets_.size() - 1)];
}

key_scheduler::ticket key_scheduler::find_lane(group g, lane l) noexcept {
    ticket at = bucket(g, l);
    while (at != none && (nodes_[at].key != l || nodes_[at].of != g))
        at = nodes_[at].next_lane;
    return at;
}

void key_scheduler::push_ready(ticket t) noexcept {
    node& n = nodes_[t];
    n.ready_before = ready_last_;
    n.ready_after = none;
    (ready_last_ == none ? ready_first_ : nodes_[ready_last_].ready_after) = t;
    ready_last_ = t;
}

void key_scheduler::pop_ready(ticket t) noexcept {
    node& n = nodes_[t];
    (n.ready_before == none ? ready_first_ : nodes_[n.ready_before].ready_after) = n.ready_after;
    (n.ready_after == none ? ready_last_ : nodes_[n.ready_after].ready_before) = n.ready_before;
}

void key_scheduler::enter(ticket t, state to) noexcept {
    nodes_[t].now = to;
    if (to == state::running) {
        ++running_;
    } else if (to == state::ready) {
        ++ready_;
        push_ready(t);
    } else {
        ++held_back_[nodes_[t].of];
    }
}

void key_scheduler::leave_state(ticket t) noexcept {
    const state was = nodes_[t].now;
    nodes_[t].now = state::absent;
    if (was == state::running) {
        --running_;
    } else if (was == state::ready) {
        --ready_;
        pop_ready(t);
    } else if (was != state::absent) {
        --held_back_[nodes_[t].of];
    }
}

} // namespace millrace::processor
