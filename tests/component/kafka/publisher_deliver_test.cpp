// What is sent arrives: values, keys, headers, order, partitions, coordinates.
#include "publisher_fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace millrace;
using namespace millrace::kafka;
using namespace millrace::kafka::test;

TEST_CASE("ten thousand events of one key arrive in order, at the coordinates reported") {
    mock_cluster cluster;
    cluster.create_topic("events", 6);
    for (const lane on : {lane::prompt, lane::batching}) {
        CAPTURE(static_cast<int>(on));
        rig r(cluster);
        REQUIRE(r.wait_available());
        const std::string key = on == lane::prompt ? "first" : "second";
        for (int i = 0; i < 10'000; ++i) {
            REQUIRE_FALSE(r.send("events", std::to_string(i), {.key = key}, on));
            if (i % 100 == 0)
                r.loop.poll();
        }
        CHECK(r.client().stats().in_flight <= 10'000);
        REQUIRE(r.wait_told());
        CHECK(r.client().stats().in_flight == 0);
        CHECK(std::ranges::all_of(r.slots, [](auto& s) { return s.stored() && s.times == 1; }));

        std::vector<stored_record> mine;
        for (auto& record : read_all(cluster, "events")) {
            if (record.key == key)
                mine.push_back(std::move(record));
        }
        REQUIRE(mine.size() == 10'000);
        bool same = true;
        for (std::size_t i = 0; i < mine.size(); ++i)
            same = same && mine[i].value == r.slots[i].value &&
                   mine[i].partition == value(r.slots[i].told->partition) &&
                   mine[i].offset == value(r.slots[i].told->offset);
        CHECK(same);
        CHECK(r.close());
    }
}

TEST_CASE("a record keeps its parts; an empty value is not a null, and a null is no empty value") {
    mock_cluster cluster;
    cluster.create_topic("events", 6);
    rig r(cluster);
    REQUIRE(r.wait_available());
    const std::vector<field> headers{{"ce_id", "1"}, {"ce_id", "2"}, {"empty", ""}, {"bytes", {"\0\xff", 2}}};
    REQUIRE_FALSE(r.send(
        "events", "a value",
        {.key = "", .headers = headers, .timestamp = {1'700'000'000'123}, .partition = partition_id{4}}));
    REQUIRE(r.wait_told());
    outgoing bare; // with an empty value
    bare.timestamp = {1};
    bare.partition = partition_id{5};
    REQUIRE_FALSE(r.client().send(lane::batching, "events", bare, r.slots.emplace_back()));
    REQUIRE(r.wait_told());
    bare.value = std::nullopt;
    REQUIRE_FALSE(r.client().send(lane::batching, "events", bare, r.slots.emplace_back()));
    REQUIRE(r.wait_told());

    const auto records = read_all(cluster, "events");
    REQUIRE(records.size() == 3);
    CHECK(records[0].partition == 4);
    CHECK(records[0].key == std::optional<std::string>(""));
    CHECK(records[0].value == std::optional<std::string>("a value"));
    CHECK(records[0].timestamp == 1'700'000'000'123);
    REQUIRE(records[0].headers.size() == 4);
    CHECK(records[0].headers[1] == std::pair<std::string, std::string>("ce_id", "2"));
    CHECK(records[0].headers[3].second == std::string("\0\xff", 2));
    CHECK(records[1].partition == 5);
    CHECK_FALSE(records[1].key.has_value());
    CHECK(records[1].value == std::optional<std::string>(""));
    CHECK_FALSE(records[2].value.has_value());
    CHECK(r.close());
}

TEST_CASE("a key goes where Kafka's own default partitioner sends it, on either lane") {
    constexpr int partitions = 97;
    mock_cluster cluster;
    cluster.create_topic("events", partitions);
    rig r(cluster);
    REQUIRE(r.wait_available());
    // org.apache.kafka.common.utils.Utils.murmur2, of which DefaultPartitioner takes the positive part
    const std::map<std::string, std::int32_t> hashes{
        {"", 275646681},
        {"21", -973932308},
        {"abc", 479470107},
        {"foobar", -790332482},
        {"a-little-bit-long-string", -985981536},
        {"a-little-bit-longer-string", -1486304829},
        {"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
    };
    for (const lane on : {lane::prompt, lane::batching})
        for (const auto& [key, hash] : hashes)
            REQUIRE_FALSE(r.send("events", key, {.key = key}, on));
    REQUIRE(r.wait_told());
    for (const auto& s : r.slots)
        CHECK_MESSAGE(value(s.told->partition) == (hashes.at(s.value) & 0x7fffffff) % partitions, s.value);
    CHECK(r.close());
}

TEST_CASE("events without a key stick to one partition for a while") {
    mock_cluster cluster;
    cluster.create_topic("events", 6);
    rig r(cluster);
    REQUIRE(r.wait_available());
    REQUIRE_FALSE(r.send("events", "first", {.key = "k"})); // the topic is known from here on
    REQUIRE(r.wait_told());
    r.slots.clear();
    for (int i = 0; i < 200; ++i)
        REQUIRE_FALSE(r.send("events", "x"));
    REQUIRE(r.wait_told());
    std::set<int> used;
    for (const auto& s : r.slots)
        used.insert(value(s.told->partition));
    CHECK(used.size() <= 3); // random would use all six
    CHECK(r.close());
}

TEST_CASE("the lane is prompt for few events in flight and batching for more") {
    mock_cluster cluster;
    cluster.create_topic("events", 1);
    rig r(cluster);
    REQUIRE(r.wait_available());
    CHECK(r.client().choose_lane(1) == lane::prompt);
    for (int i = 0; i < 10; ++i)
        REQUIRE_FALSE(r.send("events", std::to_string(i)));
    CHECK(r.client().choose_lane(1) == lane::batching);
    REQUIRE(r.wait_told());
    CHECK(run_until(r.loop, [&] { return r.client().choose_lane(1) == lane::prompt; }));
    CHECK(run_until(r.loop, [&] { return r.client().stats().brokers_up == 1; }));
    CHECK(r.client().stats().brokers_known == 1);
    CHECK(r.close());
}
