#include "answers.hpp"

namespace millrace::processor {

http::problem malformed(std::string detail) {
    return {.status = 400,
            .code = "malformed_request",
            .title = "Malformed request",
            .detail = std::move(detail)};
}

http::problem not_found(std::string detail) {
    return {.status = 404, .code = "not_found", .title = "Not found", .detail = std::move(detail)};
}

http::problem overloaded(std::string detail) {
    return {.status = 503,
            .code = "overloaded",
            .title = "Overloaded",
            .detail = std::move(detail),
            .retryable = true,
            .retry_after_s = 1};
}

http::problem draining() {
    return {.status = 503,
            .code = "draining",
            .title = "Draining",
            .detail =
                "This processor is shutting down. Ask another one of the group, or this one once it is back.",
            .retryable = true,
            .retry_after_s = 2};
}

http::problem kafka_away(const std::string& what, const error_code& why) {
    return {.status = 503,
            .code = "broker_unavailable",
            .title = "Broker unavailable",
            .detail = what + ": " + why.message() + ".",
            .retryable = true,
            .retry_after_s = 1};
}

} // namespace millrace::processor
