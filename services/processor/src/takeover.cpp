// How partitions are taken over. What the last owner left with its commit is read; the tail of the log before
// that is read again, so that duplicates of what lies there are known; what was finished beyond the commit is
// not handled again. docs/adr/0010.
#include "millrace/runtime/log.hpp"
#include "partition_list.hpp"
#include "pipeline.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace millrace::processor {

using runtime::level;

void pipeline::on_assigned(std::span<kafka::assigned_partition> partitions) {
    now_ = clock_.now();
    std::vector<topic_partition> names;
    for (kafka::assigned_partition& a : partitions) {
        partition& p = partitions_.find_or_add(a.partition);
        p.assign(a.committed, sources_, limits_);
        if (a.committed)
            p.take_over(parse_notes(a.metadata, *a.committed), limits_);
        if (p.rebuilding())
            a.start = p.tail.begin();
        p.halt(paused_.covers(a.partition));
        regulate(p);
        names.push_back(a.partition);
    }
    share_room();
    runtime::log(level::info, "Partitions assigned", {{"partitions", list(names)}});
}

// What may wait is shared by the partitions, so that one that is stuck leaves the others their part.
void pipeline::share_room() {
    const auto& all = partitions_.all();
    const auto owned = std::ranges::count_if(all, [](const auto& p) { return p->owned(); });
    const std::size_t share =
        settings_.processor.max_waiting_events / static_cast<std::size_t>(std::max<std::ptrdiff_t>(1, owned));
    for (const auto& p : all)
        p->set_max_held_back(share);
}

// The end of the log ends the tail, wherever it is.
void pipeline::on_end(const topic_partition& of, record_offset end) {
    partition* const p = owned(of);
    if (p == nullptr)
        return;
    p->tail.finish();
    if (trusted(*p, end))
        p->tracker.skip_to(end);
}

// Whether the record is an event to be handled.
bool pipeline::takes(partition& from, const kafka::message& m) {
    const bool of_tail = from.tail.covers(m.offset());
    if (!trusted(from, m.offset()))
        return false;
    if (of_tail) {
        if (shows_another_log(from, m)) {
            doubt(from.name().topic);
            on_doubt_();
        } else {
            reread(from, m);
        }
        return false;
    }
    if (from.was_finished(m.offset())) {
        recall(from, m);
        return false;
    }
    return true;
}

// Final long ago: it counts only as something that there may be a duplicate of.
void pipeline::reread(partition& from, const kafka::message& m) {
    metrics_.reread.add();
    remember(from, m);
    if (const auto leap = from.tail.read(m.offset(), m.size()))
        consumer_.seek(from.name(), *leap);
}

// Finished by an earlier owner, which could not commit it because something before it was not.
void pipeline::recall(partition& from, const kafka::message& m) {
    metrics_.recalled.add();
    remember(from, m);
    from.tracker.finish(from.tracker.add(m.offset()));
    regulate(from);
    if (from.followers > 0)
        on_final_(from, m.offset());
}

void pipeline::remember(partition& in, const kafka::message& m) {
    in.marks.note(m.offset(), m.timestamp(), m.size());
    if (!read(m))
        return;
    seen_before(in.dedup, reading_, m.timestamp());
    if (!reading_.event.id.empty())
        recent_.add(reading_.hash, {m.offset(), in.number(), in.term()});
}

// Where finished events are still to come, duplicates are found when they are fetched, in the order of the
// log. One of those may have been dropped as a duplicate of this one: seen before this one's turn, it would
// make this one a duplicate too, and neither would be handled.
void pipeline::judge(slot& s) {
    s.duplicate = read(s.record) && seen_before(s.from->dedup, reading_, s.record.timestamp());
}

bool pipeline::read(const kafka::message& m) {
    reading_.headers.clear();
    m.headers(reading_.headers);
    const auto read =
        reading_.reader.read({m.key(), m.value().value_or(std::string_view{}), reading_.headers});
    if (read.has_error())
        return false;
    reading_.event = *read;
    reading_.hash = hasher_.of(reading_.event.source, reading_.event.id);
    return true;
}

// Events must not wait for ever for what only finds duplicates. (A seek before anything was heard of the log
// would be lost, and one of a paused partition would end its pause.) And what is kept of partitions that did
// not come back goes.
void pipeline::end_late_rebuilds(milliseconds passed) {
    for (const auto& p : partitions_.all()) {
        if (!p->owned() && leaving_.now == handover::phase::none && consumer_.state().joined)
            p->forget();
        const record_offset at = p->tail.position();
        if (!p->fetches() || !p->heard() || p->doubted() || hold_.on() || !p->tail.pass(passed))
            continue;
        runtime::log(
            level::warn,
            "Reading the tail of a partition again takes too long and is given up: duplicates of events "
            "in the rest of it are not known",
            {{"topic", p->name().topic},
             {"partition", std::to_string(value(p->name().partition))},
             {"offset", std::to_string(value(at))},
             {"committed", std::to_string(value(*p->committed()))}});
        consumer_.seek(p->name(), p->tail.position());
    }
}

} // namespace millrace::processor
