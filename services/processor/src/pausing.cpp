// What an operator pauses and resumes.
#include "millrace/runtime/log.hpp"
#include "pipeline.hpp"

#include <string>

namespace millrace::processor {
namespace {

std::string named(const std::optional<topic_partition>& what) {
    return what ? what->topic + "/" + std::to_string(value(what->partition)) : "all partitions";
}

} // namespace

bool pipeline::pause(const std::optional<topic_partition>& what) {
    const bool changed = what ? paused_.pause(*what) : paused_.pause_all();
    if (changed)
        runtime::log(runtime::level::warn, "Paused by request: nothing more is fetched until it is resumed",
                     {{"what", named(what)}});
    apply_pauses();
    return changed;
}

bool pipeline::resume(const std::optional<topic_partition>& what) {
    const bool changed = what ? paused_.resume(*what) : paused_.resume_all();
    if (changed)
        runtime::log(runtime::level::info, "Resumed by request", {{"what", named(what)}});
    apply_pauses();
    return changed;
}

void pipeline::apply_pauses() {
    for (const auto& p : partitions_.all()) {
        p->halt(paused_.covers(p->name()));
        regulate(*p);
    }
}

} // namespace millrace::processor
