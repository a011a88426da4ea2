#include "access_problems.hpp"

#include <utility>

namespace millrace::ingress {
namespace {

constexpr std::string_view next_step = " Nothing was stored. Send Authorization: Bearer with an API key or a "
                                       "token, or X-API-Key with an API key, that whoever runs millrace "
                                       "gave you.";

// RFC 6750, section 3: a request without any credentials is told no error.
http::problem unauthorized(std::string detail, std::string_view challenge) {
    return {.status = 401,
            .code = "unauthorized",
            .title = "Unauthorized",
            .detail = std::move(detail.append(next_step)),
            .headers = {{"WWW-Authenticate", std::string(challenge)}}};
}

} // namespace

http::problem no_credentials() {
    return unauthorized("The request does not say who sends it.", R"(Bearer realm="millrace")");
}

http::problem wrong_credentials(std::string_view why) {
    return unauthorized(std::string(why), R"(Bearer realm="millrace", error="invalid_token")");
}

http::problem wrong_token(std::string_view why) {
    return wrong_credentials("This is no API key and no valid token: " + std::string(why) + ".");
}

http::problem not_for_topic(std::string_view topic) {
    return forbidden("These credentials are not for the topic " + std::string(topic) + ".");
}

http::problem forbidden(std::string detail) {
    return {.status = 403,
            .code = "forbidden",
            .title = "Forbidden",
            .detail = std::move(detail.append(" Nothing was stored."))};
}

http::problem rate_limited(std::string_view whose, rate allowed, wait_time wait) {
    return {.status = 429,
            .code = "rate_limited",
            .title = "Rate limited",
            .detail = "More than " + std::to_string(allowed.per_second) + " requests a second came " +
                      std::string(whose) + ". Nothing was stored. Send it again after Retry-After.",
            .retryable = true,
            .retry_after_s = retry_after_s(wait)};
}

} // namespace millrace::ingress
