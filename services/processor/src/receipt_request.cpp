#include "receipt_request.hpp"

#include "answers.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millrace::processor {
namespace {

constexpr double max_wait_s = 30;

// Offset and partition are numbers without sign.
template <class T>
std::optional<T> natural(std::string_view text) {
    const auto n = parse_number<T>(text);
    return n && *n >= 0 && text.front() != '-' ? n : std::nullopt;
}

// False: the parameter is there and cannot be decoded.
bool take(std::string_view query, std::string_view name, std::optional<std::string>& to) {
    const auto raw = raw_query_parameter(query, name);
    if (raw)
        to = decode_query_value(*raw);
    return !raw || to;
}

// What the query says, whatever the path.
std::optional<http::problem> read_query(std::string_view query, receipt_request& to) {
    std::optional<std::string> wait;
    if (!take(query, "wait", wait))
        wait = "";
    if (wait) {
        const auto seconds = parse_number<double>(*wait);
        if (!seconds || !std::isfinite(*seconds) || *seconds < 0)
            return malformed("wait is a number of seconds, at most 30.");
        to.wait =
            milliseconds{static_cast<std::int64_t>(std::lround(std::min(*seconds, max_wait_s) * 1'000))};
    }
    if (!take(query, "id", to.id))
        return malformed("id is not percent-encoded as it should be.");
    if (!take(query, "source", to.source))
        return malformed("source is not percent-encoded as it should be.");
    return std::nullopt;
}

} // namespace

std::optional<http::problem> read_receipt_request(const http::request& r, receipt_request& to) {
    const auto topic = percent_decode(r.parameters[0]);
    const auto partition = natural<std::int32_t>(r.parameters[1]);
    const auto offset = natural<std::int64_t>(r.parameters[2]);
    if (!topic || !partition || !offset)
        return malformed("A receipt is at /v1/events/{topic}/{partition}/{offset}, with numbers for "
                         "partition and offset.");
    to.at = {*topic, static_cast<partition_id>(*partition), static_cast<record_offset>(*offset)};
    auto problem = read_query(r.query, to);
    to.source.reset(); // the place says which event is meant
    return problem;
}

std::optional<http::problem> read_receipt_request_by_id(const http::request& r, receipt_request& to) {
    if (auto problem = read_query(r.query, to))
        return problem;
    if (!to.id || to.id->empty())
        return malformed(
            "Say which event is meant: /v1/events?id=ID, where it helps with &source=SOURCE; or ask "
            "at /v1/events/{topic}/{partition}/{offset}.");
    return std::nullopt;
}

namespace receipt_problem {

http::problem not_consumed(const std::string& topic) {
    return not_found("The topic '" + topic + "' is not consumed by this processor.");
}

http::problem past_the_end() {
    return not_found("There is no such partition, or its log ends before that offset.");
}

http::problem unknown_id(const std::string& id, std::size_t remembered) {
    const std::string elsewhere =
        "Ask by the coordinates of the receipt: /v1/events/{topic}/{partition}/{offset}.";
    if (remembered == 0)
        return not_found("This processor looks nothing up by id (processor.recent_ids = 0). " + elsewhere);
    return not_found("'" + id + "' is not among the last " + std::to_string(remembered) +
                     " events of which this processor knows, in partitions that are still this processor's. "
                     "Ask the group's "
                     "other processors, ask again with &wait=10 where the event has just been sent, or " +
                     "a" + elsewhere.substr(1));
}

http::problem busy() {
    return {.status = 503,
            .code = "overloaded",
            .title = "Overloaded",
            .detail = "Too many receipts are being looked up at once. Ask again, or ask without wait.",
            .retryable = true,
            .retry_after_s = 1};
}

http::problem unavailable(const error_code& why) {
    return {.status = 503,
            .code = "broker_unavailable",
            .title = "Broker unavailable",
            .detail = "This receipt is not in memory and Kafka could not be asked: " + why.message() + ".",
            .retryable = true,
            .retry_after_s = 1};
}

http::problem too_many_letters() {
    return {.status = 503,
            .code = "too_many_dead_letters",
            .title = "Too many dead letters",
            .detail = "The event is final, but whether it was processed is not in memory, and so many dead "
                      "letters were stored since that they are not looked through for one receipt. GET "
                      "/v1/dead-letters lists them.",
            .retryable = true, // one day retention has removed them
            .retry_after_s = 3'600};
}

http::problem mismatch(const receipt& r) {
    return {.status = 409,
            .code = "receipt_mismatch",
            .title = "Receipt mismatch",
            .detail = "The event at these coordinates has another id ('" + r.id +
                      "'): this is not the log that the receipt was given for."};
}

} // namespace receipt_problem

} // namespace millrace::processor
