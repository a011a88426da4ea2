#include "millrace/processor/stall_watch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace millrace::processor {
namespace {

std::string event_of(const stall& s) {
    std::string text = s.of.topic + "/" + std::to_string(value(s.of.partition));
    if (s.offset)
        text += "/" + std::to_string(value(*s.offset));
    if (!s.id.empty())
        text += " (id " + s.id + ")";
    return text;
}

bool has(const std::vector<stall>& all, const stall& one) {
    return std::ranges::any_of(all, [&](const stall& s) { return s.same_as(one); });
}

} // namespace

std::string_view to_string(stall_reason r) noexcept {
    static constexpr std::array<std::string_view, all_stall_reasons.size()> names = {
        "handler_late", "no_progress", "group_unsettled"};
    return names[static_cast<std::size_t>(r)];
}

bool stall::same_as(const stall& other) const noexcept {
    return reason == other.reason && of == other.of &&
           (reason != stall_reason::handler_late || (offset == other.offset && since == other.since));
}

std::string describe(const stall& s, steady_time now) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now - s.since).count();
    const std::string time = std::to_string(seconds) + " s";
    switch (s.reason) {
    case stall_reason::handler_late:
        return "the handler has had " + event_of(s) + " for " + time;
    case stall_reason::no_progress:
        return "nothing of " + s.of.topic + "/" + std::to_string(value(s.of.partition)) +
               " was read or became final for " + time +
               (s.offset ? "; the oldest event is " + event_of(s) : std::string());
    case stall_reason::group_unsettled:
        return "no settled member of the group for " + time;
    }
    return {};
}

stall_watch::changes stall_watch::look(look_around seen, steady_time now) {
    std::vector<stall> found;
    counts_ = {};
    look_at_attempts(std::move(seen.late), found);
    look_at_partitions(std::move(seen.partitions), now, found);
    look_at_group(seen.settled, now, found);
    std::ranges::stable_sort(found, {}, &stall::since);
    changes c;
    std::ranges::copy_if(found, std::back_inserter(c.begun),
                         [&](const stall& s) { return !has(stalls_, s); });
    std::ranges::copy_if(stalls_, std::back_inserter(c.ended),
                         [&](const stall& s) { return !has(found, s); });
    stalls_ = std::move(found);
    return c;
}

void stall_watch::stop() {
    *this = stall_watch(limits_);
}

void stall_watch::look_at_attempts(std::vector<look_around::attempt> late, std::vector<stall>& found) {
    counts_[static_cast<std::size_t>(stall_reason::handler_late)] = late.size();
    std::ranges::stable_sort(late, {}, &look_around::attempt::began);
    if (late.size() > max_told)
        late.resize(max_told);
    for (look_around::attempt& a : late)
        found.push_back({stall_reason::handler_late, std::move(a.of), a.offset, std::move(a.id), a.began});
}

void stall_watch::look_at_partitions(std::vector<look_around::partition> seen, steady_time now,
                                     std::vector<stall>& found) {
    std::map<topic_partition, course> before = std::exchange(courses_, {});
    for (look_around::partition& p : seen) {
        const auto known = before.find(p.name);
        course c = known == before.end() ? course{p.progress, now} : known->second;
        if (!p.waiting || p.excused || c.progress != p.progress)
            c = {p.progress, now};
        courses_.emplace(p.name, c);
        if (!too_long(c.since, now))
            continue;
        ++counts_[static_cast<std::size_t>(stall_reason::no_progress)];
        found.push_back(
            {stall_reason::no_progress, std::move(p.name), p.oldest, std::move(p.oldest_id), c.since});
    }
}

void stall_watch::look_at_group(bool settled, steady_time now, std::vector<stall>& found) {
    if (settled)
        unsettled_since_.reset();
    else if (!unsettled_since_)
        unsettled_since_ = now;
    if (!unsettled_since_ || !too_long(*unsettled_since_, now))
        return;
    ++counts_[static_cast<std::size_t>(stall_reason::group_unsettled)];
    found.push_back({stall_reason::group_unsettled, {}, std::nullopt, {}, *unsettled_since_});
}

} // namespace millrace::processor
