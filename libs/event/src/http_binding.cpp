#include "http_binding.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace millrace::event {
namespace {

std::optional<std::string_view> unquote(std::string_view value, text_arena& arena) {
    char* const begin = arena.reserve(value.size());
    char* out = begin;
    bool quoted = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '"') {
            quoted = !quoted;
        } else {
            if (quoted && value[i] == '\\' && i + 1 < value.size())
                ++i;
            *out++ = value[i];
        }
    }
    if (quoted)
        return std::nullopt;
    return std::string_view(begin, static_cast<std::size_t>(out - begin));
}

// Section 3.1.3.2: first double quotes with backslashes are undone, then one round of percent-encoding.
// Nothing where a quote is not closed or a percent sign is not followed by two hexadecimal digits.
std::optional<std::string_view> decode_value(std::string_view value, text_arena& arena) {
    if (value.find('"') != std::string_view::npos) {
        const auto unquoted = unquote(value, arena);
        if (!unquoted)
            return std::nullopt;
        value = *unquoted;
    }
    if (value.find('%') == std::string_view::npos)
        return value;
    const auto decoded = percent_decode(value);
    if (!decoded)
        return std::nullopt;
    return arena.copy(*decoded);
}

// "ce_" and the name, as the Kafka binding wants it. HTTP has names in any case, CloudEvents in lower case
// alone.
std::string_view to_kafka_name(std::string_view name, text_arena& arena) {
    char* const text = arena.reserve(name.size());
    std::ranges::transform(name, text,
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    text[2] = '_';
    return {text, name.size()};
}

} // namespace

bool has_ce_headers(std::span<const field> headers) noexcept {
    return std::ranges::any_of(headers, [](const field& h) { return iequals(h.name, "ce-specversion"); });
}

void read_ce_headers(std::span<const field> headers, event_builder& to, text_arena& arena) {
    for (const field& header : headers) {
        if (!iequals(header.name.substr(0, 3), "ce-"))
            continue;
        const std::string_view kafka_name = to_kafka_name(header.name, arena);
        const std::string_view name = kafka_name.substr(3);
        if (name == "datacontenttype")
            to.refuse(name, "In binary mode the datacontenttype is the Content-Type of the request.");
        else if (const auto value = decode_value(header.value, arena))
            to.set(kafka_name, *value);
        else
            to.set_refused(
                name, "The header's value has a double quote that is not closed or a percent sign that is "
                      "not followed by two hexadecimal digits; a percent sign itself is %25.");
    }
}

} // namespace millrace::event
