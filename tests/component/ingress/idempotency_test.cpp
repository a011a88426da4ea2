// Retries: the first answer again, twins that wait, ids used again for something else. Contract sections 1.3
// and 2.2.
#include "fixture.hpp"

#include "millrace/event/partition.hpp"

#include <doctest/doctest.h>

#include <deque>
#include <set>
#include <sstream>
#include <string>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::string_view json_type = "application/json";
constexpr std::string_view batch_type = "application/cloudevents-batch+json";

constexpr int produce_request = 0;    // of Kafka's protocol
constexpr int message_too_large = 10; // its error, for good

std::string key_line(std::string_view key) {
    return "Idempotency-Key: " + std::string(key) + "\r\n";
}

http_answer post_with_key(const running_ingress& to, std::string_view key, std::string_view body = "{}",
                          std::string_view target = "/v1/events") {
    return post(to.port(), target, json_type, body, key_line(key));
}

std::string cloud_event(std::string_view id, std::string_view data = "1") {
    return R"({"specversion":"1.0","id":")" + std::string(id) + R"(","source":"/shop","type":"t","data":)" +
           std::string(data) + "}";
}

bool replayed(const http_answer& a) {
    const auto found = a.headers.find("idempotency-replayed");
    return found != a.headers.end() && found->second == "true";
}

std::string code(const http_answer& a) {
    return json::parse(a.body)["code"];
}

/// Events that were published, as the metrics say.
int published(const running_ingress& of) {
    std::istringstream metrics(get(of.port(), "/metrics").body);
    int sum = 0;
    for (std::string line; std::getline(metrics, line);)
        if (line.starts_with("millrace_ingress_events_total{") &&
            line.find("outcome=\"stored\"") != line.npos)
            sum += std::stoi(line.substr(line.rfind(' ')));
    return sum;
}

/// Sent, not yet answered.
struct waiting_post {
    waiting_post(const running_ingress& to, std::string_view key, std::string_view body = "{}")
        : client(to.port()) {
        client.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
                    key_line(key) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    std::string(body));
    }
    http_client client;
};

} // namespace

TEST_CASE("a retry gets the first answer again, to the byte, and nothing is published") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer first = post_with_key(ingress, "\"pay-1\"");
    REQUIRE(first.status == 202);
    CHECK_FALSE(replayed(first));
    const http_answer again = post_with_key(ingress, "pay-1"); // the same key, unquoted
    CHECK(again.status == 202);
    CHECK(replayed(again));
    CHECK(again.body == first.body);
    CHECK(again.headers.at("location") == first.headers.at("location"));
    CHECK(json::parse(first.body)["id"] == "pay-1");
    const http_answer other = post_with_key(ingress, "pay-2");
    CHECK_FALSE(replayed(other));
    CHECK(published(ingress) == 2);
}

TEST_CASE("CloudEvents are known by source and id, in any form and in batches") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer first =
        post(ingress.port(), "/v1/events", "application/cloudevents+json", cloud_event("1"));
    REQUIRE(first.status == 202);
    const std::string binary = "ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /shop\r\nce-type: t\r\n";
    const http_answer again = post(ingress.port(), "/v1/events", json_type, "1", binary);
    CHECK(replayed(again));
    CHECK(again.body == first.body);

    const std::string batch = "[" + cloud_event("1") + "," + cloud_event("2") + "," + cloud_event("2") + "]";
    const http_answer mixed = post(ingress.port(), "/v1/events", batch_type, batch);
    REQUIRE(mixed.status == 202);
    CHECK_FALSE(replayed(mixed)); // 2 was published by it
    const json receipts = json::parse(mixed.body)["events"];
    CHECK(receipts[0] == json::parse(first.body));
    CHECK(receipts[1] == receipts[2]);
    const http_answer whole = post(ingress.port(), "/v1/events", batch_type, batch);
    CHECK(replayed(whole));
    CHECK(whole.body == mixed.body);
    CHECK(published(ingress) == 2);
}

TEST_CASE("an id or key used again for something else is 422, and nothing of that request is published") {
    running_ingress ingress;
    ingress.wait_until_ready();
    REQUIRE(post_with_key(ingress, "k").status == 202);
    const auto reused = [&](const http_answer& a) {
        CHECK(a.status == 422);
        CHECK(code(a) == "idempotency_key_reused");
        CHECK(json::parse(a.body)["retryable"] == false);
        return a;
    };
    reused(post_with_key(ingress, "k", "[]"));
    reused(post_with_key(ingress, "k", "{}", "/v1/events?key=a"));
    reused(post(ingress.port(), "/v1/events", "application/vnd.a+json", "{}", key_line("k")));
    reused(post(ingress.port(), "/v1/events", "application/x-ndjson", "{}", key_line("k")));
    CHECK(replayed(post_with_key(ingress, "k"))); // the first is still known

    REQUIRE(post(ingress.port(), "/v1/events", "application/cloudevents+json", cloud_event("1")).status ==
            202);
    reused(post(ingress.port(), "/v1/events?key=a", "application/cloudevents+json", cloud_event("1")));
    const http_answer batch = reused(post(ingress.port(), "/v1/events", batch_type,
                                          "[" + cloud_event("0") + "," + cloud_event("1", "2") + "]"));
    CHECK(json::parse(batch.body)["errors"][0]["index"] == 1);
    CHECK(published(ingress) == 2);
    const http_answer mended =
        post(ingress.port(), "/v1/events", "application/cloudevents+json", cloud_event("0", "5"));
    CHECK(mended.status == 202); // the refused batch holds no claim on it
    CHECK_FALSE(replayed(mended));
}

TEST_CASE("a twin of what is under way waits for its answer, whichever loop it meets") {
    for (const std::uint64_t threads : {1U, 3U}) {
        running_ingress ingress([&](auto& s) { s.http.threads = threads; });
        REQUIRE(eventually([&] {
            for (int i = 0; i < 30; ++i)
                if (get(ingress.port(), "/readyz").status != 200)
                    return false;
            return true;
        }));
        ingress.cluster().round_trip_delay(500ms);
        std::deque<waiting_post> twins;
        for (int i = 0; i < 16; ++i)
            twins.emplace_back(ingress, "twin");
        std::set<std::string> bodies;
        int replays = 0;
        for (waiting_post& t : twins) {
            const http_answer answer = t.client.receive();
            CHECK(answer.status == 202);
            bodies.insert(answer.body);
            replays += replayed(answer) ? 1 : 0;
        }
        ingress.cluster().round_trip_delay(0ms);
        CHECK(bodies.size() == 1);
        CHECK(replays == 15);
        CHECK(published(ingress) == 1);
        for (int i = 0; i < 16; ++i)
            CHECK(replayed(post_with_key(ingress, "twin")));
    }
}

TEST_CASE("a failure is the twins' too, and the next retry is published") {
    running_ingress ingress;
    ingress.wait_until_ready();
    REQUIRE(post_with_key(ingress, "before").status == 202);
    ingress.cluster().round_trip_delay(300ms);
    ingress.cluster().fail_requests(produce_request, message_too_large, 1);
    waiting_post first(ingress, "k");
    waiting_post second(ingress, "k");
    CHECK(first.client.receive().status == 413);
    const http_answer same = second.client.receive();
    CHECK(same.status == 413);
    CHECK_FALSE(replayed(same));
    ingress.cluster().round_trip_delay(0ms);
    const http_answer retry = post_with_key(ingress, "k");
    CHECK(retry.status == 202);
    CHECK_FALSE(replayed(retry));
}

TEST_CASE("a twin is answered within its own time, and what came of the first is known afterwards") {
    running_ingress ingress([](auto& s) { s.http.request_timeout_ms = 2'000; });
    ingress.wait_until_ready();
    REQUIRE(post_with_key(ingress, "before").status == 202);
    ingress.cluster().round_trip_delay(6'000ms);
    waiting_post first(ingress, "k");
    waiting_post second(ingress, "k");
    CHECK(first.client.receive().status == 504);
    CHECK(second.client.receive().status == 504);
    ingress.cluster().round_trip_delay(0ms);
    CHECK(eventually([&] { return post_with_key(ingress, "k").status == 202; }));
}

TEST_CASE(
    "each topic has ids of its own; an id that the ingress made is nobody's retry; the window can be off") {
    running_ingress ingress([](auto& s) { s.topics["other"] = {}; });
    ingress.wait_until_ready();
    REQUIRE(post_with_key(ingress, "k").status == 202);
    CHECK_FALSE(replayed(post_with_key(ingress, "k", "[]", "/v1/topics/other/events")));
    CHECK(replayed(post_with_key(ingress, "k", "{}", "/v1/topics/events/events")));
    for (int i = 0; i < 2; ++i)
        CHECK_FALSE(replayed(post(ingress.port(), "/v1/events", json_type, "{}")));

    running_ingress off([](auto& s) { s.idempotency.window_seconds = 0; });
    off.wait_until_ready();
    const json first = json::parse(post_with_key(off, "k").body);
    const http_answer again = post_with_key(off, "k", "[]");
    CHECK(again.status == 202);
    CHECK(json::parse(again.body)["offset"] != first["offset"]);
    CHECK(json::parse(again.body)["partition"] == first["partition"]); // for the processor to drop it
}

TEST_CASE("each credential has ids of its own") {
    running_ingress ingress([](auto& s) { // the hashes of "alpha-key" and "beta-key"
        s.auth.keys["alpha"].sha256 = "677509799af78b2efa2f2af71d0f906e0a0c50c048efd3b515625f788e92b99a";
        s.auth.keys["beta"].sha256 = "7a3d637bc601f7000cc2c33141c8c8a7554e02e319fa8b293a0c88c613b77620";
    });
    ingress.wait_until_ready();
    const auto post_as = [&](std::string_view key, std::string_view body) {
        return post(ingress.port(), "/v1/events", json_type, body,
                    key_line("k") + "X-API-Key: " + std::string(key) + "\r\n");
    };
    REQUIRE(post_as("alpha-key", "{}").status == 202);
    const http_answer other = post_as("beta-key", "[]");
    CHECK(other.status == 202);
    CHECK_FALSE(replayed(other));
    CHECK(replayed(post_as("alpha-key", "{}")));
    CHECK(post_as("alpha-key", "[]").status == 422);
}

TEST_CASE("after the window an id is new") {
    running_ingress ingress([](auto& s) { s.idempotency.window_seconds = 1; });
    ingress.wait_until_ready();
    REQUIRE(post_with_key(ingress, "k").status == 202);
    CHECK(eventually([&] { return !replayed(post_with_key(ingress, "k")); }));
}

TEST_CASE(
    "an event without key goes where its source and id say, on either lane, and one with a key by that") {
    running_ingress ingress;
    ingress.wait_until_ready();
    const http_answer one = post_with_key(ingress, "single");
    CHECK(json::parse(one.body)["partition"] == event::partition_of("/millrace", "single", 6));

    std::string lines; // enough of them for the other lane
    for (int i = 0; i < 200; ++i)
        lines += std::to_string(i) + "\n";
    const http_answer many =
        post(ingress.port(), "/v1/events", "application/x-ndjson", lines, key_line("many"));
    REQUIRE(many.status == 202);
    const json of_many = json::parse(many.body);
    for (const json& receipt : of_many["events"])
        CHECK(receipt["partition"] == event::partition_of("/millrace", receipt["id"].get<std::string>(), 6));

    const http_answer keyed =
        post(ingress.port(), "/v1/events?key=order-17", "application/x-ndjson", lines, key_line("keyed"));
    REQUIRE(keyed.status == 202);
    const json of_keyed = json::parse(keyed.body);
    for (const json& receipt : of_keyed["events"])
        CHECK(receipt["partition"] == (event::murmur2("order-17") & 0x7fffffffU) % 6);
}
