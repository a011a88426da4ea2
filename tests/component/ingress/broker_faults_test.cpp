// What a client is told while the broker is away, slow or full: the difference between 503 and 504.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

http_answer post_one(const running_ingress& ingress) {
    return post(ingress.port(), "/v1/events", "application/json", "{}");
}

} // namespace

TEST_CASE("while no broker can be reached: 503 with Retry-After, not ready, and back without a restart") {
    running_ingress ingress;
    ingress.wait_until_ready();
    REQUIRE(post_one(ingress).status == 202);

    ingress.cluster().broker_down();
    ingress.wait_until_not_ready("/kafka");
    const http_answer refused = post_one(ingress);
    CHECK(refused.status == 503);
    CHECK(refused.headers.contains("retry-after"));
    const json problem = json::parse(refused.body);
    CHECK(problem["code"] == "broker_unavailable");
    CHECK(problem["retryable"] == true);
    CHECK(get(ingress.port(), "/healthz").status == 200);

    ingress.cluster().broker_up();
    ingress.wait_until_ready();
    CHECK(post_one(ingress).status == 202);
}

TEST_CASE("a broker that stays silent is an unknown outcome, within the request's time") {
    running_ingress ingress([](auto& s) { s.http.request_timeout_ms = 3'000; });
    ingress.wait_until_ready();
    REQUIRE(post_one(ingress).status == 202);
    ingress.cluster().round_trip_delay(8'000ms);
    const http_answer answer = post_one(ingress);
    CHECK(answer.status == 504);
    CHECK(json::parse(answer.body)["code"] == "outcome_unknown");
    CHECK(json::parse(answer.body)["retryable"] == true);
    ingress.cluster().round_trip_delay(0ms);
}

TEST_CASE("a batch that is answered at the deadline says of each event what is known") {
    running_ingress ingress([](auto& s) { s.http.request_timeout_ms = 300; });
    ingress.wait_until_ready();
    const std::string first = R"({"specversion":"1.0","id":"1","source":"/s","type":"t"})";
    const auto post_batch = [&](const std::string& events) {
        return post(ingress.port(), "/v1/events", "application/cloudevents-batch+json", '[' + events + ']');
    };
    REQUIRE(eventually([&] { return post_batch(first).status == 202; }));
    ingress.cluster().round_trip_delay(8'000ms);
    const http_answer answer =
        post_batch(first + R"(,{"specversion":"1.0","id":"2","source":"/s","type":"t"})");
    CHECK(answer.status == 504);
    const json events = json::parse(answer.body)["events"];
    REQUIRE(events.size() == 2);
    CHECK(events[0]["state"] == "stored");
    CHECK(events[0]["offset"].is_number());
    CHECK(events[1]["state"] == "unknown");
    CHECK(events[1]["id"] == "2");
    ingress.cluster().round_trip_delay(0ms);
}

TEST_CASE("more events than may be in flight are refused at once, and the others are not") {
    running_ingress ingress([](auto& s) { s.ingress.max_in_flight_events = 3; });
    ingress.wait_until_ready();
    REQUIRE(post_one(ingress).status == 202);
    ingress.cluster().round_trip_delay(1'000ms);
    http_client patient(ingress.port());
    patient.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
                 "Content-Length: 9\r\n\r\n{}\n{}\n{}\n");
    REQUIRE(eventually([&] {
        return get(ingress.port(), "/metrics").body.find("in_flight_events 3") != std::string::npos;
    }));
    const http_answer refused = post_one(ingress);
    CHECK(refused.status == 503);
    CHECK(json::parse(refused.body)["code"] == "overloaded");
    CHECK(refused.headers.contains("retry-after"));
    ingress.wait_until_not_ready("/capacity");
    const http_answer never = post(ingress.port(), "/v1/events", "application/x-ndjson", "{}\n{}\n{}\n{}\n");
    CHECK(never.status == 413); // waiting would not help
    CHECK(patient.receive().status == 202);
    ingress.cluster().round_trip_delay(0ms);
    CHECK(eventually([&] { return post_one(ingress).status == 202; }));
}

TEST_CASE(
    "events that were not sent when the broker went are not stored; what was sent is unknown; none is both") {
    running_ingress ingress([](auto& s) { s.http.request_timeout_ms = 4'000; });
    ingress.wait_until_ready();
    REQUIRE(post_one(ingress).status == 202);
    ingress.cluster().round_trip_delay(2'000ms);
    http_client sent(ingress.port());
    sent.send("POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
              "2\r\n\r\n{}");
    REQUIRE(eventually([&] {
        return get(ingress.port(), "/metrics").body.find("in_flight_events 1") != std::string::npos;
    }));
    ingress.cluster().broker_down();
    const http_answer answer = sent.receive();
    CHECK((answer.status == 504 || answer.status == 503)); // which one, librdkafka's persistence status says
    CHECK(json::parse(answer.body)["retryable"] == true);
}
