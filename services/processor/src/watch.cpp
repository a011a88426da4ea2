// What the pipeline shows to its stall watch, and what it says of what that finds. A handler that is late is
// not interrupted: it has the event's memory, and a second attempt beside it would break the order of its
// key.
#include "millrace/runtime/log.hpp"
#include "pipeline.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace millrace::processor {
namespace {

using runtime::level;

void say(level how, std::string_view what, const stall& s, steady_time now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - s.since).count();
    runtime::log(how, what,
                 {{"reason", to_string(s.reason)},
                  {"topic", s.of.topic},
                  {"partition", s.of.topic.empty() ? std::string() : std::to_string(value(s.of.partition))},
                  {"offset", s.offset ? std::to_string(value(*s.offset)) : std::string()},
                  {"id", s.id},
                  {"seconds", std::to_string(seconds)}});
}

} // namespace

void pipeline::watch() {
    if (draining_)
        return stalls_.stop();
    const stall_watch::changes c = stalls_.look(observe(), now_.steady);
    for (const stall& s : c.begun)
        say(level::warn, "Stalled", s, now_.steady);
    for (const stall& s : c.ended)
        say(level::info, "No longer stalled", s, now_.steady);
}

look_around pipeline::observe() const {
    struct course {
        std::optional<record_offset> oldest;
        bool in_time = false; ///< a handler is at one of its events, and not late
    };
    const milliseconds limit = stalls_.limits().handler;
    std::vector<course> courses(partitions_.all().size());
    look_around seen;
    for (ticket t = 0; t < slots_.size(); ++t) {
        const slot& s = slots_[t];
        if (s.now == slot::phase::free || !s.ours())
            continue;
        course& c = courses[s.from->number()];
        c.oldest = c.oldest ? std::min(*c.oldest, s.offset) : s.offset;
        if (s.now != slot::phase::running || limit.count() == 0)
            continue;
        if (now_.steady - s.running->began < limit)
            c.in_time = true;
        else
            seen.late.push_back(
                {s.from->name(), s.offset, std::string(s.running->event.id), s.running->began});
    }
    for (const auto& p : partitions_.all()) {
        if (!p->takes_events())
            continue;
        const course& c = courses[p->number()];
        look_around::partition& out = seen.partitions.emplace_back();
        out.name = p->name();
        const auto position = p->tracker.position();
        const auto end = std::max(consumer_.end_offset(p->name()), p->end_told);
        out.progress = p->tracker.finished() + p->tail.records() +
                       (position ? static_cast<std::uint64_t>(value(*position)) : 0);
        const bool to_read = p->rebuilding() || (position && end && *position < *end);
        out.waiting = p->unfinished > 0 || (to_read && p->state() != partition_state::paused);
        out.excused = c.in_time;
        out.oldest = c.oldest;
        if (c.oldest)
            if (const auto known = p->receipts->find(*c.oldest))
                out.oldest_id = known->id;
    }
    seen.settled = consumer_.state().joined && leaving_.now == handover::phase::none;
    return seen;
}

} // namespace millrace::processor
