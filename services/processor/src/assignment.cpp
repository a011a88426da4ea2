// How the pipeline begins and ends, and what it does by the clock: retries, commits, looking around.
#include "millrace/runtime/log.hpp"
#include "pipeline.hpp"
#include "retry_classes.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

constexpr milliseconds tick_interval{500};      // between two commits
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

} // namespace

pipeline::pipeline(boost::asio::io_context& loop, const settings::file& settings, handler& handler,
                   dead_letters& letters)
    : settings_(settings),
      handler_(handler),
      letters_(letters),
      ordering_(ordering_named(settings.processor.ordering)),
      policies_(
          policies_of(settings.processor.retry, milliseconds{settings.handlers.http.retry_after_max_ms})),
      limits_{.dedup = {std::chrono::seconds(settings.processor.dedup_window_seconds),
                        settings.processor.dedup_max_entries}},
      now_(clock_.now()),
      sources_(max_names),
      types_(max_names),
      hasher_(hash_secret::random()),
      recent_(settings.processor.recent_ids),
      scheduler_(settings.processor.concurrency),
      hold_(std::max<std::size_t>(min_ready, 2 * settings.processor.concurrency)),
      retry_timer_(loop),
      tick_timer_(loop),
      stalls_({milliseconds{settings.processor.handler_timeout_ms},
               milliseconds{settings.processor.stall_timeout_ms}}),
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
            end_late_rebuilds(2 * tick_interval);
            watch();
        }
        if (commit_asked_ && now_.steady - *commit_asked_ > commit_patience)
            commit_asked_.reset();
        commit();
        hand_over();
        tick();
    });
}

} // namespace millrace::processor
