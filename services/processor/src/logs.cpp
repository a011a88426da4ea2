// What the pipeline does when the log of a partition may be, or is, another one of the same name.
#include "millrace/runtime/log.hpp"
#include "pipeline.hpp"
#include "witness_of.hpp"

#include <string>

namespace millrace::processor {

// False: what comes from there is of another log, to be read from its beginning.
bool pipeline::trusted(partition& from, record_offset at) {
    if (from.trusts(at)) [[likely]]
        return true;
    if (from.hear(at))
        on_doubt_();
    return !from.doubted();
}

// The record that the last owner remembered comes by with the tail, before anything is handled.
bool pipeline::shows_another_log(const partition& of, const kafka::message& m) noexcept {
    const auto& seen = of.identity.sworn();
    return seen && seen->offset == m.offset() && *seen != witness_of(m);
}

std::vector<pipeline::claim> pipeline::claims() {
    std::vector<claim> all;
    for (const auto& p : partitions_.all())
        if (p->owned() && p->heard() && !p->doubted())
            if (const auto& seen = p->identity.ask())
                all.push_back({p->name(), *seen});
    return all;
}

void pipeline::confirm(const topic_partition& name) noexcept {
    if (partition* const p = owned(name))
        p->identity.confirm();
}

void pipeline::doubt(const std::string& topic) noexcept {
    for (const auto& p : partitions_.all())
        if (p->owned() && p->name().topic == topic)
            p->doubt();
}

// A seek before the fetch has begun would be lost: until something was heard of the log it has to wait.
std::vector<topic_partition> pipeline::doubted() const {
    std::vector<topic_partition> all;
    for (const auto& p : partitions_.all())
        if (p->takes_events() && p->doubted() && p->heard())
            all.push_back(p->name());
    return all;
}

// What handlers have of the old log may finish; nothing of it counts any more. Some events of the new log may
// have been handled already and are handled again: better than to skip those before them.
void pipeline::start_over(const topic_partition& name, record_offset beginning) {
    partition* const p = owned(name);
    if (p == nullptr || !p->takes_events() || !p->doubted())
        return;
    const auto before = p->tracker.position();
    metrics_.logs_replaced.add();
    last_error_ = "the log of " + name.topic + " was replaced";
    runtime::log(
        runtime::level::error,
        "The log of a partition is another one than before: its topic was deleted and made again, or "
        "has lost records. It is processed from its beginning",
        {{"topic", name.topic},
         {"partition", std::to_string(value(name.partition))},
         {"position_before", before ? std::to_string(value(*before)) : "unknown"},
         {"beginning", std::to_string(value(beginning))}});
    withdraw(*p, true);
    p->start_over(beginning, sources_, limits_);
    share_room();
    consumer_.seek(name, beginning);
    regulate(*p); // a seek ends a pause
    pump();
}

} // namespace millrace::processor
