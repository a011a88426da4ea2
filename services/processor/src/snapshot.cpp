#include "millrace/processor/snapshot.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace millrace::processor {
namespace {

using nlohmann::ordered_json;

// An unknown number is null, never -1 or 0; an unknown text is null, never "".
template <class T>
ordered_json or_null(const std::optional<T>& number) {
    return number ? ordered_json(*number) : ordered_json(nullptr);
}

ordered_json or_null(const std::optional<record_offset>& offset) {
    return offset ? ordered_json(value(*offset)) : ordered_json(nullptr);
}

ordered_json or_null(const std::optional<unix_ms>& time) {
    return time ? ordered_json(to_rfc3339(*time)) : ordered_json(nullptr);
}

ordered_json or_null(const std::string& text) {
    return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json quantiles(const percentiles& p) {
    return {{"p50", or_null(p.p50_ms)}, {"p90", or_null(p.p90_ms)}, {"p99", or_null(p.p99_ms)}};
}

ordered_json describe(const partition_snapshot& p) {
    return {{"topic", p.name.topic},
            {"partition", value(p.name.partition)},
            {"state", p.rebuilding && p.state == partition_state::active ? "rebuilding" : to_string(p.state)},
            {"committed_offset", or_null(p.committed)},
            {"processed_offset", or_null(p.processed)},
            {"position", or_null(p.position)},
            {"end_offset", or_null(p.end)},
            {"lag", or_null(p.lag())},
            {"in_flight", p.in_flight},
            {"oldest_in_flight_seconds", or_null(p.oldest_in_flight_s)}};
}

ordered_json describe(const stall_snapshot& s) {
    const topic_partition& of = s.what.of;
    return {{"reason", to_string(s.what.reason)},
            {"topic", or_null(of.topic)},
            {"partition", of.topic.empty() ? ordered_json(nullptr) : ordered_json(value(of.partition))},
            {"offset", or_null(s.what.offset)},
            {"id", or_null(s.what.id)},
            {"since", to_rfc3339(s.since)}};
}

ordered_json describe(const std::vector<topic_partition>& partitions) {
    ordered_json all = ordered_json::array();
    for (const topic_partition& p : partitions)
        all.push_back({{"topic", p.topic}, {"partition", value(p.partition)}});
    return all;
}

ordered_json describe_handler(const snapshot& s) {
    ordered_json out = {
        {"name", s.handler.name}, {"concurrency", s.handler.concurrency}, {"in_flight", s.handler.in_flight}};
    if (!s.handler.own_json.empty())
        out.update(ordered_json::parse(s.handler.own_json));
    return out;
}

// Text that a client chose may be anything: what is not UTF-8 is replaced, so that there always is an answer.
std::string text_of(const ordered_json& from) {
    return from.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

} // namespace

std::string_view to_string(service_state s) noexcept {
    static constexpr std::array<std::string_view, 6> names = {"starting", "running", "rebalancing",
                                                              "paused",   "stalled", "draining"};
    return names[static_cast<std::size_t>(s)];
}

std::optional<std::int64_t> partition_snapshot::lag() const noexcept {
    if (!position || !end)
        return std::nullopt;
    return std::max<std::int64_t>(0, value(*end) - value(*position)); // the end may be a moment older
}

std::string to_json(const snapshot& s) {
    ordered_json partitions = ordered_json::array();
    for (const partition_snapshot& p : s.partitions)
        partitions.push_back(describe(p));
    ordered_json stalls = ordered_json::array();
    for (const stall_snapshot& one : s.stalls)
        stalls.push_back(describe(one));
    ordered_json by_type = ordered_json::object();
    for (const auto& [type, count] : s.by_type)
        by_type[type] = count;
    return text_of({
        {"service", "millrace-processor"},
        {"version", s.version},
        {"state", to_string(s.state)},
        {"uptime_seconds", s.uptime_s},
        {"group",
         {{"id", s.group.id},
          {"member_id", or_null(s.group.member_id)},
          {"protocol", or_null(s.group.protocol)},
          {"state", or_null(s.group.state)},
          {"rebalances", s.group.rebalances},
          {"last_rebalance_at", or_null(s.group.last_rebalance)}}},
        {"partitions", std::move(partitions)},
        {"stalls", std::move(stalls)},
        {"totals",
         {{"received", s.totals.received},
          {"processed", s.totals.processed},
          {"retried", s.totals.retried},
          {"duplicates", or_null(s.totals.duplicates)},
          {"dead_lettered", s.totals.dead_lettered}}},
        {"rates",
         {{"received_per_second",
           {{"10s", or_null(s.rates.received_10s)}, {"60s", or_null(s.rates.received_60s)}}},
          {"processed_per_second",
           {{"10s", or_null(s.rates.processed_10s)}, {"60s", or_null(s.rates.processed_60s)}}}}},
        {"latency", {{"end_to_end_ms", quantiles(s.end_to_end)}, {"handler_ms", quantiles(s.handling)}}},
        {"handler", describe_handler(s)},
        {"dead_letters",
         {{"pending", s.dead_letters.pending}, {"last_error", or_null(s.dead_letters.last_error)}}},
        {"kafka",
         {{"brokers_up", or_null(s.kafka.brokers_up)},
          {"brokers_known", or_null(s.kafka.brokers_known)},
          {"last_error", or_null(s.kafka.last_error)}}},
        {"by_type", std::move(by_type)},
        {"paused_partitions", describe(s.paused_partitions)},
        {"redrive", s.redrive_json.empty() ? ordered_json(nullptr) : ordered_json::parse(s.redrive_json)},
    });
}

std::string to_json(const receipt& r) {
    ordered_json error = nullptr;
    if (!r.error_class.empty())
        error = {{"class", r.error_class}, {"message", r.error_message}};
    const bool begun = r.attempts > 0;
    return text_of({{"topic", r.where.topic},
                    {"partition", value(r.where.partition)},
                    {"offset", value(r.where.offset)},
                    {"state", to_string(r.state)},
                    {"id", or_null(r.id)},
                    {"source", or_null(r.source)},
                    {"attempts", begun ? ordered_json(r.attempts) : ordered_json(nullptr)},
                    {"error", std::move(error)},
                    {"updated_at", or_null(r.updated)}});
}

} // namespace millrace::processor
