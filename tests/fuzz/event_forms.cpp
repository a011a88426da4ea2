// Every form of an event: what is taken becomes a record that reads back as the same event. Input:
// Content-Type, Idempotency-Key, ?key=, headers, an empty line, the body.
#include "fuzz.hpp"
#include "millrace/core/text.hpp"
#include "millrace/event/decoder.hpp"
#include "millrace/event/idempotency_key.hpp"
#include "millrace/event/json.hpp"
#include "millrace/event/record.hpp"
#include "millrace/event/trace.hpp"

#include <string>

using namespace millrace;
using namespace millrace::event; // but for event::event, which is written out

namespace {

constexpr decode_limits limits{.max_event_bytes = 16'384, .max_batch_events = 100, .max_json_depth = 16};

void read_back(const millrace::event::event& e) {
    static record_reader reader;
    std::vector<field> headers;
    append_headers(e, {}, headers);
    for (const field& h : headers)
        fuzz::expect(is_utf8(h.value), "record headers are UTF-8");
    const auto again = reader.read({e.key, e.data, headers});
    fuzz::expect(again.has_value(), "a record that was written can be read");
    fuzz::expect(again->id == e.id && again->source == e.source && again->type == e.type,
                 "id, source and type are the same");
    fuzz::expect(again->data == e.data && again->content_type == e.content_type && again->key == e.key,
                 "data, its type and the key are the same");
    fuzz::expect(again->attributes.size() == e.attributes.size(), "no attribute is lost");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    const std::vector<field> headers = in.fields(3);
    static decoder forms(limits);
    const std::string_view idempotency_key = in.line(1);
    const std::string_view key = in.line(2);
    const auto decoded = forms.decode(
        {.content_type = in.line(0),
         .headers = headers,
         .body = in.body,
         .idempotency_key = idempotency_key == "-" ? std::nullopt : std::optional(idempotency_key),
         .key = key == "-" ? std::nullopt : std::optional(key),
         .defaults = {"/fuzz", "fuzzed"},
         .received = {1'700'000'000'000}});
    if (!decoded) {
        fuzz::expect(!decoded.error().detail.empty(), "a refusal says why");
        fuzz::expect(is_utf8(decoded.error().detail), "in UTF-8");
        return 0;
    }
    fuzz::expect(decoded->events.size() <= limits.max_batch_events, "a batch is within its limit");
    for (const millrace::event::event& e : decoded->events) {
        fuzz::expect(!e.id.empty() && !e.source.empty() && !e.type.empty(),
                     "no event without id, source and type");
        fuzz::expect(e.data.size() <= limits.max_event_bytes, "an event is within its limit");
        read_back(e);
    }
    static_cast<void>(is_valid_traceparent(in.line(3)));
    static_cast<void>(is_valid_tracestate(in.line(3)));
    return 0;
}
