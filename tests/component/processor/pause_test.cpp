// Pausing and resuming a running processor.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

http_answer post(const running_processor& p, const std::string& target) {
    return test::post(p.port(), target, "", "");
}

std::vector<written> some(int from, int to, int partition) {
    std::vector<written> all;
    for (int i = from; i < to; ++i)
        all.push_back(
            cloud_event(std::to_string(partition) + "-" + std::to_string(i), std::nullopt, partition));
    return all;
}

json state_of(const running_processor& p, int partition) {
    const json status = p.status(); // outlives the loop over a part of it
    for (const json& found : status["partitions"])
        if (found["partition"] == partition)
            return found["state"];
    return nullptr;
}

int processed(const running_processor& p) {
    return p.status()["totals"]["processed"];
}

} // namespace

TEST_CASE("a paused processor fetches nothing, is ready, says so, and goes on where it was") {
    broker kafka(2);
    running_processor p(kafka.settings());
    p.wait_until_ready();
    const http_answer paused = post(p, "/v1/pause");
    CHECK(paused.status == 200);
    CHECK(json::parse(paused.body) == json({{"paused", true}, {"paused_partitions", json::array()}}));
    CHECK(post(p, "/v1/pause").status == 200);
    CHECK(p.status()["state"] == "paused");
    CHECK(state_of(p, 0) == "paused");
    CHECK(p.get("/readyz").status == 200);
    CHECK(p.get("/healthz").status == 200);
    CHECK(p.get("/metrics").body.find("\nmillrace_processor_paused 1\n") != std::string::npos);
    kafka.write(some(0, 10, 0));
    CHECK(p.receipt(0, 0, "?wait=1")["state"] == "pending");
    CHECK(processed(p) == 0);
    CHECK(post(p, "/v1/resume").status == 200);
    p.wait_until_final(10);
    CHECK(p.status()["state"] == "running");
    CHECK(state_of(p, 0) == "active");
    CHECK(post(p, "/v1/resume").status == 200);
    CHECK(p.get("/metrics").body.find("\nmillrace_processor_paused 0\n") != std::string::npos);
}

TEST_CASE("one partition is paused while others go on") {
    broker kafka(2);
    running_processor p(kafka.settings());
    p.wait_until_ready();
    const http_answer answer = post(p, "/v1/pause?topic=events&partition=1");
    CHECK(json::parse(answer.body)["paused_partitions"] ==
          json::array({{{"topic", "events"}, {"partition", 1}}}));
    kafka.write(some(0, 10, 0));
    kafka.write(some(0, 10, 1));
    REQUIRE(eventually([&] { return processed(p) == 10; }));
    CHECK(state_of(p, 0) == "active");
    CHECK(state_of(p, 1) == "paused");
    CHECK(p.status()["state"] == "running");
    CHECK(p.status()["paused_partitions"].size() == 1);
    CHECK(post(p, "/v1/pause").status == 200);
    const http_answer refused = post(p, "/v1/resume?topic=events&partition=1");
    CHECK(refused.status == 409);
    CHECK(json::parse(refused.body)["code"] == "all_paused");
    CHECK(post(p, "/v1/resume").status == 200); // everything, single partitions too
    p.wait_until_final(20);
    CHECK(p.status()["paused_partitions"].empty());
}

TEST_CASE("what cannot be paused") {
    broker kafka(2);
    running_processor p(kafka.settings());
    p.wait_until_ready();
    CHECK(post(p, "/v1/pause?topic=other&partition=0").status == 404);
    CHECK(post(p, "/v1/pause?topic=events&partition=2").status == 404);
    for (const char* query : {"topic=events", "partition=0", "topic=events&partition=x",
                              "topic=events&partition=-1", "topic=events&topic=events&partition=0"})
        CHECK(post(p, std::string("/v1/pause?") + query).status == 400);
    CHECK(p.status()["paused_partitions"].empty());
}

TEST_CASE("what was fetched goes on, and the throttle does not end a pause") {
    broker kafka(1);
    std::atomic<bool> open{false};
    script told([&](const processor::delivery&) { return open ? plan{} : plan{.what = retry}; });
    settings::file s = kafka.settings();
    s.processor.max_waiting_events = 20;
    s.processor.ordering = "partition";
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    kafka.write(some(0, 200, 0));
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return state_of(p, 0) == "throttled"; }));
    CHECK(post(p, "/v1/pause").status == 200);
    CHECK(state_of(p, 0) == "paused");
    open = true;
    REQUIRE(eventually([&] { return p.status()["partitions"][0]["in_flight"] == 0; }));
    const int before = processed(p);
    CHECK(before >= 20);
    CHECK(before < 200);
    CHECK(state_of(p, 0) == "paused");
    CHECK(post(p, "/v1/resume").status == 200);
    p.wait_until_final(200);
    CHECK(processed(p) == 200);
}

TEST_CASE("a pause outlives a rebalance: what comes back, or comes new, is paused") {
    broker kafka(4);
    running_processor first(kafka.settings());
    first.wait_until_ready();
    CHECK(post(first, "/v1/pause").status == 200);
    {
        running_processor second(kafka.settings());
        REQUIRE(eventually([&] {
            return first.status()["partitions"].size() == 2 && second.status()["partitions"].size() == 2;
        }));
        CHECK(first.status()["state"] == "paused");
        const json status = first.status();
        for (const json& p : status["partitions"])
            CHECK(p["state"] == "paused");
    }
    REQUIRE(eventually([&] { return first.status()["partitions"].size() == 4; }));
    const json all = first.status()["partitions"];
    CHECK(std::ranges::all_of(all, [](const json& p) { return p["state"] == "paused"; }));
    for (int partition = 0; partition < 4; ++partition)
        kafka.write(some(0, 5, partition));
    CHECK(first.receipt(3, 0, "?wait=1")["state"] == "pending");
    CHECK(processed(first) == 0);
    CHECK(post(first, "/v1/resume").status == 200);
    first.wait_until_final(20);
}

TEST_CASE("a paused processor drains in order") {
    broker kafka(1);
    kafka.write(some(0, 10, 0));
    {
        running_processor p(kafka.settings());
        p.wait_until_final(10);
        CHECK(post(p, "/v1/pause").status == 200);
        p.stop();
    }
    CHECK(kafka.committed(0) == 10);
    running_processor next(kafka.settings()); // it does not remember the pause
    kafka.write(some(10, 20, 0));
    next.wait_until_final(10);
}
