// CORS: which pages may post and read the answers.
#include "cors.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace millrace;
using namespace millrace::ingress;

namespace {

using headers = std::map<std::string, std::string>;

http::request request_with(const std::vector<field>& fields) {
    http::request r;
    r.headers = fields;
    return r;
}

headers answer(const cors& rules, const std::vector<field>& sent) {
    headers out;
    const http::request r = request_with(sent);
    const auto found = rules.of_answer(r);
    for (const field& f : found.span())
        out.emplace(f.name, f.value);
    return out;
}

headers preflight(const cors& rules, const std::vector<field>& sent) {
    const auto found = rules.of_preflight(request_with(sent));
    return {found.begin(), found.end()};
}

const cors listed(settings::cors{.allowed_origins = {"https://shop.example", "http://localhost:3000"},
                                 .max_age_seconds = 42});
const cors anybody(settings::cors{.allowed_origins = {"*"}});

} // namespace

TEST_CASE("without CORS no answer speaks of it") {
    CHECK(answer(cors(), {{"Origin", "https://shop.example"}}).empty());
    CHECK(preflight(cors(), {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}})
              .empty());
}

TEST_CASE("an allowed page may read the answer and the headers that say what to do next") {
    const headers got = answer(listed, {{"origin", "https://shop.example"}});
    CHECK(got == headers{{"Vary", "Origin"},
                         {"Access-Control-Allow-Origin", "https://shop.example"},
                         {"Access-Control-Expose-Headers", "Location, Retry-After, Idempotency-Replayed"}});
}

TEST_CASE("other pages may not; caches are told that the answer depends on it") {
    for (const char* origin : {"https://evil.example", "http://shop.example", "https://shop.example:8443",
                               "https://shop.example.evil", "https://shop.exampl", "null", "", "*",
                               "HTTPS://SHOP.EXAMPLE", "https://shop.example, https://x"}) {
        CHECK_MESSAGE((answer(listed, {{"Origin", origin}}) == headers{{"Vary", "Origin"}}), origin);
        CHECK_MESSAGE(
            preflight(listed, {{"Origin", origin}, {"Access-Control-Request-Method", "POST"}}).empty(),
            origin);
    }
    CHECK(answer(listed, {}) == headers{{"Vary", "Origin"}});
}

TEST_CASE("a preflight learns what it may send: the headers of events and of credentials") {
    const headers got = preflight(
        listed, {{"Origin", "http://localhost:3000"},
                 {"Access-Control-Request-Method", "POST"},
                 {"Access-Control-Request-Headers",
                  "content-type,x-api-key, ce-id,ce-my1,Authorization, x-evil, ce-, ce-a\"b,cookie"}});
    CHECK(got ==
          headers{{"Access-Control-Allow-Methods", "POST"},
                  {"Access-Control-Allow-Headers", "content-type, x-api-key, ce-id, ce-my1, Authorization"},
                  {"Access-Control-Max-Age", "42"}});
    CHECK(preflight(listed, {{"Origin", "http://localhost:3000"}}).empty()); // OPTIONS, but no preflight
    CHECK(
        preflight(listed, {{"Origin", "http://localhost:3000"}, {"Access-Control-Request-Method", "DELETE"}})
            .empty());
}

TEST_CASE("any page, where `*` is allowed; credentials of the browser are for none") {
    const headers got = answer(anybody, {{"Origin", "https://evil.example"}});
    CHECK(got.at("Access-Control-Allow-Origin") == "*");
    CHECK(got.count("Vary") == 0);
    CHECK(got.count("Access-Control-Allow-Credentials") == 0);
    CHECK(answer(anybody, {}).empty());
    CHECK(preflight(anybody, {{"Origin", "null"}, {"Access-Control-Request-Method", "POST"}}).size() == 2);
    CHECK(preflight(listed, {{"Origin", "https://shop.example"}, {"Access-Control-Request-Method", "POST"}})
              .count("Access-Control-Allow-Credentials") == 0);
}
