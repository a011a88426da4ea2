// How partitions are given up: what runs may finish, what is finished is committed, then the group gets them.
// A lost session leaves no time for any of it.
#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"
#include "partition_list.hpp"
#include "pipeline.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

// Answers of Kafka's to a commit.
constexpr int metadata_too_large = 12;
constexpr int illegal_generation = 22;
constexpr int unknown_member_id = 25;
constexpr int rebalance_in_progress = 27;

bool is(const error_code& e, int answer) {
    return e.category() == kafka::kafka_category() && e.value() == answer;
}

// The group has gone on without this member.
bool refused_for_good(const error_code& e) {
    return is(e, unknown_member_id) || is(e, illegal_generation) || is(e, rebalance_in_progress);
}

} // namespace

void pipeline::on_revoked(std::span<const topic_partition> partitions) {
    runtime::log(level::info, "Partitions revoked: finishing what is under way",
                 {{"partitions", list(partitions)}});
    for (const topic_partition& name : partitions) {
        leaving_.names.push_back(name);
        if (partition* const p = owned(name)) {
            p->revoke();
            withdraw(*p, false);
            leaving_.partitions.push_back(p);
        }
    }
    now_ = clock_.now();
    leaving_.now = handover::phase::finishing;
    leaving_.deadline = now_.steady + milliseconds{settings_.processor.drain_timeout_ms};
    hand_over();
}

// Goes on with giving partitions up, as far as it can: finish, commit, release.
void pipeline::hand_over() {
    using enum handover::phase;
    if (leaving_.now == none)
        return;
    const bool late = now_.steady >= leaving_.deadline;
    const auto& leaving = leaving_.partitions;
    if (leaving_.now == finishing) {
        if (!late && !std::ranges::all_of(leaving, [](const partition* p) { return p->under_way == 0; }))
            return;
        leaving_.now = committing;
        leaving_.deadline = now_.steady + commit_deadline;
        commit();
    }
    if (now_.steady < leaving_.deadline &&
        !std::ranges::all_of(leaving, [](const partition* p) { return p->settled(); }))
        return;
    const handover done = std::exchange(leaving_, handover{});
    for (partition* const p : done.partitions) {
        metrics_.overlapped_late.add(withdraw(*p, true));
        p->give_up();
    }
    share_room();
    consumer_.release(done.names);
    runtime::log(level::info, "Partitions released", {{"partitions", list(done.names)}});
}

// Takes out the events of a partition that no handler has; those on their way to the dead letters only when
// there is no more time. Returns how many a handler has: another member may begin them while it is at it.
std::size_t pipeline::withdraw(partition& p, bool letters_too) {
    std::size_t running = 0;
    for (ticket t = 0; t < slots_.size(); ++t) {
        const slot& s = slots_[t];
        if (s.from != &p || s.term != p.term())
            continue;
        running += s.now == slot::phase::running ? 1U : 0U;
        const bool idle = s.now == slot::phase::waiting || s.now == slot::phase::retrying;
        const bool letter = s.now == slot::phase::dead_lettering && letters_too;
        if (!idle && !letter)
            continue;
        scheduler_.finish(t);
        slots_.give_back(t);
        --p.unfinished;
    }
    return running;
}

void pipeline::on_lost(std::span<const topic_partition> partitions) {
    std::size_t overlapped = 0;
    for (const topic_partition& name : partitions) {
        std::erase(leaving_.names, name);
        partition* const p = owned(name);
        if (p == nullptr)
            continue;
        std::erase(leaving_.partitions, p);
        overlapped += withdraw(*p, true);
        p->give_up();
    }
    if (leaving_.names.empty())
        leaving_ = handover{};
    metrics_.partitions_lost.add(partitions.size());
    metrics_.overlapped_lost.add(overlapped);
    runtime::log(
        level::warn,
        "Partitions lost: others have them; nothing of them is committed, and what a handler has now may "
        "be handled by two at once",
        {{"partitions", list(partitions)}, {"events_under_way", std::to_string(overlapped)}});
    share_room();
}

void pipeline::on_committed(std::span<const kafka::commit_entry> entries, error_code error) {
    now_ = clock_.now();
    commit_asked_.reset();
    for (const kafka::commit_entry& e : entries)
        if (partition* const p = owned(e.partition)) {
            if (error)
                p->commit_failed();
            else
                p->commit_succeeded(e.offset);
        }
    if (error) {
        metrics_.commit_failures.add();
        if (is(error, metadata_too_large))
            give_shorter_notes();
        else if (!std::exchange(commits_fail_, true))
            runtime::log(level::warn, "A commit failed; it is tried again", {{"reason", error.message()}});
        if (refused_for_good(
                error)) // this member cannot commit in this generation any more: there is nothing to wait for
            leaving_.deadline = std::min(leaving_.deadline, now_.steady);
    } else {
        if (std::exchange(commits_fail_, false))
            runtime::log(level::info, "Commits succeed again");
        if (leaving_.now == handover::phase::committing)
            commit(); // what moved while this one was on its way
    }
    hand_over();
}

// Better an offset with few notes than none: after a handover some events are handled again.
void pipeline::give_shorter_notes() {
    notes_room_ /= 4;
    runtime::log(
        level::warn,
        "The broker takes no commit with notes as long as these (offset.metadata.max.bytes): shorter ones "
        "are tried",
        {{"bytes", std::to_string(notes_room_)}});
    commit();
}

} // namespace millrace::processor
