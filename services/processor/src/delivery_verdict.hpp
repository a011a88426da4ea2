// What the answer to a delivery means for the event, and for the target. No I/O, no clock.
#pragma once

#include "millrace/http/client.hpp"
#include "millrace/processor/handler.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace millrace::processor {

struct verdict {
    outcome::kind what = outcome::kind::done;
    std::string error_class; ///< empty where done: "http_404", "timeout", …: docs/handlers.md
    std::string message;
    std::optional<milliseconds> after; ///< the target's Retry-After, from now on
    bool target_works = true;          ///< it answered, and with less than 500
    bool sent = true;                  ///< false: no connection came about, so this says nothing of the event
};

verdict judge(const http::client_answer& answer, unix_ms now);

/// Retry-After as seconds or as an HTTP-date (RFC 9110, section 10.2.3); a date that has passed is no time at
/// all.
std::optional<milliseconds> parse_retry_after(std::string_view value, unix_ms now);

/// "timeout", "connect", "tls", "connection", "bad_answer": the class of having no answer.
std::string_view class_of(const error_code& error) noexcept;

} // namespace millrace::processor
