#include "answers.hpp"

#include "millrace/event/decoder.hpp"
#include "millrace/http/content_coding.hpp"
#include "millrace/kafka/error.hpp"
#include "spool_error.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

// The higher, the more a client has to know of it: an unknown outcome, then a refusal, then "later".
int severity(const error_code& e) {
    if (!e)
        return 0;
    if (e == condition::outcome_unknown)
        return 3;
    return e == condition::invalid_input ? 2 : 1;
}

http::problem problem_of(const error_code& e) {
    if (e == spool_errc::in_doubt)
        return outcome_unknown("The event was not stored in Kafka, and " + e.message() +
                               ". Send it again with the same id: it is processed once.");
    if (e == condition::outcome_unknown)
        return outcome_unknown(
            "The broker did not confirm the event in time (" + e.message() +
            "). It may or may not be stored. Send it again with the same id: it is processed "
            "once.");
    if (e == kafka::errc::too_large)
        return {.status = 413,
                .code = "too_large",
                .title = "Too large",
                .detail =
                    "The broker refused the event because it is larger than message.max.bytes of its topic. "
                    "Send a smaller one, or raise that limit."};
    if (e == condition::invalid_input)
        return {.status = 400,
                .code = "malformed_event",
                .title = "Malformed event",
                .detail = "The broker refused the event: " + e.message() + "."};
    if (e == condition::overloaded)
        return overloaded("The queue to the broker is full. The event was not stored.");
    if (e == condition::unauthorised)
        return broker_unavailable("The event was not stored: " + e.message() +
                                  ". Whoever runs millrace has to grant it that in Kafka's ACLs.");
    return broker_unavailable("The event was not stored: " + e.message() + ".");
}

} // namespace

http::problem refused(const event::fault& f) {
    http::problem p{.status = 400, .detail = f.detail};
    switch (f.code) {
    case event::fault_code::malformed_request:
        p.code = "malformed_request";
        p.title = "Malformed request";
        break;
    case event::fault_code::malformed_event:
        p.code = "malformed_event";
        p.title = "Malformed event";
        break;
    case event::fault_code::too_large:
        p.status = 413;
        p.code = "too_large";
        p.title = "Too large";
        break;
    case event::fault_code::unsupported_media_type:
        p.status = 415;
        p.code = "unsupported_media_type";
        p.title = "Unsupported media type";
        p.headers.emplace_back("Accept-Post", event::accepted_media_types);
        break;
    }
    for (const event::blame& b : f.blames)
        p.errors.push_back({b.index, b.pointer, b.detail});
    return p;
}

http::problem overloaded(std::string detail) {
    return {.status = 503,
            .code = "overloaded",
            .title = "Overloaded",
            .detail = std::move(detail),
            .retryable = true,
            .retry_after_s = 1};
}

http::problem too_many_bytes(std::uint64_t most) {
    return {.status = 413,
            .code = "too_large",
            .title = "Too large",
            .detail = "The request's events take more bytes than may be in flight at once (" +
                      std::to_string(most) +
                      ", the share of ingress.max_in_flight_bytes of one loop). Send fewer at once."};
}

http::problem too_many_events(std::uint64_t most) {
    return {.status = 413,
            .code = "too_large",
            .title = "Too large",
            .detail = "The batch has more events than may be in flight at once (" + std::to_string(most) +
                      ", the share of ingress.max_in_flight_events of one loop). Send fewer at once."};
}

http::problem broker_unavailable(std::string detail) {
    return {.status = 503,
            .code = "broker_unavailable",
            .title = "Broker unavailable",
            .detail = std::move(detail),
            .retryable = true,
            .retry_after_s = 2};
}

http::problem draining() {
    return {.status = 503,
            .code = "draining",
            .title = "Draining",
            .detail = "This instance is shutting down. Nothing was stored. Send the request again, to "
                      "another instance.",
            .retryable = true,
            .retry_after_s = 1,
            .close = true};
}

http::problem outcome_unknown(std::string detail) {
    return {.status = 504,
            .code = "outcome_unknown",
            .title = "Outcome unknown",
            .detail = std::move(detail),
            .retryable = true};
}

http::problem malformed_request(std::string detail) {
    return {.status = 400,
            .code = "malformed_request",
            .title = "Malformed request",
            .detail = std::move(detail)};
}

http::problem unsupported_encoding(std::string_view coding) {
    http::problem p = refused({event::fault_code::unsupported_media_type,
                               "The Content-Encoding '" + std::string(coding) +
                                   "' is not understood here. Send the body as it is, or with gzip once.",
                               {}});
    p.headers.emplace_back("Accept-Encoding", http::accepted_content_codings); // RFC 9110, section 15.5.16
    return p;
}

http::problem schema_violation(std::vector<http::problem::error> errors) {
    return {.status = 422,
            .code = "schema_violation",
            .title = "Schema violation",
            .detail =
                "The data does not match the JSON Schema of the topic; `errors` says where. Nothing was "
                "stored.",
            .errors = std::move(errors)};
}

http::problem idempotency_key_reused() {
    return {.status = 422,
            .code = "idempotency_key_reused",
            .title = "Idempotency key reused",
            .detail =
                "This Idempotency-Key came with another body, content type or key before. A retry has to "
                "repeat the request as it was; another request needs a key of its own."};
}

http::problem ids_reused(bool batch, std::span<const std::size_t> events) {
    http::problem p = idempotency_key_reused();
    p.detail =
        "An event of this source and id was sent before and differs from this one. A retry has to repeat the "
        "event as it was; another event needs an id of its own. Nothing was stored.";
    for (const std::size_t index : events.first(std::min(events.size(), most_errors)))
        p.errors.push_back({batch ? std::optional(index) : std::nullopt, "/id",
                            "This source and id were used for an event with other content."});
    return p;
}

const http::response& internal_error() noexcept {
    static const http::response answer{
        .status = 500,
        .content_type = "application/problem+json",
        .body =
            R"({"type":"urn:problem-type:millrace:internal_error","title":"Internal error","status":500,)"
            R"("detail":"The answer could not be written. The events may or may not be stored. Send them again )"
            R"(with the same ids: each is processed once.","code":"internal_error","retryable":true})"
            "\n",
        .close = true};
    return answer;
}

http::problem not_all_stored(std::span<const outcome> of) {
    const error_code* worst = &of.front().delivery->error;
    bool some_stored = false;
    for (const outcome& o : of) {
        some_stored = some_stored || !o.delivery->error;
        if (severity(o.delivery->error) > severity(*worst))
            worst = &o.delivery->error;
    }
    http::problem p = problem_of(*worst);
    if (some_stored && p.status < 500) // a 4xx would say that none of it was stored
        p = {.status = 503,
             .code = "partly_stored",
             .title = "Partly stored",
             .detail = "Some events of the batch are stored, and the broker refused others for good: " +
                       worst->message() +
                       ". `events` says which. Mend or drop those before sending them again."};
    return p;
}

} // namespace millrace::ingress
