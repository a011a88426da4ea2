// Pausing, holding, seeking, waiting: one member alone.
#include "consumer_fixture.hpp"

#include <doctest/doctest.h>

#include <boost/asio/post.hpp>

#include <utility>

namespace millrace::kafka::test {
namespace {

TEST_CASE_FIXTURE(member_fixture,
                  "a paused partition is silent, the other goes on, and nothing is lost by it") {
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

// librdkafka throws away what it has prefetched of a partition that is paused: fetched again after each of
// 200 pauses, this log would be downloaded some 100 times.
TEST_CASE_FIXTURE(member_fixture, "a pause does not make what was prefetched be fetched again") {
    constexpr int count = 20'000;
    produce(cluster, "events", 0, count);
    produce(cluster, "events", 1, count);
    member once(loop, config_for(cluster, "events"));
    const auto received = [&](member& m) { // as of statistics made from now on
        const auto before = m.client.state().received_bytes;
        REQUIRE(run_until(loop, [&] { return m.client.state().received_bytes != before; }));
        return m.client.state().received_bytes;
    };
    once.client.start();
    REQUIRE(run_until(loop, [&] { return once.ends.size() == 2; }));
    const auto least = received(once);
    REQUIRE(close(loop, once));
    member m(loop, config_for(cluster, "events"));
    int pauses = 0;
    m.after_message = [&](const topic_partition& of, record_offset offset) {
        if (of != p0 || value(offset) % 100 != 0)
            return;
        ++pauses;
        m.client.pause(std::span(&p0, 1));
        boost::asio::post(loop, [&] { m.client.resume(std::span(&p0, 1)); });
    };
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.contains(p0) && m.ends.contains(p1); }));
    CHECK(pauses == count / 100);
    CHECK(m.records[p0].size() == count);
    CHECK(m.records[p1].size() == count);
    CHECK(in_order(m.records[p0]));
    CHECK(in_order(m.records[p1]));
    const auto all = received(m);
    MESSAGE("received ", all, " bytes with pauses, ", least, " without");
    CHECK(all < 3 * least);
}

TEST_CASE_FIXTURE(member_fixture,
                  "a partition can be paused from the first record on, until the assignment ends") {
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

TEST_CASE_FIXTURE(member_fixture,
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

TEST_CASE_FIXTURE(member_fixture, "a held consumer hands out nothing, loses nothing and stays a member") {
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

TEST_CASE_FIXTURE(member_fixture, "an idle member is not evicted") {
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

} // namespace
} // namespace millrace::kafka::test
