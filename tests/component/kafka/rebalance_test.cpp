// Several members of one group: partitions change hands in order, and a lost session is told as lost.
#include "consumer_fixture.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>

namespace millrace::kafka::test {
namespace {

bool have_one_each(const member& a, const member& b) {
    return a.assigned.size() == 1 && b.assigned.size() == 1;
}

/// How often each record was seen by the two.
std::map<std::pair<topic_partition, record_offset>, int> seen_by(const member& a, const member& b) {
    std::map<std::pair<topic_partition, record_offset>, int> times;
    for (const auto* m : {&a, &b}) {
        for (const auto& [partition, records] : m->records) {
            for (const auto& r : records)
                ++times[{partition, r.offset}];
        }
    }
    return times;
}

/// Commits and waits for the answer: while members join, the mock cluster, unlike Kafka, refuses commits.
void commit_before(boost::asio::io_context& loop, member& m) {
    const auto before = m.committed.size();
    m.commit_all();
    REQUIRE(run_until(loop, [&] { return m.committed.size() > before; }));
}

void hand_over(member_fixture& f, const std::string& assignor) {
    produce(f.cluster, "events", 0, 2'000);
    produce(f.cluster, "events", 1, 2'000);
    auto config = config_for(f.cluster, "events");
    config.assignor = assignor;
    member first(f.loop, config);
    first.commit_when_revoked = true;
    first.client.start();
    REQUIRE(run_until(f.loop, [&] { return first.ends.size() == 2; }));
    commit_before(f.loop, first);
    member second(f.loop, config);
    second.commit_when_revoked = true;
    second.client.start();
    REQUIRE(run_until(f.loop, [&] { return have_one_each(first, second); }));
    CHECK(first.client.state().protocol == assignor);
    const auto moved = second.assigned.begin()->second;
    CHECK(moved.committed == record_offset{2'000});
    produce(f.cluster, "events", 0, 500, 2'000);
    produce(f.cluster, "events", 1, 500, 2'000);
    REQUIRE(run_until(f.loop, [&] { return first.count() + second.count() >= 5'000; }));
    commit_before(f.loop, first);
    commit_before(f.loop, second);
    REQUIRE(close(f.loop, second));
    REQUIRE(run_until(f.loop, [&] { return first.assigned.size() == 2; }));
    produce(f.cluster, "events", 0, 100, 2'500);
    produce(f.cluster, "events", 1, 100, 2'500);
    REQUIRE(run_until(f.loop, [&] { return first.count() + second.count() >= 5'200; }));
    run_for(f.loop, 500ms);
    const auto times = seen_by(first, second);
    CHECK(times.size() == 5'200);
    for (const auto& [record, n] : times)
        REQUIRE(n == 1);
    CHECK(first.lost.empty());
    CHECK(second.lost.empty());
    CHECK(first.client.state().rebalances >= 3);
}

TEST_CASE_FIXTURE(member_fixture, "a clean hand-over loses and doubles nothing, with range") {
    hand_over(*this, "range");
}

TEST_CASE_FIXTURE(member_fixture, "a clean hand-over loses and doubles nothing, with cooperative-sticky") {
    hand_over(*this, "cooperative-sticky");
}

TEST_CASE_FIXTURE(member_fixture,
                  "the group waits for the release, and nothing is told of a revoked partition meanwhile") {
    produce(cluster, "events", 0, 1'000);
    auto config = config_for(cluster, "events");
    config.assignor = "range"; // revokes all
    member first(loop, config);
    first.release_when_revoked = false;
    first.client.start();
    REQUIRE(run_until(loop, [&] { return first.ends.size() == 2; }));
    member second(loop, config);
    second.client.start();
    REQUIRE(run_until(loop, [&] { return first.revoked.size() == 2; }));
    CHECK_FALSE(first.client.state().joined);
    produce(cluster, "events", 0, 10, 1'000);
    run_for(loop, 1s);
    CHECK(second.assigned.empty());
    CHECK(first.records[p0].size() == 1'000);
    first.client.release(std::span(&p1, 1));
    run_for(loop, 500ms);
    CHECK(second.assigned.empty());
    first.client.release(std::span(&p0, 1));
    first.release_when_revoked = true;
    REQUIRE(run_until(loop, [&] { return have_one_each(first, second); }));
}

void lose_session_while_revoking(member_fixture& f, const std::string& assignor) {
    auto config = config_for(f.cluster, "events");
    config.assignor = assignor;
    member first(f.loop, config);
    first.release_when_revoked = false;
    first.client.start();
    REQUIRE(run_until(f.loop, [&] { return first.ends.size() == 2; }));
    member second(f.loop, config);
    second.client.start();
    REQUIRE(run_until(f.loop, [&] { return !first.revoked.empty(); }));
    constexpr int heartbeat = 12;
    constexpr int unknown_member_id = 25;
    f.cluster.fail_requests(heartbeat, unknown_member_id, 1);
    REQUIRE(run_until(f.loop, [&] { return first.lost == first.revoked; }));
    first.client.release(first.revoked); // too late, and harmless
    first.release_when_revoked = true;
    REQUIRE(run_until(f.loop, [&] { return have_one_each(first, second); }));
}

TEST_CASE_FIXTURE(member_fixture,
                  "a session that ends while a release is awaited is told as lost, with range") {
    lose_session_while_revoking(*this, "range");
}

TEST_CASE_FIXTURE(member_fixture,
                  "a session that ends while a release is awaited is told as lost, with cooperative-sticky") {
    lose_session_while_revoking(*this, "cooperative-sticky");
}

TEST_CASE_FIXTURE(member_fixture, "a loop that stood still for too long has lost its partitions") {
    produce(cluster, "events", 0, 100);
    auto config = config_for(cluster, "events");
    config.max_poll_interval = 4s;
    member m(loop, config);
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    std::mutex mutex; // nobody notifies: the loop stands still
    std::unique_lock lock(mutex);
    std::condition_variable never;
    never.wait_for(lock, 6s, [] { return false; });
    REQUIRE(run_until(loop, [&] { return m.lost.size() == 2; }));
    CHECK(m.revoked.empty());
    REQUIRE(run_until(loop, [&] { return m.assigned.size() == 2; })); // and joins again
    REQUIRE(run_until(loop, [&] { return m.records[p0].size() == 200; }));
    CHECK(m.client.state().joined);
}

} // namespace
} // namespace millrace::kafka::test
