// What a client that asks for a receipt wants to know, and the words for those who cannot be told. No I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/error.hpp"
#include "millrace/core/types.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"
#include "millrace/processor/receipts.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace millrace::processor {

struct receipt_request {
    std::optional<coordinates> at; ///< none: any event of `id`
    std::optional<std::string> id;
    std::optional<std::string> source;
    milliseconds wait{0}; ///< at most 30 s
};

/// Of GET /v1/events/{topic}/{partition}/{offset}. What is wrong with it, else it is in `to`.
std::optional<http::problem> read_receipt_request(const http::request& r, receipt_request& to);

/// Of GET /v1/events?id=…
std::optional<http::problem> read_receipt_request_by_id(const http::request& r, receipt_request& to);

namespace receipt_problem {

http::problem not_consumed(const std::string& topic);
http::problem past_the_end();
/// `remembered`: how many events are found by id; 0: the search is off.
http::problem unknown_id(const std::string& id, std::size_t remembered);
http::problem busy();
http::problem unavailable(const error_code& why);
/// There are too many dead letters to say how the event has ended.
http::problem too_many_letters();
http::problem mismatch(const receipt& r);

} // namespace receipt_problem

} // namespace millrace::processor
