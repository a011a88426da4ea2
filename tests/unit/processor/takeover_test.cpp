// What a partition makes of the notes of its last owner, and what it leaves to its next one.
#include "millrace/processor/partition.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace millrace;
using namespace millrace::processor;
using namespace std::chrono_literals;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

const hash128 an_event = event_hasher({1, 2}).of("/s", "1").name();

struct fixture {
    fixture() {
        limits.dedup = {.window = 600'000ms, .max_entries = 1'000};
        limits.receipts = 16;
    }

    void take_over(std::int64_t committed, const commit_notes& notes = {}) {
        p.assign(at(committed), sources, limits);
        p.take_over(notes, limits);
    }

    name_table sources{10};
    partition_limits limits;
    partition p{{"events", partition_id{3}}, 0};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the tail begins where the notes say, else as far back as the window can hold") {
    struct row {
        std::int64_t committed;
        std::optional<record_offset> noted;
        std::int64_t begin;
    };
    for (const row& r : {row{5'000, at(4'700), 4'700},
                         {5'000, std::nullopt, 4'000},
                         {5'000, at(10), 4'000}, // more than can be remembered
                         {300, std::nullopt, 0}}) {
        take_over(r.committed, {.tail = r.noted});
        CHECK(p.rebuilding());
        CHECK(p.tail.begin() == at(r.begin));
        CHECK(p.tracker.position() == at(r.committed)); // lag and position are those of what is to be handled
        CHECK_FALSE(p.to_commit());
        CHECK(p.settled());
    }
    take_over(0);
    CHECK_FALSE(p.rebuilding());
    limits.dedup.window = 0ms;
    take_over(5'000, {.tail = at(4'700)});
    CHECK_FALSE(p.rebuilding());
}

TEST_CASE_FIXTURE(fixture,
                  "what is read of the tail is no sign of another log; handling begins at the commit") {
    take_over(100, {.tail = at(90)});
    for (std::int64_t n = 90; n < 98; ++n) { // 98 and 99 are not there any more
        CHECK(p.tail.covers(at(n)));
        CHECK_FALSE(p.trusts(at(n)));
        CHECK_FALSE(p.hear(at(n)));
        p.tail.read(at(n), 10);
    }
    CHECK(p.heard());
    CHECK_FALSE(p.doubted());
    CHECK_FALSE(p.tail.covers(at(100)));
    CHECK_FALSE(p.hear(at(100)));
    CHECK_FALSE(p.rebuilding());
    CHECK(p.trusts(at(100)));
    CHECK(p.hear(at(95))); // from now on that is one
    CHECK(p.doubted());
}

TEST_CASE_FIXTURE(fixture, "a record before the tail, and a log that ends within it, are of another log") {
    take_over(100, {.tail = at(90)});
    SUBCASE("a record before it") {
        CHECK(p.hear(at(3)));
    }
    SUBCASE("the end of the log") {
        p.tail.finish(); // as the pipeline does
        CHECK(p.hear(at(95)));
    }
    CHECK(p.doubted());
    CHECK_FALSE(p.trusts(at(100)));
    p.start_over(at(0), sources, limits);
    CHECK_FALSE(p.rebuilding());
    CHECK_FALSE(p.was_finished(at(0)));
}

TEST_CASE_FIXTURE(fixture, "a tail with a witness is looked at when it is first heard of") {
    take_over(100, {.seen = witness{at(99), unix_ms{1}, 2}, .tail = at(90)});
    CHECK(p.hear(at(90)));
    CHECK_FALSE(p.hear(at(91)));
}

TEST_CASE_FIXTURE(fixture, "what was finished beyond the commit is known until it has come again") {
    limits.dedup.window = 0ms;
    take_over(100, {.finished = {{at(101), at(103)}, {at(105), at(106)}}});
    std::vector<std::int64_t> to_handle;
    for (std::int64_t n = 100; n < 110; ++n) {
        if (!p.trusts(at(n)))
            p.hear(at(n));
        REQUIRE_FALSE(p.doubted());
        CHECK(p.is_finished(at(n)) == p.was_finished(at(n)));
        const auto s = p.tracker.add(at(n));
        if (p.was_finished(at(n)))
            p.tracker.finish(s);
        else
            to_handle.push_back(n);
    }
    CHECK(to_handle == std::vector<std::int64_t>{100, 103, 104, 106, 107, 108, 109});
    CHECK(p.trusts(at(110))); // and nothing is looked up any more
    CHECK(p.notes().finished == offset_runs{{at(101), at(103)}, {at(105), at(106)}});
}

TEST_CASE_FIXTURE(fixture, "what has not come again before the next handover is passed on") {
    take_over(100, {.finished = {{at(101), at(103)}, {at(105), at(200)}}});
    p.hear(at(100));
    p.tracker.finish(p.tracker.add(at(100)));
    p.hear(at(101));
    p.tracker.finish(p.tracker.add(at(101)));
    CHECK(p.to_commit() == at(102));
    CHECK(p.notes().finished == offset_runs{{at(102), at(103)}, {at(105), at(200)}});
    CHECK(p.is_finished(at(150)) == true);
    CHECK(p.is_finished(at(104)) == false);
}

TEST_CASE_FIXTURE(fixture,
                  "what is finished beyond a watermark that stands still is committed with the notes") {
    p.assign(at(0), sources, limits);
    const auto slow = p.tracker.add(at(0));
    const auto quick = p.tracker.add(at(1));
    CHECK_FALSE(p.to_commit(true));
    CHECK(p.settled());
    p.tracker.finish(quick);
    CHECK_FALSE(p.to_commit());
    CHECK(p.to_commit(true) == at(0));
    CHECK_FALSE(p.settled());
    CHECK(p.notes().finished == offset_runs{{at(1), at(2)}});
    p.commit_asked(at(0));
    CHECK_FALSE(p.to_commit(true));
    CHECK_FALSE(p.settled());
    p.commit_failed();
    CHECK(p.to_commit(true) == at(0));
    p.commit_asked(at(0));
    p.commit_succeeded(at(0));
    CHECK(p.settled());
    CHECK_FALSE(p.to_commit(true));
    p.tracker.finish(slow);
    CHECK(p.to_commit() == at(2));
    CHECK(p.notes().finished.empty());
}

TEST_CASE_FIXTURE(fixture, "a partition that comes back as it was left is not read again") {
    take_over(100, {.tail = at(90)});
    p.tail.finish();
    p.hear(at(100));
    const auto s = p.tracker.add(at(100));
    CHECK_FALSE(p.dedup.seen_before(an_event, unix_ms{1}));
    const auto give_up = [&] {
        p.revoke();
        p.give_up();
        CHECK(p.dedup.size() == 0);
    };
    SUBCASE("all that was seen is final and committed") {
        p.tracker.finish(s);
        p.commit_succeeded(at(101));
        give_up();
        take_over(101, {.tail = at(90)});
        CHECK_FALSE(p.rebuilding());
        CHECK(p.dedup.seen_before(an_event, unix_ms{1}));
        return;
    }
    SUBCASE("it was not final: to be handled, not to be taken for a duplicate of itself") {
        give_up();
        take_over(100, {.tail = at(90)});
    }
    SUBCASE("it was final and not committed") {
        p.tracker.finish(s);
        give_up();
        take_over(100, {.tail = at(90)});
    }
    SUBCASE("somebody else went on from there") {
        p.tracker.finish(s);
        p.commit_succeeded(at(101));
        give_up();
        take_over(102, {.tail = at(90)});
    }
    SUBCASE("it was away for long") {
        p.tracker.finish(s);
        p.commit_succeeded(at(101));
        give_up();
        p.forget();
        take_over(101, {.tail = at(90)});
    }
    CHECK(p.rebuilding());
    CHECK_FALSE(p.dedup.seen_before(an_event, unix_ms{1}));
}
