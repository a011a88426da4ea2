#include "letter.hpp"

#include "millrace/core/text.hpp"

#include <ranges>

namespace millrace::processor {
namespace {

std::optional<record_offset> offset_in(std::string_view text) {
    const auto n = parse_number<std::int64_t>(text);
    return n && *n >= 0 ? std::optional(record_offset{*n}) : std::nullopt;
}

unix_ms time_in(std::string_view text) {
    return unix_ms{parse_number<std::int64_t>(text).value_or(0)};
}

} // namespace

std::string_view last_header(std::span<const field> headers, std::string_view name) noexcept {
    for (const field& h : headers | std::views::reverse)
        if (h.name == name)
            return h.value;
    return {};
}

std::string to_text(const coordinates& place) {
    return place.topic + '/' + std::to_string(value(place.partition)) + '/' +
           std::to_string(value(place.offset));
}

std::optional<coordinates> parse_coordinates(std::string_view text) {
    const auto last = text.rfind('/');
    const auto middle = last == text.npos || last == 0 ? text.npos : text.rfind('/', last - 1);
    if (middle == text.npos || middle == 0)
        return std::nullopt;
    const auto partition = parse_number<std::int32_t>(text.substr(middle + 1, last - middle - 1));
    const auto offset = offset_in(text.substr(last + 1));
    if (!partition || *partition < 0 || !offset)
        return std::nullopt;
    return coordinates{std::string(text.substr(0, middle)), partition_id{*partition}, *offset};
}

letter_record letter_reader::read(const kafka::message& m) {
    headers_.clear();
    m.headers(headers_);
    if (last_header(headers_, dlq_header::group) != group_)
        return foreign{};
    if (const std::string_view of = last_header(headers_, mark_header::offset); !of.empty()) {
        const auto offset = offset_in(of);
        auto event = parse_coordinates(last_header(headers_, mark_header::event));
        if (!offset || !event)
            return foreign{};
        return mark{*offset, std::move(*event), time_in(last_header(headers_, mark_header::timestamp_ms)),
                    m.timestamp()};
    }
    const std::string_view topic = last_header(headers_, dlq_header::topic);
    const auto partition = parse_number<std::int32_t>(last_header(headers_, dlq_header::partition));
    const auto offset = offset_in(last_header(headers_, dlq_header::offset));
    // A record can claim any topic; a letter of ours comes from the topic that this one is for.
    if (!partition || *partition < 0 || !offset || dead_letter_topic(topic) != m.topic())
        return foreign{};
    letter l;
    l.event = {std::string(topic), partition_id{*partition}, *offset};
    l.place = {std::string(m.topic()), m.partition(), m.offset()};
    l.timestamp = time_in(last_header(headers_, dlq_header::timestamp_ms));
    l.stored = m.timestamp();
    l.attempts = parse_number<unsigned>(last_header(headers_, dlq_header::attempts));
    l.error_class = last_header(headers_, dlq_header::error_class);
    l.error_message = last_header(headers_, dlq_header::error_message);
    l.failed_at = last_header(headers_, dlq_header::failed_at);
    name(l, m);
    return l;
}

// What does not parse as an event, which is one reason to be a letter, still may bring a name.
void letter_reader::name(letter& l, const kafka::message& m) {
    const auto e = events_.read({m.key(), m.value().value_or(std::string_view{}), headers_});
    if (e.has_error()) {
        l.id = last_header(headers_, "ce_id");
        l.source = last_header(headers_, "ce_source");
        l.type = last_header(headers_, "ce_type");
        return;
    }
    if (!e->id.empty()) {
        l.id = e->id;
        l.source = e->source;
        l.type = e->type;
        return;
    }
    const std::string_view first = last_header(headers_, redriven_header::id);
    l.plain = true;
    l.id = first.empty() ? to_text(l.event) : first;
    const auto configured = topics_.find(l.event.topic);
    const settings::topic& defaults = configured == topics_.end() ? settings::topic{} : configured->second;
    l.source = defaults.source;
    l.type = defaults.type;
}

} // namespace millrace::processor
