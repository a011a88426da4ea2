#include "millrace/processor/partition.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::processor {

std::string_view to_string(partition_state s) noexcept {
    static constexpr std::array<std::string_view, 5> names = {"active", "throttled", "paused", "revoking",
                                                              "gone"};
    return names[static_cast<std::size_t>(s)];
}

void partition::assign(std::optional<record_offset> committed, name_table& sources,
                       const partition_limits& limits) {
    state_ = partition_state::active;
    ++term_;
    committed_ = asked_ = committed;
    tracker = offset_tracker(committed);
    identity = log_identity();
    dedup = dedup_window(limits.dedup);
    marks = tail_marks({limits.dedup.window, limits.dedup.max_entries, limits.max_tail_bytes});
    tail = tail_reading();
    finished_before_.clear();
    committed_finished_ = asked_finished_ = 0;
    heard_ = doubted_ = plain_ = false;
    end_told.reset();
    receipts = std::make_unique<processor::receipts>(sources, limits.receipts);
    held_back_ = hysteresis(limits.max_held_back);
    window_ = hysteresis(limits.max_window);
    unfinished = under_way = 0;
}

// Without a note about the tail (an older version's commit, or an operator's) it may begin as far back as the
// window can hold.
void partition::take_over(const commit_notes& notes, const partition_limits& limits) {
    memory kept = std::exchange(kept_, {});
    if (!committed_)
        return;
    identity = log_identity(notes.seen);
    finished_before_ = notes.finished;
    if (kept.at == committed_) {
        dedup = std::move(kept.dedup);
        marks = std::move(kept.marks);
        return;
    }
    const dedup_limits& remembered = limits.dedup;
    if (remembered.window.count() == 0 || remembered.max_entries == 0)
        return;
    const auto most = static_cast<std::int64_t>(std::min<std::uint64_t>(remembered.max_entries, INT64_MAX));
    const record_offset farthest{std::max<std::int64_t>(0, value(*committed_) - most)};
    tail = tail_reading(notes.tail ? std::max(*notes.tail, farthest) : farthest, *committed_,
                        limits.max_tail_bytes, limits.max_tail_time);
}

void partition::revoke() noexcept {
    if (owned())
        state_ = partition_state::revoking;
}

void partition::give_up() noexcept {
    state_ = partition_state::gone;
    ++term_;
    kept_ = {};
    if (plain_ && committed_ && tracker.window() == 0 && tracker.watermark() == committed_)
        kept_ = {committed_, std::move(dedup), std::move(marks)};
    receipts.reset();
    dedup = dedup_window();
    marks = tail_marks();
    tail = tail_reading();
    finished_before_.clear();
    tracker = offset_tracker();
    committed_ = asked_ = std::nullopt;
    unfinished = under_way = 0;
}

void partition::start_over(record_offset beginning, name_table& sources, const partition_limits& limits) {
    forget();
    assign(std::nullopt, sources, limits);
    tracker = offset_tracker(beginning); // which is committed in place of what the group has
}

bool partition::hear(record_offset at) noexcept {
    const bool first = !std::exchange(heard_, true);
    const bool behind = tracker.position() > at && !tail.covers(at) && !std::exchange(doubted_, true);
    if (tracker.position() <= at)
        tail.finish();
    if (!finished_before_.empty() && finished_before_.back().to <= at)
        finished_before_.clear();
    plain_ = !doubted_ && !tail.on() && finished_before_.empty();
    return behind || (first && (doubted_ || identity.sworn()));
}

bool partition::regulate(std::size_t held_back) noexcept {
    if (!takes_events())
        return false;
    held_back_.update(held_back);
    window_.update(tracker.window());
    const bool fetched = fetches();
    const bool throttle = held_back_.on() || window_.on();
    state_ = halted_    ? partition_state::paused
             : throttle ? partition_state::throttled
                        : partition_state::active;
    return fetched != fetches();
}

std::optional<bool> partition::is_finished(record_offset at) const noexcept {
    if (!tracker.watermark())
        return std::nullopt;
    return tracker.is_finished(at) || was_finished(at);
}

std::optional<record_offset> partition::to_commit(bool with_notes) const noexcept {
    const auto watermark = tracker.watermark();
    const bool more = with_notes && tracker.window() > 0 && tracker.finished() != asked_finished_;
    return owned() && !doubted_ && (watermark != asked_ || more) ? watermark : std::nullopt;
}

commit_notes partition::notes() {
    const auto watermark = tracker.watermark();
    commit_notes all{identity.sworn(), watermark ? marks.begin(*watermark) : std::nullopt,
                     tracker.finished_beyond()};
    const auto position = tracker.position();
    for (const offset_run& r : finished_before_) // still to come again
        if (position && r.to > *position)
            all.finished.push_back({std::max(r.from, *position), r.to});
    return all;
}

} // namespace millrace::processor
