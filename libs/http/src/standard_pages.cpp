#include "millrace/http/standard_pages.hpp"

#include "millrace/core/version.hpp"

#include <boost/version.hpp>

#include <string>

namespace millrace::http {

void respond_json(exchange& to, std::string_view body) {
    to.respond({.status = 200, .content_type = "application/json", .body = body});
}

void say_alive(exchange& to) {
    respond_json(to, "{\"status\":\"ok\"}\n");
}

void say_ready(exchange& to, std::string_view meaning, const std::vector<problem::error>& failing) {
    if (failing.empty())
        return respond_json(to, "{\"status\":\"ready\"}\n");
    std::string detail = std::string(meaning) + " Failing:";
    for (const problem::error& f : failing)
        detail += " " + f.pointer.substr(1);
    respond(to, {.status = 503,
                 .code = "not_ready",
                 .title = "Not ready",
                 .detail = detail + ".",
                 .retryable = true,
                 .retry_after_s = 1,
                 .errors = failing});
}

void say_version(exchange& to, std::string_view name, std::string_view librdkafka) {
    std::string text = R"({"name":")";
    text.append(name).append(R"(","version":")").append(version());
    text.append(R"(","commit":")").append(commit());
    text.append(R"(","libraries":{"librdkafka":")").append(librdkafka);
    text.append(R"(","boost":")").append(BOOST_LIB_VERSION).append("\"}}\n");
    respond_json(to, text);
}

} // namespace millrace::http
