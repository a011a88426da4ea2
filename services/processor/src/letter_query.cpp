#include "letter_query.hpp"

#include "answers.hpp"
#include "millrace/core/text.hpp"

#include <array>
#include <utility>

namespace millrace::processor {
namespace {

constexpr std::size_t max_limit = 1'000;
constexpr std::array<std::string_view, 7> names = {"limit", "cursor", "topic",   "error_class",
                                                   "type",  "id",     "redriven"};

bool matches(const std::string& wanted, const std::string& found) noexcept {
    return wanted.empty() || wanted == found;
}

// Each parameter once, and none whose name is not known: a filter that is spelled wrong would show
// everything.
std::optional<http::problem> unknown_parameter(std::string_view query) {
    for (std::string_view rest = query; !rest.empty();) {
        const std::string_view pair = rest.substr(0, rest.find('&'));
        rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
        const std::string_view name = pair.substr(0, pair.find('='));
        if (pair.empty())
            continue;
        if (std::ranges::find(names, name) == names.end()) {
            const std::string_view near = nearest(name, names);
            return malformed("There is no parameter '" + std::string(name) + "'" +
                             (near.empty() ? "." : "; is '" + std::string(near) + "' meant?"));
        }
        if (has_repeated_query_parameter(query, name))
            return malformed("There is more than one " + std::string(name) + ".");
    }
    return std::nullopt;
}

} // namespace

bool letter_query::wants(const letter& l, bool was_redriven) const noexcept {
    return matches(topic, l.event.topic) && matches(error_class, l.error_class) && matches(type, l.type) &&
           matches(id, l.id) && redriven.value_or(was_redriven) == was_redriven;
}

std::variant<letter_query, http::problem> parse_letter_query(std::string_view query) {
    if (auto unknown = unknown_parameter(query))
        return std::move(*unknown);
    letter_query q;
    const std::array<std::pair<std::string_view, std::string*>, 4> texts = {
        {{"topic", &q.topic}, {"error_class", &q.error_class}, {"type", &q.type}, {"id", &q.id}}};
    for (const auto& [name, to] : texts)
        if (const auto raw = raw_query_parameter(query, name)) {
            auto value = decode_query_value(*raw);
            if (!value)
                return malformed(std::string(name) + " is not percent-encoded as it should be.");
            if (value->empty())
                return malformed(std::string(name) + " is empty. Say which, or leave it out for all.");
            *to = std::move(*value);
        }
    if (const auto raw = raw_query_parameter(query, "limit")) {
        const auto limit = parse_number<std::size_t>(*raw);
        if (!limit || *limit < 1 || *limit > max_limit)
            return malformed("limit is a number from 1 to 1000.");
        q.limit = *limit;
    }
    if (const auto raw = raw_query_parameter(query, "redriven")) {
        if (*raw != "true" && *raw != "false")
            return malformed("redriven is true or false.");
        q.redriven = *raw == "true";
    }
    if (const auto text = query_parameter(query, "cursor"); text || raw_query_parameter(query, "cursor")) {
        q.cursor = parse_cursor(text.value_or(""));
        if (!q.cursor)
            return malformed("cursor is the next_cursor of an earlier answer, unchanged.");
    }
    return q;
}

} // namespace millrace::processor
