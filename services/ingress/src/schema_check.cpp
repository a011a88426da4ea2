#include "schema_check.hpp"

#include "answers.hpp"

#include <string>
#include <vector>

namespace millrace::ingress {
namespace {

// Pointers lead into the event as it was sent: into a plain event's body, or into the data of a CloudEvent.
std::string pointer_into(const event::event& e, const std::string& pointer) {
    return e.cloud_event ? "/data" + pointer : pointer;
}

} // namespace

std::optional<http::problem> schema_check::problem_of(const event::schema& of_topic,
                                                      std::span<const event::event> events, bool batch) {
    std::vector<http::problem::error> errors;
    for (std::size_t i = 0; i < events.size() && errors.size() < most_errors; ++i) {
        const event::event& e = events[i];
        const auto index = batch ? std::optional(i) : std::nullopt;
        if (!json_.check(e.data)) { // as base64, say, or none at all
            errors.push_back({index, pointer_into(e, {}), "The topic takes JSON. " + json_.error().detail});
            continue;
        }
        for (event::violation& v : of_topic.violations(e.data, most_errors - errors.size()))
            errors.push_back({index, pointer_into(e, v.pointer), std::move(v.detail)});
    }
    if (errors.empty())
        return std::nullopt;
    return schema_violation(std::move(errors));
}

} // namespace millrace::ingress
