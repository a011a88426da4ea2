// Webhooks from the socket to the record in Kafka.
#include "fixture.hpp"
#include "http_client.hpp"

#include "millrace/core/clock.hpp"
#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/hmac.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;

namespace {

void configure(settings::file& s) {
    s.hooks["code"] = {.scheme = "github",
                       .secrets = {"new", "old"},
                       .topic = "events",
                       .key_from = "body /repository/full_name"};
    s.hooks["pay"] = {
        .scheme = "stripe", .secrets = {"s3cret"}, .topic = "events", .source = "https://pay.example"};
}

std::string hex_of(std::string_view secret, std::string_view text) {
    return crypto::to_hex(crypto::hmac(crypto::hash::sha256, secret).sign({text}));
}

std::string push_headers(std::string_view id, std::string_view secret, std::string_view body) {
    return "X-GitHub-Event: push\r\nX-GitHub-Delivery: " + std::string(id) +
           "\r\nX-Hub-Signature-256: sha256=" + hex_of(secret, body) + "\r\n";
}

http_answer push(const running_ingress& to, std::string_view id, std::string_view secret,
                 std::string_view body) {
    return post(to.port(), "/v1/hooks/code", "application/json", body, push_headers(id, secret, body));
}

http_answer paid(const running_ingress& to, std::int64_t at_s) {
    const std::string body = R"({"id":"evt_1","type":"invoice.paid"})";
    const std::string time = std::to_string(at_s);
    return post(to.port(), "/v1/hooks/pay", "application/json", body,
                "Stripe-Signature: t=" + time + ",v1=" + hex_of("s3cret", time + "." + body) + "\r\n");
}

std::int64_t now_s() {
    return system_now().value / 1'000;
}

const std::string body = R"({ "ref": "main",  "repository": {"full_name": "a/b"} })";

} // namespace

TEST_CASE("a signed delivery becomes a record, by either secret, without its signature") {
    running_ingress ingress(configure);
    ingress.wait_until_ready();
    const http_answer answer = push(ingress, "d-1", "old", body);
    REQUIRE_MESSAGE(answer.status == 202, answer.body);
    const json receipt = json::parse(answer.body);
    CHECK(receipt["id"] == "d-1");
    CHECK(receipt["source"] == "/hooks/code");
    const read_record record = ingress.read(receipt);
    CHECK(record.value == body);
    CHECK(record.key == "a/b");
    CHECK(record.headers.at("ce_type") == "github.push");
    CHECK(record.headers.at("content-type") == "application/json");
    CHECK(record.headers.at("traceparent").size() == 55);
    for (const auto& [name, value] : record.headers) {
        CHECK(name.find("signature") == std::string::npos);
        CHECK(value.find(hex_of("old", body)) == std::string::npos);
    }
    CHECK(push(ingress, "d-2", "new", body).status == 202);
}

TEST_CASE("what is not signed is 401 with a challenge, and nothing of it is stored") {
    running_ingress ingress(configure);
    ingress.wait_until_ready();
    const http_answer wrong = push(ingress, "d-1", "guessed", body);
    CHECK(wrong.status == 401);
    CHECK(json::parse(wrong.body)["code"] == "unauthorized");
    CHECK(wrong.headers.at("www-authenticate") == R"(Webhook scheme="github")");
    CHECK(wrong.headers.at("content-type") == "application/problem+json");
    CHECK(post(ingress.port(), "/v1/hooks/code", "application/json", body).status == 401);
    CHECK(post(ingress.port(), "/v1/hooks/code", "application/json", body + " ",
               push_headers("d-1", "new", body))
              .status == 401);
    CHECK(post(ingress.port(), "/v1/hooks/other", "application/json", body, push_headers("d-1", "new", body))
              .status == 404);
    CHECK(push(ingress, "", "new", body).status == 400);
    // The first offset of its partition: nothing of the above is there.
    const http_answer good = push(ingress, "d-1", "new", body);
    REQUIRE(good.status == 202);
    CHECK(json::parse(good.body)["offset"] == 0);
}

TEST_CASE("a time of signing is held against the clock, in either direction") {
    running_ingress ingress(configure);
    ingress.wait_until_ready();
    CHECK(paid(ingress, now_s() - 3'600).status == 401);
    CHECK(paid(ingress, now_s() + 3'600).status == 401);
    const http_answer good = paid(ingress, now_s());
    REQUIRE_MESSAGE(good.status == 202, good.body);
    CHECK(json::parse(good.body)["source"] == "https://pay.example");
    CHECK(ingress.read(json::parse(good.body)).headers.at("ce_type") == "stripe.invoice.paid");
}

TEST_CASE("a delivery that comes again is answered as the first was") {
    running_ingress ingress(configure);
    ingress.wait_until_ready();
    const http_answer first = push(ingress, "d-1", "new", body);
    const http_answer again = push(ingress, "d-1", "old", body);
    REQUIRE(first.status == 202);
    CHECK(again.status == 202);
    CHECK(again.body == first.body);
    CHECK(again.headers.at("idempotency-replayed") == "true");
    CHECK(paid(ingress, now_s()).status == 202);
    CHECK(paid(ingress, now_s() - 1).headers.at("idempotency-replayed") == "true"); // signed anew
}

TEST_CASE("a reload takes a secret away") {
    running_ingress ingress(configure);
    ingress.wait_until_ready();
    REQUIRE(push(ingress, "d-1", "old", body).status == 202);
    ingress.reload([](settings::file& s) { s.hooks["code"].secrets = {"new"}; });
    CHECK(eventually([&] { return push(ingress, "d-2", "old", body).status == 401; }));
    CHECK(push(ingress, "d-3", "new", body).status == 202);
}

TEST_CASE("a hook says what it takes and who may deliver; its name may be percent-encoded") {
    running_ingress ingress([](settings::file& s) {
        configure(s);
        s.handshake.allowed_origins = {"eventemitter.example"};
        s.cors.allowed_origins = {"https://page.example"};
    });
    ingress.wait_until_ready();
    http_client client(ingress.port());
    const http_answer said =
        client.request("OPTIONS", "/v1/hooks/code",
                       "WebHook-Request-Origin: eventemitter.example\r\nOrigin: https://page.example\r\n");
    CHECK(said.status == 204);
    CHECK(said.headers.at("allow") == "OPTIONS, POST");
    CHECK(said.headers.at("accept-post") == "application/json, */*");
    CHECK(said.headers.at("webhook-allowed-origin") == "eventemitter.example");
    CHECK(said.headers.at("access-control-allow-origin") == "https://page.example");
    const http_answer refused =
        post(ingress.port(), "/v1/hooks/code", "application/json", body, "Origin: https://page.example\r\n");
    CHECK(refused.status == 401);
    CHECK(refused.headers.at("access-control-allow-origin") == "https://page.example");
    CHECK(post(ingress.port(), "/v1/hooks/c%6Fde", "application/json", body, push_headers("d-3", "new", body))
              .status == 202);
}
