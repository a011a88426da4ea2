// What the pipeline says about itself.
#include "millrace/core/version.hpp"
#include "pipeline.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

constexpr std::size_t types_shown = 20;

double seconds(steady_clock::duration d) {
    return std::chrono::duration<double>(d).count();
}

} // namespace

void pipeline::take_reading() {
    history_.add({now_.steady, metrics_.received.value(), metrics_.processed.value(),
                  metrics_.end_to_end.buckets(), metrics_.handling.buckets()});
}

void pipeline::describe(snapshot& to) const {
    const steady_time now = steady_clock::now();
    const kafka::consumer_state& group = consumer_.state();
    to.version = version();
    to.uptime_s = seconds(now - started_);
    if (draining_)
        to.state = service_state::draining;
    else if (!stalls_.now().empty())
        to.state = service_state::stalled;
    else if (group.joined && leaving_.now == handover::phase::none)
        to.state = paused_.all() ? service_state::paused : service_state::running;
    else
        to.state = group.rebalances > 0 ? service_state::rebalancing : service_state::starting;

    to.group = {settings_.processor.group, group.member_id,  group.protocol,
                group.join_state,          group.rebalances, group.last_rebalance};
    describe_partitions(to, now);
    for (const stall& s : stalls_.now())
        to.stalls.push_back(
            {s, {system_now().value - std::chrono::duration_cast<milliseconds>(now - s.since).count()}});
    to.totals = {metrics_.received.value(), metrics_.processed.value(), metrics_.retried.value(),
                 settings_.processor.dedup_window_seconds == 0 ? std::nullopt
                                                               : std::optional(metrics_.duplicates.value()),
                 metrics_.dead_lettered.value()};
    to.rates = {history_.received_per_second(10), history_.received_per_second(60),
                history_.processed_per_second(10), history_.processed_per_second(60)};
    to.end_to_end = history_.end_to_end();
    to.handling = history_.handler();
    to.handler = {std::string(handler_.name()), settings_.processor.concurrency, scheduler_.running(),
                  handler_.status_json()};
    to.dead_letters = {letters_.pending(), letters_.last_error()};
    to.kafka = {std::nullopt, std::nullopt, group.received_bytes, last_error_};
    if (group.brokers_known > 0) {
        to.kafka.brokers_up = group.brokers_up;
        to.kafka.brokers_known = group.brokers_known;
    }
    for (name_table::index i = 0; i < by_type_.size(); ++i)
        if (by_type_[i] > 0)
            to.by_type.emplace_back(types_.name(i), by_type_[i]);
    std::ranges::stable_sort(to.by_type, std::ranges::greater{},
                             [](const auto& entry) { return entry.second; });
    if (to.by_type.size() > types_shown)
        to.by_type.resize(types_shown);
    to.all_paused = paused_.all();
    to.paused_partitions.assign(paused_.single().begin(), paused_.single().end());
    if (describe_more_)
        describe_more_(to);
}

std::vector<topic_partition> pipeline::owned_names() const {
    std::vector<topic_partition> names;
    for (const auto& p : partitions_.all())
        if (p->owned())
            names.push_back(p->name());
    return names;
}

void pipeline::note_end(const topic_partition& name, record_offset end) noexcept {
    if (partition* const p = owned(name))
        p->end_told = end;
}

void pipeline::describe_partitions(snapshot& to, steady_time now) const {
    std::vector<std::optional<steady_time>> oldest(partitions_.all().size());
    for (ticket t = 0; t < slots_.size(); ++t) {
        const slot& s = slots_[t];
        if (s.now == slot::phase::free || !s.ours())
            continue;
        auto& since = oldest[s.from->number()];
        since = since ? std::min(*since, s.fetched) : s.fetched;
    }
    for (const auto& p : partitions_.all()) {
        if (!p->owned())
            continue;
        partition_snapshot& out = to.partitions.emplace_back();
        out.name = p->name();
        out.state = p->state();
        out.rebuilding = p->rebuilding();
        out.committed = p->committed();
        out.processed = p->tracker.watermark();
        out.position = p->tracker.position();
        out.end = std::max(consumer_.end_offset(p->name()), p->end_told); // a log's end only grows
        out.in_flight = p->unfinished;
        if (const auto since = oldest[p->number()])
            out.oldest_in_flight_s = seconds(now - *since);
    }
    std::ranges::sort(to.partitions, {}, &partition_snapshot::name);
}

} // namespace millrace::processor
