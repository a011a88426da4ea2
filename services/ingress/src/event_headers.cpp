#include "event_headers.hpp"

#include "millrace/core/text.hpp"
#include "millrace/event/trace.hpp"

namespace millrace::ingress {

event_headers read_event_headers(std::span<const field> all, std::string& scratch) {
    event_headers found;
    unsigned parents = 0;
    for (const field& h : all) {
        if (iequals(h.name, "content-type")) {
            found.content_type = h.value;
        } else if (iequals(h.name, "idempotency-key")) {
            found.idempotency_key_repeated = found.idempotency_key.has_value();
            found.idempotency_key = h.value;
        } else if (iequals(h.name, "traceparent")) {
            found.traceparent = ++parents == 1 ? h.value : std::string_view{};
        } else if (iequals(h.name, "tracestate")) {
            if (found.tracestate.empty()) {
                found.tracestate = h.value;
            } else {
                std::string joined = std::string(found.tracestate) + ',' + std::string(h.value);
                found.tracestate = scratch = std::move(joined);
            }
        }
    }
    return found;
}

event::trace_context trace_of(const event_headers& sent, fast_random& random, std::array<char, 55>& made) {
    if (event::is_valid_traceparent(sent.traceparent))
        return {sent.traceparent,
                event::is_valid_tracestate(sent.tracestate) ? sent.tracestate : std::string_view{}};
    made = event::make_traceparent(random(), random(), random());
    return {std::string_view(made.data(), made.size()), {}};
}

std::string_view read_partition_key(std::string_view query, std::optional<std::string>& key) {
    const auto raw = raw_query_parameter(query, "key");
    if (!raw)
        return {};
    if (has_repeated_query_parameter(query, "key"))
        return "The query parameter `key` is given more than once. Send one.";
    key = decode_query_value(*raw);
    if (key && key->size() > most_key_bytes)
        return "The query parameter `key` is longer than 1024 bytes. Send a shorter one.";
    return key ? std::string_view{}
               : "The query parameter `key` has a % that is not followed by two hexadecimal digits. "
                 "Percent-encode it as %25.";
}

} // namespace millrace::ingress
