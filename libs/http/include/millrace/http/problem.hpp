// Problem details (RFC 9457): the body of every answer of 400 and above.
#pragma once

#include "millrace/http/request.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::http {

struct problem {
    unsigned status = 500;
    std::string_view code;  ///< stable name, e.g. "too_large"; `type` is made of it; static storage
    std::string_view title; ///< short, the same for every occurrence of the code; static storage
    std::string detail;     ///< what happened this time and what to do about it
    bool retryable = false;
    unsigned retry_after_s = 0; ///< Retry-After in whole seconds; none where 0

    struct error {
        std::optional<std::size_t> index; ///< of the event in a batch
        std::string pointer;              ///< JSON pointer
        std::string detail;
    };
    std::vector<error> errors;
    std::string events_json; ///< a JSON array for the member `events`, or empty: none
    std::vector<std::pair<std::string, std::string>> headers; ///< e.g. Allow, Accept-Post, WWW-Authenticate
    bool close = false;                                       ///< the connection cannot go on after this
};

/// The JSON body.
std::string to_json(const problem& p);

/// Answers with `application/problem+json`, and notes the code for the observer.
void respond(exchange& to, const problem& p);

} // namespace millrace::http
