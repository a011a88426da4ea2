// Each question on the mock cluster: its answer, and that there is one whatever happens.
#include "cluster_fixture.hpp"
#include "millrace/kafka/error.hpp"

namespace millrace::kafka::test {
namespace {

using fixture = cluster_fixture;

TEST_CASE_FIXTURE(fixture, "a cluster is described") {
    mock.create_topic("more", 3);
    const auto found = ask<cluster_description>(
        [&](auto done) { asked->describe({"more", "events"}, 10s, std::move(done)); });
    REQUIRE(found.has_value());
    CHECK(found->brokers == 1);
    CHECK_FALSE(found->cluster_id.empty());
    REQUIRE(found->topics.size() == 2);
    CHECK(found->topics[0].name == "more");
    CHECK(found->topics[0].partitions == 3);
    CHECK(found->topics[0].all_have_leaders);
    CHECK_FALSE(found->topics[0].error);
    CHECK(found->topics[1].partitions == 2);
}

TEST_CASE_FIXTURE(fixture, "an unknown topic is described as such, the others as they are") {
    constexpr int unknown_topic = 3;
    mock.topic_error("events", unknown_topic);
    mock.create_topic("more", 1);
    const auto found = ask<cluster_description>(
        [&](auto done) { asked->describe({"events", "more"}, 10s, std::move(done)); });
    REQUIRE(found.has_value());
    CHECK(found->topics[0].error == errc::unknown_topic);
    CHECK_FALSE(found->topics[0].all_have_leaders);
    CHECK_FALSE(found->topics[1].error);
}

TEST_CASE_FIXTURE(fixture,
                  "the ends of many logs, in the order asked; none of a partition that is not there") {
    produce(mock, "events", 0, 3);
    const std::vector<topic_partition> of{{"events", partition_id{1}}, {"events", partition_id{7}}, p0};
    const auto found = ask<std::vector<std::optional<record_offset>>>(
        [&](auto done) { asked->ends(of, 10s, std::move(done)); });
    REQUIRE(found.has_value());
    CHECK(*found == std::vector{std::optional(record_offset{0}), {}, std::optional(record_offset{3})});
}

TEST_CASE_FIXTURE(fixture, "a topic is created, also one that exists") {
    for (const auto* name : {"made", "made", "events"}) {
        const auto made =
            ask<void>([&](auto done) { asked->create_topic({name, 3, 1}, 10s, std::move(done)); });
        CHECK(made.has_value());
    }
    const auto found =
        ask<cluster_description>([&](auto done) { asked->describe({"made"}, 10s, std::move(done)); });
    CHECK_FALSE(found->topics[0].error);
}

TEST_CASE_FIXTURE(fixture, "the range of a log is told, of an empty one too") {
    auto range = [&] { return ask<log_range>([&](auto done) { asked->range(p0, 10s, std::move(done)); }); };
    auto empty = range();
    REQUIRE(empty.has_value());
    CHECK(empty->low == record_offset{0});
    CHECK(empty->high == record_offset{0});
    produce(mock, "events", 0, 42);
    CHECK(range()->high == record_offset{42});
}

TEST_CASE_FIXTURE(fixture, "a leader that comes back is found at once") {
    const auto range = [&] {
        return ask<log_range>([&](auto done) { asked->range(p0, 10s, std::move(done)); });
    };
    const auto end = [&] {
        const auto all = ask<std::vector<std::optional<record_offset>>>(
            [&](auto done) { asked->ends({p0}, 10s, std::move(done)); });
        REQUIRE(all.has_value());
        return all->front();
    };
    produce(mock, "events", 0, 3);
    mock.move_leader("events", 0, mock_cluster::no_leader);
    const auto away = range();
    REQUIRE(away.has_error());
    CHECK(away.error() == condition::unavailable);
    CHECK(away.error() != errc::unknown_topic); // which would mean that there is nothing to look for
    CHECK_FALSE(end());
    mock.move_leader("events", 0, 1);
    CHECK(end() == record_offset{3});
    const auto back = range();
    REQUIRE(back.has_value());
    CHECK(back->high == record_offset{3});
}

TEST_CASE("a leader that has moved is found at once") {
    mock_cluster mock(2);
    mock.create_topic("events", 1, 2);
    boost::asio::io_context loop;
    client_config config;
    config.brokers = mock.bootstrap_servers();
    cluster asked(loop, config);
    for (const int leader : {1, 2, 1}) {
        mock.move_leader("events", 0, leader);
        answer<log_range> range;
        asked.range(p0, 10s, range.callback());
        REQUIRE(range.wait(loop));
        CHECK(range.got.has_value());
    }
}

TEST_CASE_FIXTURE(fixture, "the ranges of several logs are told together") {
    produce(mock, "events", 1, 7);
    const auto all = [&](std::vector<topic_partition> of) {
        return ask<std::vector<log_range>>(
            [&](auto done) { asked->ranges(std::move(of), 10s, std::move(done)); });
    };
    const auto two = all({{"events", partition_id{1}}, p0});
    REQUIRE(two.has_value());
    REQUIRE(two->size() == 2);
    CHECK((*two)[0].high == record_offset{7});
    CHECK((*two)[1].high == record_offset{0});
    CHECK(all({})->empty());
    CHECK(all({p0, {"events", partition_id{9}}}).error() == errc::unknown_topic);
}

TEST_CASE_FIXTURE(fixture, "what a group has committed is told without joining it") {
    auto committed = [&] {
        return ask<std::optional<group_commit>>(
            [&](auto done) { asked->committed("group of events", p0, 10s, std::move(done)); });
    };
    const auto before = committed();
    REQUIRE(before.has_value());
    CHECK_FALSE(before->has_value());
    produce(mock, "events", 0, 5);
    member m(loop, config_for(mock, "events"));
    m.client.start();
    REQUIRE(run_until(loop, [&] { return m.count() == 5; }));
    m.commit_all();
    REQUIRE(run_until(loop, [&] { return !m.committed.empty(); }));
    CHECK(committed().value()->offset == record_offset{5});
    run_for(loop, 1500ms);
    CHECK(m.client.state().rebalances == 1);
}

TEST_CASE_FIXTURE(fixture, "a broker that is away does not keep any question beyond its deadline") {
    REQUIRE(ask<log_range>([&](auto done) {
                asked->range(p0, 10s, std::move(done));
            }).has_value()); // connected once
    mock.broker_down();
    answer<cluster_description> described;
    answer<void> created;
    answer<log_range> ranged;
    answer<std::optional<group_commit>> committed;
    answer<message> read;
    answer<message> found;
    asked->describe({"events"}, 1s, described.callback());
    asked->create_topic({"new", 1, 1}, 1s, created.callback());
    asked->range(p0, 1s, ranged.callback());
    asked->committed("g", p0, 1s, committed.callback());
    asked->read(p0, record_offset{0}, 1s, read.callback());
    asked->find(p0, unix_ms{1}, 10, 1s, [](auto&) { return false; }, found.callback());
    // The first keeps the thread for its second, the others expire while they wait.
    REQUIRE(run_until(
        loop,
        [&] {
            return described.times + created.times + ranged.times + committed.times + read.times +
                       found.times ==
                   6;
        },
        10s));
    CHECK(described.got.has_error());
    CHECK(created.got.has_error());
    CHECK(ranged.got.has_error());
    CHECK(committed.got.has_error());
    CHECK(read.got.has_error());
    CHECK(found.got.has_error());
    for (const auto& e : {described.got.error(), ranged.got.error(), read.got.error()})
        CHECK((e == condition::timed_out || e == condition::unavailable));
    // And each kind when it is the one that is asked.
    CHECK(ask<void>([&](auto d) { asked->create_topic({"new", 1, 1}, 500ms, std::move(d)); }).has_error());
    CHECK(ask<log_range>([&](auto d) { asked->range(p0, 500ms, std::move(d)); }).has_error());
    CHECK(ask<std::optional<group_commit>>([&](auto d) {
              asked->committed("g", p0, 500ms, std::move(d));
          }).has_error());
    CHECK(ask<message>([&](auto d) { asked->read(p0, record_offset{0}, 500ms, std::move(d)); }).has_error());
    CHECK(ask<message>([&](auto d) {
              asked->find(p0, unix_ms{1}, 10, 500ms, [](auto&) { return false; }, std::move(d));
          }).has_error());
    mock.broker_up();
    CHECK(ask<log_range>([&](auto done) { asked->range(p0, 10s, std::move(done)); }).has_value());
}

TEST_CASE_FIXTURE(fixture, "the 257th waiting question is refused at once") {
    mock.broker_down();
    std::vector<error_code> answers;
    int at_once = 0;
    for (int i = 0; i < 300; ++i)
        asked->range(p0, 2s, [&](auto r) { answers.push_back(r.error()); });
    CHECK(answers.empty()); // never from inside the call
    REQUIRE(run_until(loop, [&] { return !answers.empty(); }));
    for (const auto& e : answers)
        at_once += e == errc::queue_full ? 1 : 0;
    CHECK(at_once >= 1);
    REQUIRE(run_until(loop, [&] { return answers.size() == 300; }));
    int refused = 0;
    for (const auto& e : answers)
        refused += e == errc::queue_full ? 1 : 0;
    CHECK(refused >= 43); // 256 wait, one is asked
    CHECK(refused <= 44);
}

TEST_CASE_FIXTURE(fixture, "questions pending at the end are answered all the same") {
    produce(mock, "events", 0, 10);
    int closed = 0;
    int all = 0;
    auto count = [&](auto r) {
        ++all;
        if (r.has_error() && r.error() == errc::closed)
            ++closed;
    };
    asked->read(p0, record_offset{0}, 5s, count);
    REQUIRE(run_until(loop, [&] { return all == 1; }));
    asked->read(p0, record_offset{1}, 5s, count); // answered, but not told yet, when the end comes
    for (int i = 0; i < 5; ++i)
        asked->range(p0, 5s, count);
    asked->read({"events", partition_id{1}}, record_offset{0}, 5s, count);
    asked.reset();
    CHECK(all == 1);
    REQUIRE(run_until(loop, [&] { return all == 8; }));
    CHECK(closed == 7);
}

TEST_CASE_FIXTURE(fixture, "the loop runs as long as an answer is owed") {
    int all = 0;
    asked->range(p0, 5s, [&](auto) { ++all; });
    loop.restart();
    loop.run();
    CHECK(all == 1);
}

TEST_CASE("a configuration that cannot work is refused") {
    boost::asio::io_context loop;
    client_config config;
    config.properties["acks"] = "0";
    CHECK_THROWS_AS(cluster(loop, config), std::runtime_error);
}

} // namespace
} // namespace millrace::kafka::test
