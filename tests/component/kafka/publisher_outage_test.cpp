// Brokers that are away, come back, or do not answer.
#include "publisher_fixture.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

namespace {

std::set<std::string> values_in(const mock_cluster& cluster, const std::string& topic) {
    std::set<std::string> values;
    for (const auto& record : read_all(cluster, topic))
        CHECK_MESSAGE(values.insert(*record.value).second, *record.value, " is there twice");
    return values;
}

} // namespace

TEST_CASE("a broker that is down at the start is refused to, then used once it is up") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    cluster.broker_down();
    rig r(cluster);
    CHECK(r.send("events", "too early") == errc::brokers_down);
    CHECK_FALSE(r.wait_available(600ms));
    CHECK(r.send("events", "still too early") == condition::unavailable);
    CHECK(r.client().unavailable_reason() != "");
    cluster.broker_up();
    REQUIRE(r.wait_available());
    CHECK(r.client().unavailable_reason() == "");
    REQUIRE_FALSE(r.send("events", "now"));
    REQUIRE(r.wait_told());
    CHECK(r.slots[0].stored());
    CHECK(values_in(cluster, "events") == std::set<std::string>{"now"});
    CHECK(r.close());
}

TEST_CASE("when the broker goes down every event's fate is told at once and truly") {
    mock_cluster cluster;
    cluster.create_topic("events", 2);
    // Far longer than this test may take: nothing is told because it timed out.
    rig r(cluster, {.delivery_timeout = 120s});
    REQUIRE(r.wait_available());
    for (const lane on : {lane::prompt, lane::batching})
        REQUIRE_FALSE(r.send("events", on == lane::prompt ? "before prompt" : "before batching", {}, on));
    REQUIRE(r.wait_told());

    cluster.round_trip_delay(3s); // what is sent from here on stays unanswered
    for (int i = 0; i < 500; ++i)
        REQUIRE_FALSE(r.send("events", "sent " + std::to_string(i), {.key = "k"},
                             i % 2 ? lane::prompt : lane::batching));
    r.loop.run_for(100ms); // both lanes have sent something
    cluster.broker_down();
    for (int i = 0; i < 500 && r.client().available(); ++i) {
        if (r.send("events", "late " + std::to_string(i), {.key = "k"}))
            break;
    }
    CHECK(run_until(r.loop, [&] { return !r.client().available(); }));
    REQUIRE(r.wait_told(10s));
    CHECK(r.count([](auto& s) { return s.times != 1; }) == 0);
    CHECK(r.count([](auto& s) {
        return !s.stored() && !s.is(condition::unavailable) && !s.is(condition::outcome_unknown);
    }) == 0);
    CHECK(r.count([](auto& s) { return s.is(condition::outcome_unknown); }) > 0);
    CHECK(r.send("events", "down") == errc::brokers_down);

    cluster.round_trip_delay(0ms);
    cluster.broker_up();
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "after", {}, lane::prompt));
    REQUIRE_FALSE(r.send("events", "after too", {}, lane::batching));
    REQUIRE(r.wait_told());
    CHECK(r.slots[r.slots.size() - 1].stored());
    CHECK(r.slots[r.slots.size() - 2].stored());
    CHECK(r.client().stats().recreated == 0); // not a fatal error

    const auto there = values_in(cluster, "events");
    for (const auto& s : r.slots) {
        if (s.stored())
            CHECK_MESSAGE(there.contains(s.value), s.value, " was called stored");
        if (s.is(condition::unavailable))
            CHECK_MESSAGE(!there.contains(s.value), s.value, " was called not stored");
    }
    CHECK(r.close());
}

TEST_CASE("a broker that does not answer in time leaves the outcome unknown") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    rig r(cluster, {.delivery_timeout = 1'000ms});
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "quick"));
    REQUIRE(r.wait_told());
    cluster.round_trip_delay(5s);
    REQUIRE_FALSE(r.send("events", "slow"));
    REQUIRE(r.wait_told());
    CHECK(r.slots[0].stored());
    CHECK(r.slots[1].is(condition::outcome_unknown));
    cluster.round_trip_delay(0ms);
    REQUIRE(r.wait_available());
    CHECK(r.close());
}

TEST_CASE("one broker of three that goes down is no outage") {
    mock_cluster cluster(3);
    cluster.create_topic("events", 6, 3);
    rig r(cluster, {.delivery_timeout = 60s});
    REQUIRE(r.wait_available());
    for (int i = 0; i < 60; ++i)
        REQUIRE_FALSE(r.send("events", "a" + std::to_string(i), {.partition = partition_id{i % 6}}));
    REQUIRE(r.wait_told());
    cluster.broker_down(2);
    const auto end = steady_clock::now() + 3s;
    bool always = true;
    while (steady_clock::now() < end) {
        r.loop.run_one_for(20ms);
        always = always && r.client().available();
    }
    CHECK(always);
    cluster.broker_up(2);
    for (int i = 0; i < 60; ++i)
        REQUIRE_FALSE(r.send("events", "b" + std::to_string(i), {.partition = partition_id{i % 6}}));
    REQUIRE(r.wait_told());
    CHECK(r.count([](auto& s) { return s.stored(); }) == r.slots.size());
    CHECK(r.close());
}

TEST_CASE("close settles what is in flight, at its deadline by purging it") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    SUBCASE("in time") {
        rig r(cluster);
        REQUIRE(r.wait_available());
        for (int i = 0; i < 1'000; ++i)
            REQUIRE_FALSE(r.send("events", std::to_string(i), {}, lane::batching));
        CHECK(r.close());
        CHECK(r.count([](auto& s) { return s.stored() && s.times == 1; }) == 1'000);
        r.loop.restart();
        r.loop.run_for(10s);
        CHECK(r.loop.stopped()); // nothing holds the loop
        CHECK(r.send("events", "late") == errc::closed);
    }
    SUBCASE("too late") {
        rig r(cluster);
        REQUIRE(r.wait_available());
        REQUIRE_FALSE(r.send("events", "first", {}, lane::prompt));
        REQUIRE(r.wait_told());
        cluster.round_trip_delay(30s);
        REQUIRE_FALSE(r.send("events", "unanswered", {}, lane::prompt));
        r.loop.run_for(100ms);
        CHECK(r.close(200ms));
        CHECK(r.slots[1].times == 1);
        CHECK(r.slots[1].is(condition::outcome_unknown));
    }
}
