// fetch -> order -> decode -> handle -> retry | dead-letter -> track -> commit
#include "pipeline.hpp"

#include "millrace/runtime/log.hpp"
#include "witness_of.hpp"

#include <algorithm>
#include <exception>
#include <functional>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr std::uint64_t ticks_between_notes = 4;

} // namespace

// Fetch. The consumer hands over one record; it has a place from now on until it is final.
void pipeline::on_message(kafka::message m) {
    partition* const from = partitions_.find(m.topic(), m.partition());
    if (from == nullptr || !from->takes_events())
        return; // given up a moment ago: its next owner reads it again
    const bool usual = from->trusts(m.offset());
    if (!usual && !takes(*from, m))
        return; // takeover.cpp: read again, done already, or of a log that is to be read from its beginning
    now_ = clock_.now();
    metrics_.received.add();
    const key_scheduler::lane lane = lane_of(m);
    const ticket t = admit(*from, std::move(m));
    if (!usual)
        judge(slots_[t]);
    if (scheduler_.offer(t, from->number(), lane))
        attempt_event(t);
    regulate(*from);
    pump();
}

pipeline::ticket pipeline::admit(partition& from, kafka::message&& m) {
    if (from.identity.wants())
        from.identity.show(witness_of(m));
    from.marks.note(m.offset(), m.timestamp(), m.size());
    const ticket t = slots_.take();
    slot& s = slots_[t];
    s.offset = m.offset();
    s.record = std::move(m);
    s.from = &from;
    s.term = from.term();
    s.sequence = from.tracker.add(s.offset);
    s.now = slot::phase::waiting;
    s.fetched = now_.steady;
    ++from.unfinished;
    return t;
}

// Order. Events of one lane are handled one after the other.
key_scheduler::lane pipeline::lane_of(const kafka::message& m) const noexcept {
    if (ordering_ == ordering::none)
        return key_scheduler::unordered;
    if (ordering_ == ordering::partition)
        return 1;
    const auto key = m.key();
    return key ? std::hash<std::string_view>{}(*key) | 1U : key_scheduler::unordered;
}

void pipeline::pump() {
    while (const auto t = scheduler_.next())
        attempt_event(*t);
    if (hold_.update(scheduler_.ready()))
        consumer_.hold(hold_.on());
}

// Handle. The event has a permit: decode it (decoding.cpp) and give it to the handler, unless it is there
// twice.
void pipeline::attempt_event(ticket t) {
    slot& s = slots_[t];
    attempt& a = slots_.begin_attempt(s);
    s.now = slot::phase::running;
    ++s.attempts;
    ++s.from->under_way;
    if (!decode(s, a))
        settle(t, {outcome::kind::terminal, "malformed_event", said_.message, std::nullopt});
    else if (s.attempts == 1 && is_duplicate(s, a))
        drop(t);
    else
        handle(t, a);
}

// The one that came first is handled, or was: this one is final.
void pipeline::drop(ticket t) {
    slots_.end_attempt(slots_[t]);
    metrics_.duplicates.add();
    conclude(t, event_state::duplicate);
}

void pipeline::handle(ticket t, const attempt& a) {
    inside_ = t;
    said_.spoken = false;
    try {
        handler_.handle(a.view, completion(*desk_, t));
    } catch (const std::exception& problem) {
        runtime::log(level::error, "The handler threw an exception", {{"what", problem.what()}});
        if (said_.spoken) { // by dropping its completion on the way out
            said_.error_class = "exception";
            said_.message = problem.what();
        }
    }
    inside_.reset();
    if (said_.spoken)
        settle(t, {said_.what, said_.error_class, said_.message, said_.after});
}

// The handler's word. What it says before `handle` returns is settled after that: no recursion, however many
// events are handled in a row.
void pipeline::complete(ticket t, const outcome& how) noexcept {
    if (inside_ == t) {
        said_.spoken = true;
        said_.what = how.what;
        said_.error_class.assign(how.error_class);
        said_.message.assign(how.message);
        said_.after = how.after;
        return;
    }
    settle(t, how);
    if (!inside_)
        pump();
}

void pipeline::settle(ticket t, const outcome& how) {
    slot& s = slots_[t];
    now_ = clock_.now();
    if (how.what != outcome::kind::postponed)
        metrics_.handling.record(now_.steady - s.running->began);
    slots_.end_attempt(s);
    if (!s.ours())
        return discard(t);
    partition& p = *s.from;
    if (how.what == outcome::kind::done)
        return conclude(t, event_state::processed);
    p.receipts->blame(s.offset, how.error_class, how.message);
    if (how.what == outcome::kind::retry || how.what == outcome::kind::postponed) {
        if (p.state() == partition_state::revoking)
            return discard(t);
        const retry_policy& policy = policies_.of(how.error_class);
        if (how.what == outcome::kind::postponed)
            return postpone(t, how.after.value_or(policy.initial_backoff));
        if (const auto pause = policy.pause(s.tries(), how.after, random_())) {
            metrics_.retried.add();
            return retry_later(t, *pause);
        }
    }
    bury(t, how);
}

// Retry. Only its own lane waits meanwhile.
void pipeline::retry_later(ticket t, milliseconds pause) {
    slot& s = slots_[t];
    s.now = slot::phase::retrying;
    --s.from->under_way;
    s.from->receipts->move(s.offset, event_state::retrying, now_.wall);
    scheduler_.suspend(t);
    retries_.push({now_.steady + pause, t, s.generation});
    arm_retry_timer();
    regulate(*s.from);
}

// The same attempt once more, later: the handler could not make it.
void pipeline::postpone(ticket t, milliseconds pause) {
    ++slots_[t].postponed;
    retry_later(t, pause);
}

// Dead-letter. The event stays unfinished, and so uncommitted, until the broker has acknowledged the letter.
void pipeline::bury(ticket t, const outcome& why) {
    slot& s = slots_[t];
    s.now = slot::phase::dead_lettering;
    scheduler_.suspend(t);
    dead_letter letter{std::move(s.record), s.tries(), std::string(why.error_class), std::string(why.message),
                       now_.wall};
    letters_.store(t, s.generation, std::move(letter));
}

bool pipeline::wants_dead_letter(ticket t, std::uint32_t generation) const noexcept {
    const slot& s = slots_[t];
    return s.generation == generation && s.ours();
}

void pipeline::on_dead_letter_stored(ticket t, std::uint32_t generation) noexcept {
    if (slots_[t].generation != generation)
        return; // given up meanwhile; the letter may be there twice
    now_ = clock_.now();
    metrics_.dead_lettered.add();
    conclude(t, event_state::dead_lettered);
    pump();
}

// Track. The event is final: its offset counts, its lane is free, its place is empty.
void pipeline::conclude(ticket t, event_state as) {
    slot& s = slots_[t];
    partition& p = *s.from;
    const record_offset at = s.offset;
    p.receipts->move(at, as, now_.wall);
    p.tracker.finish(s.sequence);
    --p.unfinished;
    --p.under_way;
    if (as == event_state::processed) {
        metrics_.processed.add();
        const std::int64_t age_ms = std::max<std::int64_t>(0, now_.wall.value - s.record.timestamp().value);
        metrics_.end_to_end.record_us(static_cast<std::uint64_t>(age_ms) * 1000);
    }
    scheduler_.finish(t);
    slots_.give_back(t);
    regulate(p);
    if (p.followers > 0)
        on_final_(p, at);
    hand_over();
}

// The event's partition is given up, or about to be: the next owner handles it again.
void pipeline::discard(ticket t) {
    slot& s = slots_[t];
    partition& p = *s.from;
    metrics_.discarded.add();
    if (s.ours()) {
        --p.unfinished;
        --p.under_way;
    }
    scheduler_.finish(t);
    slots_.give_back(t);
    hand_over();
}

// Fetching waits: of a partition, while many of its events wait for each other; of all, while permits are
// short.
void pipeline::regulate(partition& p) {
    if (p.regulate(scheduler_.held_back(p.number()))) {
        const std::span<const topic_partition> one(&p.name(), 1);
        if (p.state() == partition_state::throttled)
            metrics_.throttles.add();
        if (p.fetches())
            consumer_.resume(one);
        else
            consumer_.pause(one);
    }
    if (hold_.update(scheduler_.ready()))
        consumer_.hold(hold_.on());
}

// Commit. The contiguous prefix of each partition that moved; one request at a time. Its notes go with it,
// now and then, and before a partition is given up, also where only they have changed.
void pipeline::commit() {
    if (commit_asked_)
        return;
    const bool with_notes = leaving_.now == handover::phase::committing || ticks_ % ticks_between_notes == 0;
    std::vector<kafka::commit_entry> entries;
    for (const auto& p : partitions_.all())
        if (const auto offset = p->to_commit(with_notes)) {
            p->commit_asked(*offset);
            entries.push_back({p->name(), *offset, to_metadata(p->notes(), *offset, notes_room_)});
        }
    if (entries.empty())
        return;
    commit_asked_ = now_.steady;
    metrics_.commits.add();
    consumer_.commit(entries);
}

} // namespace millrace::processor
