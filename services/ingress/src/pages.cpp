#include "pages.hpp"

#include "millrace/http/standard_pages.hpp"
#include "millrace/kafka/client_config.hpp"

#include <array>
#include <string>

namespace millrace::ingress {

void say_ready(http::exchange& e, const std::vector<http::problem::error>& failing) {
    http::say_ready(e, "A POST would be refused now.", failing);
}

void say_version(http::exchange& e) {
    http::say_version(e, "millrace-ingress", kafka::library_version());
}

void say_what_is_taken(http::exchange& e, std::string_view allowed, std::string_view taken) {
    const std::array<field, 2> headers = {field{"Allow", allowed}, field{"Accept-Post", taken}};
    e.respond({.status = 204, .headers = headers});
}

http::problem unknown_topic(std::string_view name) {
    return {.status = 404,
            .code = "not_found",
            .title = "Not found",
            .detail = "The topic '" + std::string(name) +
                      "' is not open for events here. To open it, add a section [topics.NAME] to the "
                      "configuration."};
}

} // namespace millrace::ingress
