// From the body and headers of a POST to events: contract section 2.1. No I/O, no clock, no threads.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/field.hpp"
#include "millrace/core/uuid.hpp"
#include "millrace/event/event.hpp"
#include "millrace/event/fault.hpp"

#include <boost/system/result.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::event {

/// The media types that are taken, for `Accept-Post` (W3C LDP, section 7.1) in answers of 415 and to OPTIONS.
inline constexpr std::string_view accepted_media_types =
    "application/json, application/cloudevents+json, application/cloudevents-batch+json, "
    "application/x-ndjson, "
    "application/jsonl";

struct decode_limits {
    std::size_t max_event_bytes = 1'048'576; ///< data of one event
    std::size_t max_batch_events = 10'000;
    std::size_t max_json_depth =
        64; ///< nested arrays and objects in data; a CloudEvents envelope does not count
};

/// What a plain event of a topic gets where the client says nothing.
struct topic_defaults {
    std::string_view source;
    std::string_view type;
};

/// A POST as the decoder needs it. The views have to outlive the use of the decoded events.
struct submission {
    std::string_view content_type;                   ///< value of Content-Type; empty where there is none
    std::span<const field> headers;                  ///< all of the request's headers; names in any case
    std::string_view body;                           ///< after any content decoding
    std::optional<std::string_view> idempotency_key; ///< as sent; an empty one is a fault, not none
    std::optional<std::string_view> key;             ///< `?key=`, already percent-decoded
    topic_defaults defaults;
    unix_ms received;
};

struct decoded {
    std::span<const event> events; ///< in the order sent
    bool batch = false;            ///< the answer has the batch form, whatever the number of events
};

/// Reuses its memory from call to call. Not thread-safe: one a loop. Never throws on any input.
class decoder {
  public:
    explicit decoder(decode_limits limits);
    ~decoder();
    decoder(const decoder&) = delete;
    decoder& operator=(const decoder&) = delete;

    /// Either all events of the submission or why there are none. What is returned is valid until the next
    /// call and as long as the submission's views are.
    boost::system::result<decoded, fault> decode(const submission& from);

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::event
