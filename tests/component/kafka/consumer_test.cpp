// Reading and committing: one member alone.
#include "consumer_fixture.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace millrace::kafka::test {
namespace {

TEST_CASE_FIXTURE(member_fixture, "every record of every partition is told once, in order, then the end") {
    produce(cluster, "events", 0, 10'000);
    produce(cluster, "events", 1, 10'000);
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() >= 20'000 && m.ends.size() == 2; }));
    CHECK(m.count() == 20'000);
    CHECK(in_order(m.records[p0]));
    CHECK(in_order(m.records[p1]));
    CHECK(m.ends[p0] == record_offset{10'000});
    CHECK(m.client.end_offset(p0) == record_offset{10'000});
    CHECK_FALSE(m.client.end_offset({"events", partition_id{7}}));
    CHECK_FALSE(m.assigned.at(p0).committed);
    CHECK(m.client.state().joined);
    CHECK(m.client.state().rebalances == 1);
    CHECK(m.client.state().last_rebalance);
    CHECK_FALSE(m.client.state().member_id.empty());
    CHECK(m.errors.empty());
    CHECK(close(loop, m));
    CHECK_FALSE(m.client.state().joined);
}

TEST_CASE_FIXTURE(member_fixture,
                  "fetching starts where the listener says, the group stands where it stood") {
    produce(cluster, "events", 0, 100);
    auto config = config_for(cluster, "events");
    {
        member m(loop, config);
        m.client.start();
        REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
        m.commit_all();
        REQUIRE(run_until(loop, [&] { return !m.committed.empty(); }));
        REQUIRE(close(loop, m));
    }
    member m(loop, config);
    m.start_at = record_offset{70};
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0); }));
    CHECK(m.assigned[p0].committed == record_offset{100});
    CHECK(m.records[p0].size() == 30);
    CHECK(in_order(m.records[p0], 70));
}

TEST_CASE_FIXTURE(member_fixture, "a record is told with key, headers and timestamp") {
    struct last final : consumer_listener {
        void on_assigned(std::span<assigned_partition>) override {}
        void on_revoked(std::span<const topic_partition> p) override { client->release(p); }
        void on_lost(std::span<const topic_partition>) override {}
        void on_message(message m) override { got = std::move(m); }
        void on_end(const topic_partition&, record_offset) override {}
        void on_committed(std::span<const commit_entry>, error_code) override {}
        void on_error(error_code, const std::string&) override {}
        consumer* client = nullptr;
        message got;
    };
    produce(cluster, "events", 1, 1, 5);
    last l;
    consumer client(loop, config_for(cluster, "events"), l);
    l.client = &client;
    client.start();
    REQUIRE(run_until(loop, [&] { return bool(l.got); }));
    CHECK(l.got.topic() == "events");
    CHECK(l.got.partition() == partition_id{1});
    CHECK(l.got.offset() == record_offset{0});
    CHECK(l.got.timestamp() == unix_ms{1'005});
    CHECK(l.got.key() == "k");
    CHECK(l.got.value() == "5");
    std::vector<field> headers;
    l.got.headers(headers);
    REQUIRE(headers.size() == 2);
    CHECK(headers[0].name == "ce_id");
    CHECK(headers[0].value == "x");
    CHECK(headers[1].name == "empty");
    CHECK(headers[1].value.empty());
    l.got = {};
}

TEST_CASE_FIXTURE(member_fixture, "a new member starts at the commit and is told its metadata") {
    produce(cluster, "events", 0, 100);
    {
        member m(loop, config_for(cluster, "events"));
        m.client.start();
        REQUIRE(run_until(loop, [&] { return m.count() == 100; }));
        const commit_entry entry{p0, record_offset{40}, "41,43"};
        m.client.commit(std::span(&entry, 1));
        CHECK(m.committed.empty()); // never from inside the call
        REQUIRE(run_until(loop, [&] { return !m.committed.empty(); }));
        CHECK(m.committed[0].partition == p0);
        CHECK(m.committed[0].offset == record_offset{40});
        CHECK(m.committed[0].metadata == "41,43");
        REQUIRE(close(loop, m));
    }
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0); }));
    CHECK(m.assigned.at(p0).committed == record_offset{40});
    CHECK(m.assigned.at(p0).metadata == "41,43");
    CHECK_FALSE(m.assigned.at(p1).committed);
    CHECK(m.records[p0].size() == 60);
    CHECK(in_order(m.records[p0], 40));
}

TEST_CASE_FIXTURE(member_fixture, "records that arrive after the end are told too, and so is the new end") {
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    CHECK(m.ends[p0] == record_offset{0});
    for (int i = 0; i < 3; ++i) {
        produce(cluster, "events", 0, 10, i * 10);
        REQUIRE(run_until(loop, [&] { return m.ends[p0] == record_offset{(i + 1) * 10}; }));
    }
    CHECK(m.records[p0].size() == 30);
    CHECK(in_order(m.records[p0]));
}

TEST_CASE_FIXTURE(member_fixture, "a broker that goes and comes back is read on, and seen in the state") {
    produce(cluster, "events", 0, 10);
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 10 && m.client.state().brokers_up == 1; }));
    CHECK(m.client.state().brokers_known == 1);
    cluster.broker_down();
    REQUIRE(run_until(loop, [&] { return m.client.state().brokers_up == 0 && !m.errors.empty(); }));
    cluster.broker_up();
    produce(cluster, "events", 0, 10, 10);
    REQUIRE(run_until(loop, [&] { return m.records[p0].size() >= 20 && m.client.state().brokers_up == 1; }));
    CHECK(m.client.state().brokers_known == 1);
}

TEST_CASE_FIXTURE(member_fixture, "offsets that the coordinator does not give at once are asked for again") {
    produce(cluster, "events", 0, 10);
    constexpr int offset_fetch = 9;
    constexpr int group_load_in_progress = 14;
    cluster.fail_requests(offset_fetch, group_load_in_progress, 3);
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 10; }));
    CHECK(m.client.state().joined);
}

TEST_CASE_FIXTURE(member_fixture, "a commit that the broker refuses is answered with its error") {
    produce(cluster, "events", 0, 10);
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 10; }));
    constexpr int offset_commit = 8;
    constexpr int metadata_too_large = 12;
    cluster.fail_requests(offset_commit, metadata_too_large, 1);
    m.commit_all();
    REQUIRE(run_until(loop, [&] { return !m.commit_errors.empty(); }));
    CHECK(m.commit_errors[0] == condition::invalid_input);
    CHECK(m.committed.empty());
}

} // namespace
} // namespace millrace::kafka::test
