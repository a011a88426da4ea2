// Who may post what: keys, certificates, rates; each refusal with its status, and how they combine.
#include "access_client.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::ingress;
using namespace millrace::test;
using nlohmann::json;

TEST_CASE("where nothing is configured anybody may post, without a name") {
    client c{rules_of({})};
    CHECK(c.post("orders", {}).status == 200);
    CHECK(c.bearing("Bearer whatever").poster.empty());
}

TEST_CASE("a key opens its topics, in either header") {
    client c{rules_of(with_keys())};
    CHECK(c.with_key("secret-1").poster == "checkout");
    CHECK(c.bearing("Bearer secret-1").poster == "checkout");
    CHECK(c.bearing("bearer  secret-1").poster == "checkout");
    CHECK(c.with_key("secret-2", "anything").poster == "admin");
    const outcome other = c.with_key("secret-1", "payments");
    CHECK(other.status == 403);
    CHECK(other.detail.find("payments") != std::string::npos);
    CHECK(c.with_key("secret-1", "order").status == 403);
    CHECK(c.with_key("secret-1", "orders2").status == 403);
}

TEST_CASE("no key, a wrong one, or one too many is 401 with a challenge") {
    client c{rules_of(with_keys())};
    CHECK(c.post("orders", {}).status == 401);
    CHECK(c.post("orders", {}).challenge == R"(Bearer realm="millrace")");
    for (const char* wrong : {"secret", "secret-11", "secret-3", "SECRET-1", "checkout", " "}) {
        const outcome o = c.with_key(wrong);
        CHECK_MESSAGE(o.status == 401, wrong);
        CHECK(o.challenge == R"(Bearer realm="millrace", error="invalid_token")");
        CHECK(o.detail.find("secret") == std::string::npos);
    }
    CHECK(c.with_key("").status == 401);
    CHECK(c.with_key(sha256_hex("secret-1")).status == 401); // what is stored opens nothing
    for (const char* wrong : {"", "Bearer", "Bearer ", "Bearersecret-1", "secret-1", "Basic secret-1",
                              "Bearer secret-1 x", "Bearer, secret-1", "Bearer\tsecret-1"})
        CHECK_MESSAGE(c.bearing(wrong).status == 401, wrong);
    CHECK(c.post("orders", {{"X-API-Key", "secret-1"}, {"X-API-Key", "secret-1"}}).status == 401);
    CHECK(c.post("orders", {{"X-API-Key", "secret-1"}, {"Authorization", "Bearer secret-1"}}).status == 401);
    CHECK(c.post("orders", {{"Authorization", "Bearer x"}, {"Authorization", "Bearer secret-1"}}).status ==
          401);
    const std::string large(8'193, 'a');
    settings::file f;
    f.auth.keys["large"] = {.sha256 = sha256_hex(large)};
    CHECK(client{rules_of(f)}.with_key(large).status == 401);
}

TEST_CASE("a hash that begins or ends as that of a key does is not enough") {
    client c{rules_of(with_keys())};
    const crypto::digest256 right = crypto::sha256("secret-2");
    int near = 0;
    for (int i = 0; i < 2'000; ++i) {
        const std::string guess = "guess-" + std::to_string(i);
        const crypto::digest256 digest = crypto::sha256(guess);
        if (digest.front() != right.front() && digest.back() != right.back())
            continue;
        ++near;
        CHECK_MESSAGE(c.with_key(guess).status == 401, guess);
    }
    CHECK(near > 0);
}

TEST_CASE("a key's rate holds for the key, and outlives a reload") {
    settings::file f = with_keys();
    f.auth.keys["admin"].rate_per_second = 3;
    client c{rules_of(f)};
    for (int i = 0; i < 3; ++i)
        CHECK(c.with_key("secret-2").status == 200);
    const outcome over = c.with_key("secret-2");
    CHECK(over.status == 429);
    CHECK(over.retry_after == 1);
    CHECK(c.with_key("secret-1").status == 200);
    const auto before = c.rules;
    c.rules = rules_of(f, before.get());
    CHECK(c.with_key("secret-2").status == 429);
    c.at_ms = 334;
    CHECK(c.with_key("secret-2").status == 200);
    CHECK(c.with_key("secret-2").status == 429);
    c.at_ms = 5'000;
    CHECK(c.with_key("secret-2", "x").status == 200);
}

TEST_CASE("what may not be posted costs nothing of a key's rate") {
    settings::file f = with_keys();
    f.auth.keys["checkout"].rate_per_second = 1;
    client c{rules_of(f)};
    CHECK(c.with_key("secret-1", "payments").status == 403);
    CHECK(c.with_key("secret-1").status == 200);
}

TEST_CASE("an address's rate holds before anything else is looked at") {
    settings::file f = with_keys();
    f.rate_limit.per_address_per_second = 2;
    f.http.trusted_proxies = {"10.0.0.0/8"};
    client c{rules_of(f)};
    CHECK(c.with_key("guess-1").status == 401);
    CHECK(c.with_key("guess-2").status == 401);
    CHECK(c.with_key("secret-1").status == 429);
    c.rules = rules_of(f, c.rules.get());
    CHECK(c.with_key("secret-1").status == 429);
    client other{c.rules, "192.0.2.2"};
    CHECK(other.with_key("secret-1").status == 200);
    client behind{c.rules, "10.1.2.3"};
    CHECK(behind.post("orders", {{"X-API-Key", "secret-1"}, {"X-Forwarded-For", "192.0.2.1"}}).status == 429);
    CHECK(behind.post("orders", {{"X-API-Key", "secret-1"}, {"X-Forwarded-For", "192.0.2.9"}}).status == 200);
    client forging{c.rules, "192.0.2.1"};
    CHECK(forging.post("orders", {{"X-API-Key", "secret-1"}, {"X-Forwarded-For", "192.0.2.77"}}).status ==
          429);
}

TEST_CASE("a client certificate is who posts, unless keys or tokens are demanded too") {
    settings::file f;
    f.tls.client_ca_file = "ca.pem";
    client c{rules_of(f)};
    CHECK(c.post("orders", {}).status == 403); // TLS should not have let it in
    c.certificate = "till-7";
    CHECK(c.post("orders", {}).poster == "certificate:till-7");
    f.auth.keys = with_keys().auth.keys;
    c.rules = rules_of(f);
    CHECK(c.post("orders", {}).status == 401);
    CHECK(c.with_key("secret-1").poster == "checkout");
    CHECK(c.with_key("secret-1", "payments").status == 403);
    client unasked{rules_of({})};
    unasked.certificate = "till-7";
    CHECK(unasked.post("orders", {}).poster.empty());
}

TEST_CASE("all that is wrong with the configuration is said, and there are no rules") {
    settings::file f = with_keys();
    f.auth.keys["short"] = {.sha256 = "abcd"};
    f.auth.keys["twin"] = {.sha256 = sha256_hex("secret-1")};
    f.auth.jwt.jwks_file = "/nowhere/jwks.json";
    f.http.trusted_proxies = {"10.0.0.0/8", "proxy.example", "10.0.0.1/8"};
    const auto made = access_rules::make(f);
    CHECK_FALSE(made.rules);
    REQUIRE(made.errors.size() == 5);
    CHECK(made.errors[0].find("auth.keys.short.sha256") == 0);
    CHECK(made.errors[1].find("auth.keys.twin.sha256: is that of auth.keys.checkout") == 0);
    CHECK(made.errors[2].find("auth.jwt.jwks_file: \"/nowhere/jwks.json\" cannot be read: No such file") ==
          0);
    CHECK(made.errors[3].find("http.trusted_proxies: \"proxy.example\"") == 0);
    const scratch_file broken("{\"keys\":[{}, 7]}");
    f = {};
    f.auth.jwt.jwks_file = broken.path();
    CHECK(access_rules::make(f).errors.size() == 2);
    f.auth.jwt.jwks_file = "/tmp"; // a directory
    CHECK(access_rules::make(f).errors.size() == 1);
}

TEST_CASE("a service that others reach and that asks nobody who they are says so") {
    settings::file f;
    for (const char* local : {"127.0.0.1:8080", "127.8.9.1:1", "[::1]:8080", "localhost:8080"}) {
        f.http.listen = local;
        CHECK_MESSAGE(!warning_about_access(f), local);
    }
    for (const char* open :
         {"0.0.0.0:8080", "[::]:8080", "192.0.2.1:80", "localhost.example:80", "myhost:80"}) {
        f.http.listen = open;
        REQUIRE_MESSAGE(warning_about_access(f), open);
        CHECK(warning_about_access(f)->find(open) != std::string::npos);
    }
    settings::file keys = with_keys();
    keys.http.listen = "0.0.0.0:8080";
    CHECK_FALSE(warning_about_access(keys));
    f.auth.jwt.jwks_file = "x";
    CHECK_FALSE(warning_about_access(f));
    f.auth.jwt = {};
    f.tls.client_ca_file = "x";
    CHECK_FALSE(warning_about_access(f));
}
