// Closing, and the end of a consumer at any moment.
#include "consumer_fixture.hpp"

#include <doctest/doctest.h>

#include <utility>

namespace millrace::kafka::test {
namespace {

TEST_CASE_FIXTURE(member_fixture, "closing revokes, lets commits be made, and is done once") {
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

TEST_CASE_FIXTURE(member_fixture, "a close that nobody releases for ends at its deadline") {
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

TEST_CASE_FIXTURE(member_fixture, "a close ends where there is no broker, and where it never started") {
    member m(loop, config_for(cluster, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.ends.size() == 2; }));
    cluster.broker_down();
    CHECK(close(loop, m, 1s));
    member idle(loop, config_for(cluster, "events"));
    CHECK(close(loop, idle, 1s));
}

TEST_CASE_FIXTURE(member_fixture, "it may be destroyed at any moment") {
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
