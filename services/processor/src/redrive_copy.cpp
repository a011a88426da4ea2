#include "redrive_copy.hpp"

#include <optional>
#include <string_view>

namespace millrace::processor {
namespace {

constexpr std::string_view added_by_letters = "millrace_dlq_";

std::optional<std::string> owned(std::optional<std::string_view> text) {
    return text ? std::optional<std::string>(*text) : std::nullopt;
}

} // namespace

kafka::transaction_record copy_of(const kafka::message& from, const letter& l,
                                  std::span<const field> headers) {
    kafka::transaction_record r;
    r.topic = l.event.topic;
    r.partition = l.event.partition;
    r.key = owned(from.key());
    r.value = owned(from.value());
    for (const field& h : headers) {
        if (h.name.starts_with(added_by_letters) || h.name == redriven_header::letter ||
            h.name == redriven_header::id)
            continue;
        const bool null = h.value.data() == nullptr;
        r.headers.emplace_back(h.name, null ? std::nullopt : std::optional<std::string>(h.value));
    }
    r.headers.emplace_back(redriven_header::letter, to_text(l.place));
    if (l.plain)
        r.headers.emplace_back(redriven_header::id, l.id);
    r.timestamp = system_now();
    return r;
}

kafka::transaction_record mark_of(const topic_partition& letters, const std::string& group,
                                  const letter_place& of, const coordinates& copy) {
    kafka::transaction_record r;
    r.topic = letters.topic;
    r.partition = letters.partition;
    r.value = std::string();
    r.timestamp = system_now();
    const auto add = [&r](std::string_view name, std::string value) {
        r.headers.emplace_back(name, std::move(value));
    };
    add(dlq_header::group, group);
    add(mark_header::offset, std::to_string(value(of.letter)));
    add(mark_header::event, to_text(of.event));
    add(mark_header::timestamp_ms, std::to_string(of.timestamp.value));
    add(mark_header::at, to_rfc3339(r.timestamp));
    add(mark_header::to, to_text(copy));
    return r;
}

} // namespace millrace::processor
