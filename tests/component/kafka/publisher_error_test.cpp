// Errors that the broker or librdkafka answers with, and what the publisher calls them.
#include "publisher_fixture.hpp"

#include <doctest/doctest.h>
#include <librdkafka/rdkafka.h>

#include <set>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

namespace {

constexpr int produce = 0; // the API key

struct answer_case {
    rd_kafka_resp_err_t error;
    int times;
    std::optional<errc> expected; ///< none: stored after a retry
};

} // namespace

TEST_CASE("the broker's errors on a produce request") {
    const std::vector<answer_case> cases{
        {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 2, {}},
        {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 2, {}},
        {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 1, {}},
        {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, 1, {}},
        {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, 1'000, errc::outcome_unknown},
        {RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 1'000, errc::not_stored},
        {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 1, errc::too_large},
        {RD_KAFKA_RESP_ERR_INVALID_RECORD, 1, errc::refused},
        {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, 1, errc::not_allowed},
        {RD_KAFKA_RESP_ERR_UNKNOWN, 1, errc::outcome_unknown},
    };
    for (const auto& c : cases) {
        const std::string error = rd_kafka_err2name(c.error);
        CAPTURE(error);
        CAPTURE(c.times);
        mock_cluster cluster;
        cluster.create_topic("events", 1);
        rig r(cluster, {.delivery_timeout = 2s});
        REQUIRE(r.wait_available());
        cluster.fail_requests(produce, c.error, c.times);
        REQUIRE_FALSE(r.send("events", "x"));
        REQUIRE(r.wait_told());
        const auto& told = *r.slots[0].told;
        if (c.expected)
            CHECK_MESSAGE(told.error == *c.expected, told.error.message());
        else
            CHECK_MESSAGE(!told.error, told.error.message());
        CHECK(r.close());
    }
}

TEST_CASE("an event that timed out is only called not stored where its leader stayed the same") {
    for (const bool moves : {false, true}) {
        CAPTURE(moves);
        mock_cluster cluster(2);
        cluster.create_topic("events", 1, 2);
        cluster.move_leader("events", 0, 1);
        rig r(cluster, {.delivery_timeout = 4s});
        REQUIRE(r.wait_available());
        REQUIRE_FALSE(r.send("events", "before"));
        REQUIRE(r.wait_told());
        r.loop.run_for(1'500ms); // it is known who leads
        cluster.fail_requests(produce, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 10'000);
        REQUIRE_FALSE(r.send("events", "x"));
        if (moves)
            cluster.move_leader("events", 0, 2);
        REQUIRE(r.wait_told(20s));
        CHECK(r.slots[0].stored());
        CHECK(r.slots[1].told->error == (moves ? errc::outcome_unknown : errc::not_stored));
        CHECK(r.close());
    }
}

TEST_CASE("a topic that does not exist is refused, and used once it is there") {
    mock_cluster cluster;
    cluster.topic_error("events", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    rig r(cluster);
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "first"));
    REQUIRE(r.wait_told());
    CHECK(r.slots[0].told->error == errc::unknown_topic);
    CHECK(r.slots[0].is(condition::unavailable));

    cluster.topic_error("events", 0);
    CHECK(run_until(r.loop, [&] {
        const auto error = r.send("events", "again");
        return !error && r.wait_told() && r.slots.back().stored();
    }));
    CHECK(r.close());
}

TEST_CASE("a partition that does not exist is refused") {
    mock_cluster cluster;
    cluster.create_topic("events", 2);
    rig r(cluster);
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "there", {.partition = partition_id{1}}));
    REQUIRE(r.wait_told());
    CHECK(r.slots[0].stored());
    CHECK(r.send("events", "not there", {.partition = partition_id{2}}) == errc::unknown_topic);
    CHECK(r.close());
}

TEST_CASE("a full queue and a record over the limit are refused at once") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    rig r(cluster, {.client = {.properties = {{"message.max.bytes", "2000"}}}, .max_queued_events = 10});
    REQUIRE(r.wait_available());
    CHECK(r.send("events", std::string(3'000, 'x')) == errc::too_large);
    cluster.round_trip_delay(1s);
    int taken = 0;
    error_code error;
    while (!error && taken < 100) {
        error = r.send("events", "x");
        taken += error ? 0 : 1;
    }
    CHECK(error == errc::queue_full);
    CHECK(error == condition::overloaded);
    CHECK(taken == 10);
    cluster.round_trip_delay(0ms);
    REQUIRE(r.wait_told());
    CHECK(r.close());
}

TEST_CASE("after a fatal error the lanes go on with new producers and nothing is told twice or not at all") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    rig r(cluster);
    REQUIRE(r.wait_available());
    for (int i = 0; i < 200; ++i)
        REQUIRE_FALSE(
            r.send("events", "before " + std::to_string(i), {}, i % 2 ? lane::prompt : lane::batching));
    r.client().inject_fatal_error();
    REQUIRE(run_until(r.loop, [&] { return r.client().stats().recreated == 2; }));
    REQUIRE(r.wait_told());
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "after", {}, lane::prompt));
    REQUIRE_FALSE(r.send("events", "after too", {}, lane::batching));
    REQUIRE(r.wait_told());
    CHECK(r.slots[200].stored());
    CHECK(r.slots[201].stored());
    CHECK(r.count([](auto& s) { return s.times != 1; }) == 0);

    std::set<std::string> there;
    for (const auto& record : read_all(cluster, "events"))
        there.insert(*record.value);
    for (const auto& s : r.slots) {
        CHECK_MESSAGE(!(s.stored() && !there.contains(s.value)), s.value);
        CHECK_MESSAGE(!(s.is(condition::unavailable) && there.contains(s.value)), s.value);
    }
    CHECK(r.close());
}
