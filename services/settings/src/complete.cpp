// Defaults that depend on other values, and the rules across keys.
#include "schema.hpp"

#include "millrace/core/text.hpp"

#include <vector>

namespace millrace::settings {
namespace {

void check_default_topic(runtime::config& c, const file& of) {
    const auto& wanted = of.ingress.default_topic;
    if (of.topics.contains(wanted))
        return;
    std::vector<std::string> names;
    for (const auto& [name, topic] : of.topics)
        names.push_back(name);
    std::string text = "\"" + wanted + "\" is not one of [topics]";
    if (const auto near = nearest(wanted, names); !near.empty())
        text += "; did you mean \"" + std::string(near) + "\"?";
    c.complain("ingress.default_topic", text);
}

/// a >= b, to be blamed on whichever of them somebody has set.
void check_at_least(runtime::config& c, const std::string& a, std::uint64_t a_value, const std::string& b,
                    std::uint64_t b_value) {
    if (a_value >= b_value)
        return;
    if (c.is_set(a) || !c.is_set(b))
        c.complain(a, std::to_string(a_value) + " is less than " + b + ", " + std::to_string(b_value));
    else
        c.complain(b, std::to_string(b_value) + " is more than " + a + ", " + std::to_string(a_value));
}

} // namespace

void complete(runtime::config& c, file& of) {
    if (of.topics.empty())
        c.add_table("topics", "events");
    check_default_topic(c, of);
    check_at_least(c, "http.max_body_bytes", of.http.max_body_bytes, "ingress.max_event_bytes",
                   of.ingress.max_event_bytes);
    check_at_least(c, "ingress.max_in_flight_bytes", of.ingress.max_in_flight_bytes,
                   "ingress.max_event_bytes", of.ingress.max_event_bytes);
    check_at_least(c, "processor.retry.max_backoff_ms", of.processor.retry.max_backoff_ms,
                   "processor.retry.initial_backoff_ms", of.processor.retry.initial_backoff_ms);
    check_at_least(c, "http.max_connections", of.http.max_connections, "http.threads", of.http.threads);
}

} // namespace millrace::settings
