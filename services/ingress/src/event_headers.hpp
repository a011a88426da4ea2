// What the path of an event looks at in the head of a request: headers, found in one pass, and the query. No
// I/O.
#pragma once

#include "millrace/core/field.hpp"
#include "millrace/core/random.hpp"
#include "millrace/event/record.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace::ingress {

/// Of an Idempotency-Key and of `?key=`: each event of a request gets a copy.
inline constexpr std::size_t most_key_bytes = 1'024;

/// Views into the request, or into the scratch memory of `read_event_headers`.
struct event_headers {
    std::string_view content_type;
    std::optional<std::string_view> idempotency_key;
    bool idempotency_key_repeated = false; ///< two readers could take two different ones
    std::string_view traceparent;          ///< empty where there are several (W3C Trace Context, section 3.2)
    std::string_view tracestate;           ///< several lines are one list (section 3.3)
};

event_headers read_event_headers(std::span<const field> all, std::string& scratch);

/// W3C Trace Context, section 4.3: what is valid goes on unchanged, what is not is replaced by a new trace,
/// in `made`.
event::trace_context trace_of(const event_headers& sent, fast_random& random, std::array<char, 55>& made);

/// Decodes `?key=` into `key`; returns what is wrong with it, or nothing.
std::string_view read_partition_key(std::string_view query, std::optional<std::string>& key);

} // namespace millrace::ingress
