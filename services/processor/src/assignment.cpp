// How the pipeline begins and ends, and how partitions come and go meanwhile.
#include "millrace/kafka/error.hpp"
#include "millrace/runtime/log.hpp"
#include "pipeline.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr milliseconds tick_interval{500};      // between two commits
constexpr milliseconds commit_deadline{5'000};  // of the last one before a partition is given up
constexpr milliseconds commit_patience{30'000}; // then another one is tried beside it
constexpr std::size_t max_names = 1'000;        // event types, and sources
constexpr std::size_t min_ready = 256;

ordering ordering_named(const std::string& name) {
    if (name == "none")
        return ordering::none;
    return name == "partition" ? ordering::partition : ordering::key;
}

kafka::consumer_config consumer_of(const settings::file& s) {
    kafka::consumer_config c;
    c.client = {s.kafka.brokers, s.kafka.client_id, s.kafka.properties};
    c.topics = s.processor.topics;
    c.group = s.processor.group;
    c.instance_id = s.processor.instance_id;
    c.session_timeout = milliseconds{s.processor.session_timeout_ms};
    return c;
}

// Kafka's UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION and REBALANCE_IN_PROGRESS: the group has gone on without this
// member.
bool refused_for_good(const error_code& e) {
    return e.category() == kafka::kafka_category() && (e.value() == 25 || e.value() == 22 || e.value() == 27);
}

std::string list(std::span<const topic_partition> partitions) {
    std::string text;
    for (const topic_partition& p : partitions)
        text.append(text.empty() ? "" : " ")
            .append(p.topic)
            .append("/")
            .append(std::to_string(value(p.partition)));
    return text.empty() ? "none" : text;
}

} // namespace

pipeline::pipeline(boost::asio::io_context& loop, const settings::file& settings, handler& handler,
                   dead_letters& letters)
    : settings_(settings),
      handler_(handler),
      letters_(letters),
      ordering_(ordering_named(settings.processor.ordering)),
      policy_{settings.processor.retry.max_attempts,
              milliseconds{settings.processor.retry.initial_backoff_ms},
              milliseconds{settings.processor.retry.max_backoff_ms}},
      limits_{.dedup = {std::chrono::seconds(settings.processor.dedup_window_seconds),
                        settings.processor.dedup_max_entries, hash_secret::random()}},
      now_(clock_.now()),
      sources_(max_names),
      types_(max_names),
      recent_(settings.processor.recent_ids, hash_secret::random()),
      scheduler_(settings.processor.concurrency),
      hold_(std::max<std::size_t>(min_ready, 2 * settings.processor.concurrency)),
      retry_timer_(loop),
      tick_timer_(loop),
      started_(now_.steady),
      desk_(completion_desk::open(*this)),
      consumer_(loop, consumer_of(settings), *this) {
    letters_.serve(*this);
}

pipeline::~pipeline() {
    desk_->leave();
    letters_.abandon();
    slots_.clear();
}

void pipeline::start(followed on_final, std::function<void()> on_doubt) {
    on_final_ = std::move(on_final);
    on_doubt_ = std::move(on_doubt);
    consumer_.start();
    take_reading();
    tick();
}

void pipeline::drain(std::function<void()> done) {
    draining_ = true;
    // Leaving revokes what is assigned: on_revoked lets it finish and commits it.
    const milliseconds deadline = milliseconds{settings_.processor.drain_timeout_ms} + commit_deadline;
    consumer_.close(deadline, [this, done = std::move(done)] {
        drained_ = true;
        tick_timer_.cancel();
        retry_timer_.cancel();
        done();
    });
}

partition* pipeline::owned(const topic_partition& name) noexcept {
    partition* const p = partitions_.find(name.topic, name.partition);
    return p != nullptr && p->owned() ? p : nullptr;
}

void pipeline::on_assigned(std::span<const kafka::assigned_partition> partitions) {
    std::vector<topic_partition> names;
    for (const kafka::assigned_partition& a : partitions) {
        partition& p = partitions_.find_or_add(a.partition);
        p.assign(a.committed, sources_, limits_);
        if (a.committed)
            p.identity = log_identity(parse_witness(a.metadata));
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
        withdraw(*p, true);
        p->give_up();
    }
    share_room();
    consumer_.release(done.names);
    runtime::log(level::info, "Partitions released", {{"partitions", list(done.names)}});
}

// Takes out the events of a partition that no handler has; those on their way to the dead letters only when
// there is no more time.
void pipeline::withdraw(partition& p, bool letters_too) {
    for (ticket t = 0; t < slots_.size(); ++t) {
        const slot& s = slots_[t];
        const bool idle = s.now == slot::phase::waiting || s.now == slot::phase::retrying;
        const bool letter = s.now == slot::phase::dead_lettering && letters_too;
        if (s.from != &p || s.term != p.term() || (!idle && !letter))
            continue;
        scheduler_.finish(t);
        slots_.give_back(t);
        --p.unfinished;
    }
}

void pipeline::on_lost(std::span<const topic_partition> partitions) {
    runtime::log(level::warn, "Partitions lost: others have them; nothing of them is committed",
                 {{"partitions", list(partitions)}});
    for (const topic_partition& name : partitions) {
        std::erase(leaving_.names, name);
        partition* const p = owned(name);
        if (p == nullptr)
            continue;
        std::erase(leaving_.partitions, p);
        withdraw(*p, true);
        p->give_up();
    }
    if (leaving_.names.empty())
        leaving_ = handover{};
    share_room();
}

void pipeline::on_end(const topic_partition& of, record_offset end) {
    if (partition* const p = owned(of); p != nullptr && trusted(*p, end))
        p->tracker.skip_to(end);
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
        if (!std::exchange(commits_fail_, true))
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

void pipeline::on_error(error_code error, const std::string& detail) {
    last_error_ = detail;
    failed_ = failed_ || error == condition::fatal;
    runtime::log(failed_ ? level::error : level::warn, "Kafka consumer", {{"reason", detail}});
}

void pipeline::arm_retry_timer() {
    if (retries_.empty())
        return;
    retry_timer_.expires_at(retries_.top().due);
    retry_timer_.async_wait([this](error_code cancelled) {
        if (!cancelled)
            run_due_retries();
    });
}

void pipeline::run_due_retries() {
    now_ = clock_.now();
    while (!retries_.empty() && retries_.top().due <= now_.steady) {
        const planned_retry r = retries_.top();
        retries_.pop();
        slot& s = slots_[r.of];
        if (s.generation != r.generation || s.now != slot::phase::retrying)
            continue; // its partition is gone
        s.now = slot::phase::waiting;
        scheduler_.resume(r.of);
    }
    arm_retry_timer();
    pump();
}

void pipeline::tick() {
    tick_timer_.expires_after(tick_interval);
    tick_timer_.async_wait([this](error_code cancelled) {
        if (cancelled || drained_)
            return;
        now_ = clock_.now();
        if (++ticks_ % 2 == 0) {
            clock_.renew();
            take_reading();
        }
        if (commit_asked_ && now_.steady - *commit_asked_ > commit_patience)
            commit_asked_.reset();
        commit();
        hand_over();
        tick();
    });
}

} // namespace millrace::processor
