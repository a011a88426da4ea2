// Who may post, from the socket to Kafka: refusals store nothing, a reload changes the rules under open
// connections, a failed one changes nothing.
#include "fixture.hpp"

#include "millrace/crypto/digest.hpp"
#include "millrace/crypto/encoding.hpp"

#include <doctest/doctest.h>

using namespace millrace::test;
using millrace::settings::file;
using nlohmann::json;

namespace {

std::string sha256_hex(std::string_view key) {
    const auto digest = millrace::crypto::sha256(key);
    return millrace::crypto::to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

/// `checkout` may post to events, `admin` to all; events has one partition, so that offsets count.
void with_keys(file& s) {
    s.topics["events"].partitions = 1;
    s.topics["orders"].partitions = 1;
    s.auth.keys["checkout"] = {.sha256 = sha256_hex("key-c"), .topics = {"events"}};
    s.auth.keys["admin"] = {.sha256 = sha256_hex("key-a")};
}

http_answer post_to(http_client& on, std::string_view target, const std::string& headers) {
    return on.request("POST", target, "Content-Type: application/json\r\n" + headers, "{}");
}

std::string code_of(const http_answer& a) {
    return json::parse(a.body)["code"];
}

} // namespace

TEST_CASE("nothing is stored but what a key opens") {
    running_ingress ingress(with_keys);
    ingress.wait_until_ready();
    http_client client(ingress.port()); // one connection for all: a refusal does not end it
    const http_answer nobody = post_to(client, "/v1/events", "");
    CHECK(nobody.status == 401);
    CHECK(nobody.headers.at("content-type") == "application/problem+json");
    CHECK(nobody.headers.at("www-authenticate") == "Bearer realm=\"millrace\"");
    CHECK(code_of(nobody) == "unauthorized");
    CHECK(post_to(client, "/v1/events", "X-API-Key: key-x\r\n").status == 401);
    CHECK(post_to(client, "/v1/events", "X-API-Key: key-c\r\nX-API-Key: key-c\r\n").status == 401);
    CHECK(post_to(client, "/v1/events", "Authorization: Bearer key-c\r\nX-API-Key: key-x\r\n").status == 401);
    const http_answer other = post_to(client, "/v1/topics/orders/events", "X-API-Key: key-c\r\n");
    CHECK(other.status == 403);
    CHECK(code_of(other) == "forbidden");
    const http_answer first = post_to(client, "/v1/events", "X-API-Key: key-c\r\n");
    REQUIRE(first.status == 202);
    CHECK(json::parse(first.body)["offset"] == 0);
    const http_answer second = post_to(client, "/v1/topics/orders/events", "Authorization: Bearer key-a\r\n");
    REQUIRE(second.status == 202);
    CHECK(json::parse(second.body)["offset"] == 0);
    CHECK(get(ingress.port(), "/healthz").status == 200);
}

TEST_CASE("no credential enters the record, and one client's ids are not another's") {
    running_ingress ingress(with_keys);
    ingress.wait_until_ready();
    http_client client(ingress.port());
    const std::string same = "Idempotency-Key: \"1\"\r\n";
    const json one = json::parse(post_to(client, "/v1/events", "X-API-Key: key-c\r\n" + same).body);
    const json other =
        json::parse(post_to(client, "/v1/events", "Authorization: Bearer key-a\r\n" + same).body);
    const json again =
        json::parse(post_to(client, "/v1/events", "Authorization: Bearer key-c\r\n" + same).body);
    CHECK(one["offset"] == 0);
    CHECK(other["offset"] == 1);
    CHECK(again == one);
    for (const auto& [name, value] : ingress.read(other).headers) {
        CHECK(value.find("key-a") == std::string::npos);
        CHECK(name != "authorization");
    }
}

TEST_CASE("a rate refuses with Retry-After, and stores nothing of what it refuses") {
    running_ingress ingress([](file& s) {
        with_keys(s);
        s.auth.keys["checkout"].rate_per_second = 2;
    });
    ingress.wait_until_ready();
    http_client client(ingress.port());
    int refused = 0;
    int stored = 0;
    while (refused ==
           0) { // as quick as it goes: the second is not over when the third comes, or the thirtieth
        const http_answer a = post_to(client, "/v1/events", "X-API-Key: key-c\r\n");
        REQUIRE(stored < 1'000);
        if (a.status == 202) {
            CHECK(json::parse(a.body)["offset"] == stored++);
            continue;
        }
        ++refused;
        CHECK(a.status == 429);
        CHECK(code_of(a) == "rate_limited");
        CHECK(json::parse(a.body)["retryable"] == true);
        CHECK(a.headers.at("retry-after") == "1");
    }
    CHECK(post_to(client, "/v1/events", "X-API-Key: key-a\r\n").status == 202);
}

TEST_CASE("pages of allowed origins can read every answer, refusals too") {
    running_ingress ingress([](file& s) {
        with_keys(s);
        s.cors.allowed_origins = {"https://shop.example"};
    });
    ingress.wait_until_ready();
    http_client client(ingress.port());
    const std::string page = "Origin: https://shop.example\r\n";
    for (const char* key : {"X-API-Key: key-c\r\n", ""}) {
        const http_answer a = post_to(client, "/v1/events", page + key);
        CHECK(a.headers.at("access-control-allow-origin") == "https://shop.example");
        CHECK(a.headers.at("vary") == "Origin");
        CHECK(a.headers.at("access-control-expose-headers").find("Retry-After") != std::string::npos);
        CHECK(a.headers.count("access-control-allow-credentials") == 0);
    }
    const http_answer evil =
        post_to(client, "/v1/events", "Origin: https://evil.example\r\nX-API-Key: key-c\r\n");
    CHECK(evil.headers.count("access-control-allow-origin") == 0);
    const http_answer asked =
        client.request("OPTIONS", "/v1/events",
                       page + "Access-Control-Request-Method: POST\r\n"
                              "Access-Control-Request-Headers: content-type, x-api-key\r\n");
    CHECK(asked.status / 100 == 2); // without credentials: a browser sends none with a preflight
    CHECK(asked.headers.at("access-control-allow-origin") == "https://shop.example");
    CHECK(asked.headers.at("access-control-allow-methods") == "POST");
    CHECK(asked.headers.at("access-control-allow-headers") == "content-type, x-api-key");
    CHECK(asked.headers.at("access-control-max-age") == "600");
}

TEST_CASE("a reload changes who may post, and open connections stay") {
    running_ingress ingress([](file& s) {
        with_keys(s);
        s.http.threads = 2;
    });
    ingress.wait_until_ready();
    http_client client(ingress.port());
    const auto status = [&](const std::string& key) {
        return post_to(client, "/v1/events", "X-API-Key: " + key + "\r\n").status;
    };
    REQUIRE(status("key-c") == 202);
    ingress.reload([](file& s) {
        s.auth.keys.erase("checkout");
        s.auth.keys["till"] = {.sha256 = sha256_hex("key-t")};
    });
    CHECK(eventually([&] { return status("key-t") == 202; }));
    CHECK(status("key-c") == 401);
    CHECK(status("key-a") == 202);

    ingress.reload([](file& s) { // one thing is right, another wrong: neither is taken
        s.auth.keys["new"] = {.sha256 = sha256_hex("key-n")};
        s.auth.jwt.jwks_file = "/nowhere/jwks.json";
    });
    const auto reloads_failed = [&] {
        const std::string page = get(ingress.port(), "/metrics").body;
        return page.find("outcome=\"refused\"} 1") != std::string::npos;
    };
    CHECK(eventually(reloads_failed));
    CHECK(status("key-n") == 401);
    CHECK(status("key-t") == 202);

    ingress.reload([](file& s) { s.auth.jwt.jwks_file.clear(); }); // mended
    CHECK(eventually([&] { return status("key-n") == 202; }));
}
