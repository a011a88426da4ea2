#include "redrive_order.hpp"

#include "answers.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>

namespace millrace::processor {
namespace {

using nlohmann::json;

constexpr std::size_t max_places = 1'000;

/// Gathers what is wrong, each with its pointer.
class order_reader {
  public:
    bool flag(const json& of, const char* name) {
        const auto at = of.find(name);
        if (at != of.end() && !at->is_boolean())
            blame(std::string("/") + name, "is true or false.");
        return at != of.end() && at->is_boolean() && at->get<bool>();
    }

    std::string text(const json& of, const char* name) {
        const auto at = of.find(name);
        if (at == of.end())
            return {};
        if (!at->is_string() || at->get_ref<const std::string&>().empty()) {
            blame(std::string("/") + name, "is a text that is not empty.");
            return {};
        }
        return at->get<std::string>();
    }

    std::optional<std::uint64_t> number(const json& of, const char* name, std::uint64_t max) {
        const auto at = of.find(name);
        if (at == of.end())
            return std::nullopt;
        if (at->is_number_unsigned() && at->get<std::uint64_t>() >= 1 && at->get<std::uint64_t>() <= max)
            return at->get<std::uint64_t>();
        blame(std::string("/") + name, "is a whole number from 1 to " + std::to_string(max) + ".");
        return std::nullopt;
    }

    std::set<coordinates> places(const json& of, const char* name) {
        const auto at = of.find(name);
        std::set<coordinates> all;
        if (at == of.end())
            return all;
        if (!at->is_array() || at->empty() || at->size() > max_places) {
            blame(std::string("/") + name, "is an array of 1 to 1000 coordinates.");
            return all;
        }
        for (std::size_t i = 0; i < at->size(); ++i)
            if (auto place = place_of((*at)[i]))
                all.insert(std::move(*place));
            else
                blame(std::string("/") + name + "/" + std::to_string(i),
                      R"(is no coordinates: {"topic": "…", "partition": 0, "offset": 0}.)");
        return all;
    }

    void blame(std::string pointer, std::string detail) {
        errors_.push_back({std::nullopt, std::move(pointer), std::move(detail)});
    }

    std::optional<http::problem> problem() {
        if (errors_.empty())
            return std::nullopt;
        http::problem p = malformed("The order to redrive is not right; nothing was redriven.");
        p.errors = std::move(errors_);
        return p;
    }

  private:
    static std::optional<coordinates> place_of(const json& from) {
        if (!from.is_object() || from.size() != 3 || !from.contains("topic") || !from.contains("partition") ||
            !from.contains("offset"))
            return std::nullopt;
        const json& topic = from["topic"];
        const json& partition = from["partition"];
        const json& offset = from["offset"];
        if (!topic.is_string() || !partition.is_number_unsigned() ||
            partition.get<std::uint64_t>() > INT32_MAX || !offset.is_number_unsigned() ||
            offset.get<std::uint64_t>() > INT64_MAX)
            return std::nullopt;
        return coordinates{topic.get<std::string>(), partition_id{partition.get<std::int32_t>()},
                           record_offset{offset.get<std::int64_t>()}};
    }

    std::vector<http::problem::error> errors_;
};

constexpr std::array<std::string_view, 8> members = {
    "all", "dead_letters", "events", "topic", "error_class", "dry_run", "rate_per_second", "max"};

} // namespace

bool redrive_order::wants(const letter& l) const {
    return (letters.empty() || letters.contains(l.place)) && (events.empty() || events.contains(l.event)) &&
           (topic.empty() || topic == l.event.topic) && (error_class.empty() || error_class == l.error_class);
}

bool redrive_order::may_be_in(const topic_partition& letters_of, int partitions) const {
    if (!topic.empty() && dead_letter_topic(topic) != letters_of.topic)
        return false;
    const auto of_letter = [&](const coordinates& c) {
        return c.topic == letters_of.topic && c.partition == letters_of.partition;
    };
    const auto of_event = [&](const coordinates& c) {
        return dead_letter_topic(c.topic) == letters_of.topic &&
               value(c.partition) % partitions == value(letters_of.partition);
    };
    return (letters.empty() || std::ranges::any_of(letters, of_letter)) &&
           (events.empty() || std::ranges::any_of(events, of_event));
}

std::variant<redrive_order, http::problem> parse_redrive_order(std::string_view body) {
    const json given = json::parse(body, nullptr, false);
    if (!given.is_object())
        return malformed("The body is a JSON object that says which dead letters are to be redriven, such as "
                         R"({"all": true} or {"error_class": "timeout"}.)");
    order_reader read;
    for (const auto& [name, value] : given.items())
        if (std::ranges::find(members, name) == members.end())
            read.blame("/" + name, "is not known here.");
    redrive_order o;
    const bool all = read.flag(given, "all");
    o.letters = read.places(given, "dead_letters");
    o.events = read.places(given, "events");
    o.topic = read.text(given, "topic");
    o.error_class = read.text(given, "error_class");
    o.dry_run = read.flag(given, "dry_run");
    o.rate_per_second = read.number(given, "rate_per_second", 1'000'000).value_or(0);
    o.max = read.number(given, "max", INT64_MAX).value_or(UINT64_MAX);
    const bool narrowed =
        !o.letters.empty() || !o.events.empty() || !o.topic.empty() || !o.error_class.empty();
    if (auto wrong = read.problem())
        return std::move(*wrong);
    if (!all && !narrowed)
        return malformed(R"(Nothing says which dead letters. To redrive all of them: {"all": true}.)");
    if (all && narrowed)
        return malformed("all goes with none of dead_letters, events, topic and error_class.");
    return o;
}

} // namespace millrace::processor
