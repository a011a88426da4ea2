// What counts as stalled, from when on, and what is said when it begins and ends.
#include "millrace/processor/stall_watch.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::processor;
using namespace std::chrono_literals;
using enum stall_reason;

namespace {

const topic_partition p0{"events", partition_id{0}};
const topic_partition p1{"events", partition_id{1}};

struct fixture {
    stall_watch w{{.handler = 60'000ms, .progress = 30'000ms}};
    steady_time start = steady_clock::now();

    stall_watch::changes look(std::chrono::seconds after, look_around seen) {
        return w.look(std::move(seen), start + after);
    }
    stall_watch::changes look(std::chrono::seconds after, look_around::partition p) {
        look_around seen;
        seen.partitions.push_back(std::move(p));
        return look(after, std::move(seen));
    }
    look_around::attempt late(std::int64_t offset, std::chrono::seconds began = 0s) const {
        return {p0, record_offset{offset}, "id-" + std::to_string(offset), start + began};
    }
};

look_around::partition course(std::uint64_t progress, bool waiting = true, bool excused = false) {
    return {p0, progress, waiting, excused, record_offset{7}, "seven"};
}

} // namespace

TEST_CASE_FIXTURE(fixture, "a late attempt is a stall until it ends, told once at each end") {
    look_around seen;
    seen.late = {late(3)};
    auto c = look(61s, seen);
    REQUIRE(c.begun.size() == 1);
    CHECK(c.begun[0].reason == handler_late);
    CHECK(c.begun[0].of == p0);
    CHECK(c.begun[0].offset == record_offset{3});
    CHECK(c.begun[0].id == "id-3");
    CHECK(c.begun[0].since == start);
    CHECK(w.now().size() == 1);
    CHECK(w.count(handler_late) == 1);
    c = look(62s, seen);
    CHECK(c.begun.empty());
    CHECK(c.ended.empty());
    c = look(63s, look_around{});
    REQUIRE(c.ended.size() == 1);
    CHECK(c.ended[0].offset == record_offset{3});
    CHECK(w.now().empty());
    CHECK(w.count(handler_late) == 0);
}

TEST_CASE_FIXTURE(fixture, "another attempt at the same event is another stall") {
    look_around seen;
    seen.late = {late(3)};
    look(61s, seen);
    seen.late = {late(3, 70s)};
    const auto c = look(131s, seen);
    CHECK(c.begun.size() == 1);
    CHECK(c.ended.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "of very many late ones the oldest are told, and all are counted") {
    look_around seen;
    for (int i = 0; i < 1'000; ++i)
        seen.late.push_back(late(i, std::chrono::seconds(1'000 - i)));
    const auto c = look(2'000s, seen);
    CHECK(c.begun.size() == stall_watch::max_told);
    CHECK(w.now().front().offset == record_offset{999});
    CHECK(w.count(handler_late) == 1'000);
}

TEST_CASE_FIXTURE(fixture, "a partition with work and no progress for so long is stalled; progress ends it") {
    CHECK(look(0s, course(5)).begun.empty());
    CHECK(look(29s, course(5)).begun.empty());
    auto c = look(30s, course(5));
    REQUIRE(c.begun.size() == 1);
    CHECK(c.begun[0].reason == no_progress);
    CHECK(c.begun[0].offset == record_offset{7});
    CHECK(c.begun[0].id == "seven");
    CHECK(c.begun[0].since == start);
    CHECK(look(31s, course(5)).begun.empty());
    CHECK(w.count(no_progress) == 1);
    c = look(32s, course(6));
    CHECK(c.ended.size() == 1);
    CHECK(w.now().empty());
    CHECK(look(61s, course(6)).begun.empty()); // from the last sign of progress on
    CHECK(look(62s, course(6)).begun.size() == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "who has nothing to do, or is excused, is not stalled, and begins anew after that") {
    for (const auto& idle : {course(5, false), course(5, true, true)}) {
        CHECK(look(0s, course(5)).begun.empty());
        CHECK(look(40s, idle).begun.empty());
        CHECK(look(60s, course(5)).begun.empty());
        CHECK(look(69s, course(5)).begun.empty());
        CHECK(look(70s, course(5)).begun.size() == 1);
        look(71s, look_around{}); // given up: what is not seen is not stalled
        CHECK(w.now().empty());
    }
}

TEST_CASE_FIXTURE(fixture, "partitions are judged one by one") {
    look_around seen;
    seen.partitions = {course(1), {p1, 1, true}};
    look(0s, seen);
    seen.partitions[1].progress = 2;
    look(20s, seen);
    const auto c = look(30s, seen);
    REQUIRE(c.begun.size() == 1);
    CHECK(c.begun[0].of == p0);
}

TEST_CASE_FIXTURE(fixture, "a group that does not settle") {
    look_around seen;
    seen.settled = false;
    CHECK(look(0s, seen).begun.empty());
    const auto c = look(30s, seen);
    REQUIRE(c.begun.size() == 1);
    CHECK(c.begun[0].reason == group_unsettled);
    CHECK(c.begun[0].of.topic.empty());
    CHECK(look(31s, look_around{}).ended.size() == 1);
    CHECK(look(40s, seen).begun.empty());
    CHECK(look(69s, seen).begun.empty());
    CHECK(look(70s, seen).begun.size() == 1);
}

TEST_CASE_FIXTURE(fixture, "without a limit nothing ever takes too long") {
    w = stall_watch({.handler = 60'000ms, .progress = 0ms});
    look_around seen;
    seen.settled = false;
    seen.partitions = {course(1)};
    look(0s, seen);
    CHECK(look(std::chrono::hours(10), seen).begun.empty());
}

TEST_CASE_FIXTURE(fixture, "what is told to people has coordinates and time") {
    const steady_time now = start + 65s;
    CHECK(describe({handler_late, p0, record_offset{3}, "x", start}, now) ==
          "the handler has had events/0/3 (id x) for 65 s");
    CHECK(describe({no_progress, p1, record_offset{3}, "", start}, now) ==
          "nothing of events/1 was read or became final for 65 s; the oldest event is events/1/3");
    CHECK(describe({no_progress, p1, std::nullopt, "", start}, now) ==
          "nothing of events/1 was read or became final for 65 s");
    CHECK(describe({group_unsettled, {}, std::nullopt, "", start}, now) ==
          "no settled member of the group for 65 s");
}
