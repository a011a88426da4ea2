// What a processor knows of what the one before it did: duplicates of what was handled then, and what was
// finished beyond the committed offset.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <string>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

plan at_once(const processor::delivery&) {
    return {};
}

std::multiset<std::string> handled(const script& by) {
    std::multiset<std::string> ids;
    for (const seen_attempt& a : by.attempts())
        ids.insert(a.id);
    return ids;
}

std::vector<written> numbered(int from, int to) {
    std::vector<written> all;
    for (int i = from; i < to; ++i)
        all.push_back(cloud_event(std::to_string(i)));
    return all;
}

// The first event of all takes for ever, the others no time.
plan stuck_at_first(const processor::delivery& d) {
    return value(d.offset) == 0 ? plan{.delay = milliseconds{1h}} : plan{};
}

} // namespace

TEST_CASE("a second event that comes after a restart is a duplicate, whatever became of the first") {
    broker kafka(1);
    kafka.write({cloud_event("fine"), cloud_event("refused"), cloud_event("twice"), cloud_event("twice")});
    {
        script told([](const processor::delivery& d) {
            return plan{.what = d.event->id == "refused" ? terminal : done};
        });
        running_processor p(kafka.settings(), told.factory());
        p.wait_until_final(4);
    }
    kafka.write({cloud_event("fine"), cloud_event("refused"), cloud_event("twice"), cloud_event("new")});
    script told(at_once);
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(4);
    CHECK(handled(told) == std::multiset<std::string>{"new"});
    const json totals = p.status()["totals"];
    CHECK(totals["received"] == 4);
    CHECK(totals["processed"] == 1);
    CHECK(totals["duplicates"] == 3);
    for (const int offset : {4, 5, 6})
        CHECK(p.receipt(0, offset)["state"] == "duplicate");
    CHECK(p.receipt(0, 0)["state"] == "processed"); // what was only read again is claimed by nobody
    CHECK(p.receipt(0, 0)["attempts"].is_null());
    CHECK(p.receipt(0, 1)["state"] == "dead_lettered");
    CHECK(has_metric(p, "millrace_processor_events_reread_total 4"));
    CHECK(eventually([&] { return kafka.committed(0) == 8; }));
}

TEST_CASE("only the newest events of those before a restart are remembered where there is no room for more") {
    broker kafka(1);
    kafka.write(numbered(0, 100));
    settings::file s = kafka.settings();
    s.processor.dedup_max_entries = 32;
    {
        running_processor p(s);
        p.wait_until_final(100);
    }
    kafka.write({cloud_event("0"), cloud_event("99")});
    script told(at_once);
    running_processor p(s, told.factory());
    p.wait_until_final(2);
    CHECK(handled(told) == std::multiset<std::string>{"0"});
    CHECK(has_metric(p, "millrace_processor_events_reread_total 32"));
}

TEST_CASE("a letter that was redriven before a restart is not handled again when it is redriven after it") {
    broker kafka(1);
    const auto redriven = [](const std::string& letter) {
        written again = cloud_event("a");
        again.headers.emplace_back("millrace_redriven", letter);
        return again;
    };
    kafka.write({cloud_event("a"), redriven("events.dlq/0/0")});
    {
        running_processor p(kafka.settings());
        p.wait_until_final(2);
        CHECK(p.status()["totals"]["processed"] == 2);
    }
    kafka.write({redriven("events.dlq/0/0"), redriven("events.dlq/0/1"), cloud_event("a")});
    running_processor p(kafka.settings());
    p.wait_until_final(3);
    CHECK(p.receipt(0, 2)["state"] == "duplicate");
    CHECK(p.receipt(0, 3)["state"] == "processed");
    CHECK(p.receipt(0, 4)["state"] == "duplicate");
}

TEST_CASE("a partition that moves to another member takes its duplicates with it, and comes back with them") {
    broker kafka(2);
    kafka.write({cloud_event("a", {}, 0), cloud_event("a", {}, 1)});
    running_processor first(kafka.settings());
    first.wait_until_final(2);
    CHECK(eventually([&] { return kafka.committed(0) == 1 && kafka.committed(1) == 1; }));
    {
        running_processor second(kafka.settings());
        REQUIRE(eventually([&] { return second.status()["partitions"].size() == 1; }));
        kafka.write({cloud_event("a", {}, 0), cloud_event("a", {}, 1), cloud_event("b", {}, 0),
                     cloud_event("b", {}, 1)});
        REQUIRE(eventually([&] { return kafka.committed(0) == 3 && kafka.committed(1) == 3; }));
        CHECK(second.status()["totals"]["duplicates"] == 1);
        CHECK(second.status()["totals"]["processed"] == 1);
    }
    REQUIRE(eventually([&] { return first.status()["partitions"].size() == 2; }));
    kafka.write({cloud_event("b", {}, 0), cloud_event("b", {}, 1)});
    REQUIRE(eventually([&] { return kafka.committed(0) == 4 && kafka.committed(1) == 4; }));
    CHECK(first.status()["totals"]["duplicates"] == 3);
    CHECK(first.status()["totals"]["processed"] == 3);
}

TEST_CASE("what was finished beyond the committed offset is not handled again, and its receipt says so") {
    broker kafka(1);
    kafka.write(numbered(0, 50));
    settings::file s = kafka.settings();
    s.processor.drain_timeout_ms = 200;
    {
        script told([](const processor::delivery& d) {
            if (d.event->id == "7")
                return plan{.what = terminal, .error_class = "http_4xx", .message = "410 Gone"};
            return stuck_at_first(d);
        });
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] { return p.status()["totals"]["processed"] == 48; }));
        REQUIRE(eventually([&] { return p.receipt(0, 7)["state"] == "dead_lettered"; }));
    }
    CHECK(kafka.committed(0) == 0);
    kafka.write({cloud_event("50"), cloud_event("3")});
    script told(at_once);
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(3);
    CHECK(handled(told) == std::multiset<std::string>{"0", "50"}); // and "3" is known too
    const json totals = p.status()["totals"];
    CHECK(totals["processed"] == 2);
    CHECK(totals["duplicates"] == 1);
    CHECK(has_metric(p, "millrace_processor_events_recalled_total 49"));
    CHECK(p.receipt(0, 3)["state"] == "processed");
    CHECK(p.receipt(0, 3)["id"] == "3");
    const json dead = p.receipt(0, 7);
    CHECK(dead["state"] == "dead_lettered");
    CHECK(dead["error"]["message"] == "410 Gone");
    CHECK(eventually([&] { return kafka.committed(0) == 52; }));
}

TEST_CASE("an event that waits for its turn is no duplicate of the one that was dropped for its sake") {
    broker kafka(1);
    kafka.write({cloud_event("first"), cloud_event("twice"), cloud_event("twice")});
    settings::file s = kafka.settings();
    s.processor.drain_timeout_ms = 200;
    {
        script told([](const processor::delivery&) { return plan{.delay = milliseconds{1h}}; });
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] { return p.receipt(0, 2)["state"] == "duplicate"; }));
    }
    CHECK(kafka.committed(0) == 0);
    kafka.write({cloud_event("twice")});
    s.processor.concurrency = 1; // "twice" waits for "first" while the one that was dropped goes by
    script told(
        [](const processor::delivery& d) { return value(d.offset) == 0 ? plan{.delay = 500ms} : plan{}; });
    running_processor p(s, told.factory());
    p.wait_until_final(3);
    CHECK(handled(told) == std::multiset<std::string>{"first", "twice"});
    CHECK(has_metric(p, "millrace_processor_events_recalled_total 1"));
    CHECK(p.receipt(0, 1)["state"] == "processed");
    CHECK(p.receipt(0, 3)["state"] == "duplicate");
    CHECK(eventually([&] { return kafka.committed(0) == 4; }));
}

TEST_CASE("a member that does not have the partition tells what is finished beyond the committed offset") {
    broker kafka(1);
    kafka.write(numbered(0, 10));
    script told(stuck_at_first);
    settings::file s = kafka.settings();
    s.processor.drain_timeout_ms = 200;
    running_processor first(s, told.factory());
    REQUIRE(eventually([&] { return first.status()["totals"]["processed"] == 9; }));
    running_processor standby(s, told.factory());
    // Either of them may get it now, and may have it for a moment before the other joins.
    CHECK(eventually([&] {
        const auto a = first.status()["partitions"].size(), b = standby.status()["partitions"].size();
        const running_processor& other = a == 0 ? first : standby;
        return a + b == 1 && other.receipt(0, 9)["state"] == "processed" &&
               other.receipt(0, 0)["state"] == "pending";
    }));
    CHECK(kafka.committed(0) == 0);
}

TEST_CASE("a broker that takes only short notes still gets the commits") {
    broker kafka(1);
    constexpr int offset_commit = 8;
    constexpr int metadata_too_large = 12;
    kafka.cluster().fail_requests(offset_commit, metadata_too_large, 3);
    kafka.write(numbered(0, 10));
    running_processor p(kafka.settings());
    p.wait_until_final(10);
    CHECK(eventually([&] { return kafka.committed(0) == 10; }));
    CHECK(has_metric(p, "millrace_processor_commit_failures_total 3"));
}
