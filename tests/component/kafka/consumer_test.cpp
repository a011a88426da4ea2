// Reading, committing, pausing, holding, closing: one member alone.
#include "consumer_fixture.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace millrace::kafka::test {
namespace {

const topic_partition p0{"events", partition_id{0}};
const topic_partition p1{"events", partition_id{1}};

/// Whether these are the records `first`, `first + 1`, … of a partition filled by `produce`.
bool in_order(const std::vector<seen_record>& seen, int first = 0) {
    for (const auto& r : seen) {
        if (value(r.offset) != first || r.value != std::to_string(first))
            return false;
        ++first;
    }
    return true;
}

struct fixture {
    fixture() { cluster.create_topic("events", 2); }

    boost::asio::io_context loop;
    mock_cluster cluster;
};

TEST_CASE_FIXTURE(fixture, "every record of every partition is told once, in order, then the end") {
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

TEST_CASE_FIXTURE(fixture, "a record is told with key, headers and timestamp") {
    struct last final : consumer_listener {
        void on_assigned(std::span<const assigned_partition>) override {}
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

TEST_CASE_FIXTURE(fixture, "a new member starts at the commit and is told its metadata") {
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

TEST_CASE_FIXTURE(fixture, "a paused partition is silent, the other goes on, and nothing is lost by it") {
    produce(cluster, "events", 0, 3'000);
    produce(cluster, "events", 1, 3'000);
    member m(loop, config_for(cluster, "events"));
    m.after_message = [&](const topic_partition& of, record_offset offset) {
        if (of == p0 && (offset == record_offset{100} || offset == record_offset{1'000}))
            m.client.pause(std::span(&p0, 1)); // in the middle of a batch
    };
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p1) && m.records[p0].size() == 101; }));
    run_for(loop, 300ms);
    CHECK(m.records[p0].size() == 101);
    m.client.resume(std::span(&p0, 1));
    REQUIRE(run_until(loop, [&] { return m.records[p0].size() == 1'001; }));
    run_for(loop, 300ms);
    CHECK(m.records[p0].size() == 1'001);
    m.client.resume(std::span(&p0, 1));
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0); }));
    CHECK(m.records[p0].size() == 3'000);
    CHECK(in_order(m.records[p0]));
    CHECK(m.records[p1].size() == 3'000);
}

TEST_CASE_FIXTURE(fixture, "a partition can be paused from the first record on, until the assignment ends") {
    produce(cluster, "events", 0, 10);
    auto config = config_for(cluster, "events");
    member m(loop, config);
    m.when_assigned = [&] { m.client.pause(std::span(&p0, 1)); };
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p1); }));
    run_for(loop, 300ms);
    CHECK(m.count() == 0);
    m.when_assigned = [] {};
    member other(loop, config); // its coming and going reassigns p0
    other.client.start();
    REQUIRE(run_until(
        loop, [&] { return m.assigned.size() + other.assigned.size() == 2 && !other.assigned.empty(); }));
    REQUIRE(close(loop, other));
    REQUIRE(run_until(loop, [&] { return m.records[p0].size() >= 10; })); // twice, where it had p0 all along
}

TEST_CASE_FIXTURE(fixture,
                  "after a seek the record there is the next one told, also where the partition was paused") {
    produce(cluster, "events", 0, 3'000);
    member m(loop, config_for(cluster, "events"));
    m.after_message = [&, sought = false](const topic_partition&, record_offset offset) mutable {
        if (offset == record_offset{700} && !std::exchange(sought, true)) { // in the middle of a batch
            m.records.clear();
            m.client.pause(std::span(&p0, 1));
            m.client.seek(p0, record_offset{200});
        }
    };
    m.client.seek(p0, record_offset{200}); // not assigned yet
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0); }));
    CHECK(m.records[p0].size() == 2'800);
    CHECK(in_order(m.records[p0], 200));
    CHECK(m.errors.empty());
}

TEST_CASE_FIXTURE(fixture, "a held consumer hands out nothing, loses nothing and stays a member") {
    produce(cluster, "events", 0, 5'000);
    auto config = config_for(cluster, "events");
    config.max_poll_interval = 4s;
    member m(loop, config);
    m.after_message = [&](const topic_partition&, record_offset offset) {
        if (offset == record_offset{300})
            m.client.hold(true);
    };
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 301; }));
    run_for(loop, 6s);
    CHECK(m.count() == 301);
    CHECK(m.client.state().joined);
    m.commit_all(); // the group is served meanwhile
    REQUIRE(run_until(loop, [&] { return !m.committed.empty(); }));
    m.client.hold(false);
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0); }));
    CHECK(m.records[p0].size() == 5'000);
    CHECK(in_order(m.records[p0]));
    CHECK(m.client.state().rebalances == 1);
    CHECK(m.lost.empty());
    CHECK(m.errors.empty());
}

TEST_CASE_FIXTURE(fixture, "an idle member is not evicted") {
    auto config = config_for(cluster, "events");
    config.max_poll_interval = 4s;
    member m(loop, config);
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    run_for(loop, 6s);
    CHECK(m.lost.empty());
    CHECK(m.errors.empty());
    CHECK(m.client.state().rebalances == 1);
}

TEST_CASE_FIXTURE(fixture, "records that arrive after the end are told too, and so is the new end") {
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

TEST_CASE_FIXTURE(fixture, "a broker that goes and comes back is read on, and seen in the state") {
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

TEST_CASE_FIXTURE(fixture, "offsets that the coordinator does not give at once are asked for again") {
    produce(cluster, "events", 0, 10);
    constexpr int offset_fetch = 9;
    constexpr int group_load_in_progress = 14;
    cluster.fail_requests(offset_fetch, group_load_in_progress, 3);
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 10; }));
    CHECK(m.client.state().joined);
}

TEST_CASE_FIXTURE(fixture, "a commit that the broker refuses is answered with its error") {
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

TEST_CASE_FIXTURE(fixture, "closing revokes, lets commits be made, and is done once") {
    produce(cluster, "events", 0, 10);
    const auto config = config_for(cluster, "events");
    {
        member m(loop, config);
        m.commit_when_revoked = true;
        m.client.start();
        REQUIRE(run_until(loop, [&] { return m.count() == 10; }));
        int closed = 0;
        m.client.close(10s, [&] { ++closed; });
        m.client.close(10s, [&] { ++closed; });
        CHECK(closed == 0);
        REQUIRE(run_until(loop, [&] { return closed != 0; }));
        run_for(loop, 100ms);
        CHECK(closed == 1);
        CHECK(m.revoked.size() == 2);
        REQUIRE(m.committed.size() == 1);
        CHECK(m.committed[0].offset == record_offset{10});
        m.commit_all();
        const commit_entry late{p0, record_offset{3}, ""};
        m.client.commit(std::span(&late, 1));
        REQUIRE(run_until(loop, [&] { return !m.commit_errors.empty(); }));
    }
    member next(loop, config);
    next.client.start();
    REQUIRE(run_until(loop, [&] { return next.ends.size() == 2; }));
    CHECK(next.assigned.at(p0).committed == record_offset{10});
    CHECK(next.count() == 0);
}

TEST_CASE_FIXTURE(fixture, "a close that nobody releases for ends at its deadline") {
    member m(loop, config_for(cluster, "events"));
    m.release_when_revoked = false;
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    bool closed = false;
    m.client.close(600ms, [&] { closed = true; });
    REQUIRE(run_until(loop, [&] { return m.revoked.size() == 2; }));
    CHECK_FALSE(closed);
    REQUIRE(run_until(loop, [&] { return closed; }, 10s));
}

TEST_CASE_FIXTURE(fixture, "a close ends where there is no broker, and where it never started") {
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    cluster.broker_down();
    CHECK(close(loop, m, 1s));
    member idle(loop, config_for(cluster, "events"));
    CHECK(close(loop, idle, 1s));
}

TEST_CASE_FIXTURE(fixture, "it may be destroyed at any moment") {
    produce(cluster, "events", 0, 1'000);
    for (const int turns : {0, 1, 5, 50, 200}) {
        member m(loop, config_for(cluster, "events"));
        m.client.start();
        for (int i = 0; i < turns; ++i) {
            loop.restart();
            loop.run_one_for(10ms);
        }
        m.client.hold(true);
        m.client.hold(false);
    }
    run_for(loop, 50ms);
}

TEST_CASE("a configuration that cannot work is refused in librdkafka's words") {
    boost::asio::io_context loop;
    consumer_config config;
    config.client.properties["security.protocol"] = "smoke";
    CHECK_THROWS_AS(member(loop, config), std::runtime_error);
    config.client.properties = {{"auto.offset.reset", "latest"}};
    CHECK_THROWS_AS(member(loop, config), std::runtime_error);
}

} // namespace
} // namespace millrace::kafka::test
