#include "pause_desk.hpp"

#include "answers.hpp"
#include "millrace/core/text.hpp"
#include "millrace/http/standard_pages.hpp"

#include <boost/system/result.hpp>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <variant>

namespace millrace::processor {
namespace {

using target = std::optional<topic_partition>; ///< none: everything

http::problem still_paused() {
    return {.status = 409,
            .code = "all_paused",
            .title = "Everything is paused",
            .detail =
                "A single partition cannot be resumed while everything is paused. POST /v1/resume without "
                "topic and partition resumes everything."};
}

std::variant<target, http::problem> target_of(const http::request& r, const topic_keeper& topics) {
    for (const std::string_view name : {"topic", "partition"})
        if (has_repeated_query_parameter(r.query, name))
            return malformed("There is more than one " + std::string(name) + ".");
    const bool has_topic = raw_query_parameter(r.query, "topic").has_value();
    const bool has_partition = raw_query_parameter(r.query, "partition").has_value();
    if (!has_topic && !has_partition)
        return target();
    const auto topic = query_parameter(r.query, "topic");
    const auto number = parse_number<std::int32_t>(query_parameter(r.query, "partition").value_or(""));
    if (!topic || !number || *number < 0)
        return malformed(
            "To name one partition give topic and partition, a number; to name everything neither.");
    if (!topics.consumes(*topic))
        return not_found("The topic '" + *topic + "' is not consumed by this processor.");
    const int partitions = topics.partitions_of(*topic);
    if (partitions == 0)
        return not_found("The partitions of the topic '" + *topic + "' are not known (yet).");
    if (*number >= partitions)
        return not_found("The topic '" + *topic + "' has " + std::to_string(partitions) +
                         " partitions, numbered from 0.");
    return target(topic_partition{*topic, partition_id{*number}});
}

std::string answer_of(const pause_list& paused) {
    nlohmann::ordered_json single = nlohmann::ordered_json::array();
    for (const topic_partition& p : paused.single())
        single.push_back({{"topic", p.topic}, {"partition", value(p.partition)}});
    const nlohmann::ordered_json out = {{"paused", paused.all()}, {"paused_partitions", std::move(single)}};
    return out.dump() + "\n";
}

} // namespace

void pause_desk::receive(http::exchange& e, bool pause) {
    if (const auto refused = gate_.refusal(e.request()))
        return http::respond(e, *refused);
    if (!events_ || events_->draining())
        return http::respond(e, draining());
    const auto found = target_of(e.request(), topics_);
    if (const auto* problem = std::get_if<http::problem>(&found))
        return http::respond(e, *problem);
    const target& what = std::get<target>(found);
    if (!pause && what && events_->paused().all())
        return http::respond(e, still_paused());
    if (pause)
        events_->pause(what);
    else
        events_->resume(what);
    http::respond_json(e, answer_of(events_->paused()));
}

} // namespace millrace::processor
