// Windows of a minute, by a clock that the test sets.
#include "millrace/processor/minute_counts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

namespace {

constexpr unix_ms at(std::int64_t minute, std::int64_t ms = 0) {
    return unix_ms{29'000'000LL * 60'000 + minute * 60'000 + ms};
}

using windows = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("what is counted between two turns is of the minute that began with the first") {
    minute_counts c(at(0, 30'000));
    const auto a = c.add();
    c.count(a) += 3;
    CHECK(c.per_minute(a) == windows{3});
    c.turn(at(0, 59'999)); // the minute is not over
    CHECK(c.per_minute(a) == windows{3});
    CHECK(c.running_since() == at(0));
    c.turn(at(1));
    CHECK(c.per_minute(a) == windows{0, 3});
    CHECK(c.running_since() == at(1));
    c.count(a) += 5;
    c.turn(at(2, 7));
    c.count(a) += 1;
    CHECK(c.per_minute(a) == windows{1, 5, 3});
    CHECK(c.count(a) == 9);
}

TEST_CASE("each count has windows of its own, from when it was made") {
    minute_counts c(at(0));
    const auto a = c.add();
    ++c.count(a);
    c.turn(at(1));
    const auto b = c.add();
    c.count(b) += 2;
    c.turn(at(2));
    CHECK(c.per_minute(a) == windows{0, 0, 1});
    CHECK(c.per_minute(b) == windows{0, 2});
    CHECK(c.size() == 2);
}

TEST_CASE("60 windows are kept: the running one and 59 that ended") {
    minute_counts c(at(0));
    const auto a = c.add();
    for (std::int64_t minute = 0; minute < 200; ++minute) {
        c.turn(at(minute));
        c.count(a) += static_cast<std::uint64_t>(minute) + 1;
        const windows seen = c.per_minute(a);
        REQUIRE(seen.size() == static_cast<std::size_t>(std::min<std::int64_t>(minute + 1, 60)));
        for (std::size_t age = 0; age < seen.size(); ++age)
            REQUIRE(seen[age] == static_cast<std::uint64_t>(minute) + 1 - age);
    }
}

TEST_CASE("minutes without a turn are empty, however many") {
    struct {
        std::int64_t next;
        windows seen;
    } const cases[] = {
        {2, {0, 2, 1}}, {3, {0, 0, 2, 1}}, {60, {windows(60, 0)}}, {61, {0}}, {100'000, {0}},
    };
    for (const auto& [next, seen] : cases) {
        CAPTURE(next);
        minute_counts c(at(0));
        const auto a = c.add();
        ++c.count(a);
        c.turn(at(1));
        c.count(a) += 2;
        c.turn(at(next));
        windows wanted = seen;
        if (next == 60)
            wanted[59] = 2; // the oldest that is kept
        CHECK(c.per_minute(a) == wanted);
        CHECK(c.count(a) == 3);
        c.turn(at(next + 1));
        if (next < 60)
            wanted.insert(wanted.begin(), 0);
        else
            wanted = {0};
        CHECK(c.per_minute(a) == wanted);
    }
}

TEST_CASE("minutes that were skipped hold nothing of an hour ago") {
    minute_counts c(at(0));
    const auto a = c.add();
    for (std::int64_t minute = 0; minute < 100; ++minute) {
        c.turn(at(minute));
        c.count(a) += 7;
    }
    c.turn(at(109));
    windows wanted(60, 7);
    std::fill_n(wanted.begin(), 10, 0); // 100 to 108, and the one that runs
    CHECK(c.per_minute(a) == wanted);
}

TEST_CASE("a clock that is set back lengthens the running window") {
    minute_counts c(at(10));
    const auto a = c.add();
    ++c.count(a);
    c.turn(at(3));
    ++c.count(a);
    CHECK(c.per_minute(a) == windows{2});
    CHECK(c.running_since() == at(10));
    c.turn(at(11));
    CHECK(c.per_minute(a) == windows{0, 2});
}

TEST_CASE("how long the running window lasts") {
    const minute_counts c(at(5, 100));
    CHECK(c.left(at(5, 100)) == milliseconds{59'900});
    CHECK(c.left(at(5, 59'999)) == milliseconds{1});
    CHECK(c.left(at(6)) == milliseconds{1});       // due
    CHECK(c.left(at(9)) == milliseconds{1});       // overdue
    CHECK(c.left(at(4)) == milliseconds{120'000}); // set back
}
