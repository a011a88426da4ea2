// What a token opens, for how long, and what is remembered of it.
#include "access_client.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::ingress;
using namespace millrace::test;
using nlohmann::json;

TEST_CASE("a token opens what it says, until it expires") {
    const scratch_file keys = key_set();
    settings::file f = with_keys();
    f.auth.jwt = {.jwks_file = keys.path(), .issuer = "i", .audience = "a", .leeway_seconds = 10};
    client c{rules_of(f)};
    const json good = {{"iss", "i"}, {"aud", "a"}};
    const auto merged = [&](json more) {
        more.update(good);
        return token(more);
    };
    CHECK(c.bearing(merged({})).poster == "jwt:alice");
    CHECK(c.bearing(merged({{"topics", {"orders"}}})).poster == "jwt:alice");
    CHECK(c.bearing(merged({{"topics", {"payments"}}})).status == 403);
    CHECK(c.bearing(merged({{"topics", json::array()}})).status == 403);
    CHECK(c.with_key("secret-2").poster == "admin"); // keys go on
    const outcome expired = c.bearing(merged({{"exp", now_s - 10}}));
    CHECK(expired.status == 401);
    CHECK(expired.detail.find("expired") != std::string::npos);
    CHECK(expired.challenge == R"(Bearer realm="millrace", error="invalid_token")");
    CHECK(c.bearing(merged({{"exp", now_s - 9}})).status == 200);
    CHECK(c.bearing(merged({{"nbf", now_s + 11}})).status == 401);
    CHECK(c.bearing(merged({{"nbf", now_s + 10}})).status == 200);
    CHECK(c.bearing(token({{"iss", "i"}})).status == 401);
    CHECK(c.bearing(token({{"aud", "a"}})).status == 401);
    const std::string as_key = merged({}).substr(7);
    CHECK(c.with_key(as_key).status == 401); // a token is no API key
}

TEST_CASE("a token that was seen before is asked for its times and topics each time") {
    const scratch_file keys = key_set();
    settings::file f;
    f.auth.jwt = {.jwks_file = keys.path(), .leeway_seconds = 0};
    client c{rules_of(f)};
    const std::string sent = token({{"topics", "orders"}});
    CHECK(c.bearing(sent).status == 200);
    CHECK(c.bearing(sent).poster == "jwt:alice");
    CHECK(c.bearing(sent, "payments").status == 403);
    std::string touched = sent;
    touched[touched.size() - 10] = touched[touched.size() - 10] == 'A' ? 'B' : 'A';
    CHECK(c.bearing(touched).status == 401);
    c.at_ms = 299'999;
    CHECK(c.bearing(sent).status == 200);
    c.at_ms = 300'000;
    CHECK(c.bearing(sent).status == 401);
    c.at_ms = 0;
    CHECK(c.bearing(sent).status == 200);
    for (int i = 0; i < 2'000; ++i) // far more than are remembered: each is right all the same
        REQUIRE(c.bearing(token({{"sub", "u" + std::to_string(i)}})).poster == "jwt:u" + std::to_string(i));
}

TEST_CASE("a token whose key is gone after a reload is refused, although it was seen before") {
    settings::file f;
    client c;
    {
        const scratch_file keys = key_set();
        f.auth.jwt.jwks_file = keys.path();
        c.rules = rules_of(f);
    }
    const std::string sent = token({});
    CHECK(c.bearing(sent).status == 200);
    json other = token_signer::ed().jwk();
    other["kid"] = "d";
    const scratch_file rotated(json{{"keys", {other}}}.dump());
    c.rules = rules_of(f, c.rules.get());
    CHECK(c.bearing(sent).status == 401);
}
