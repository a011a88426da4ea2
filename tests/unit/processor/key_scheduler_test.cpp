// Order within a lane, freedom across lanes, a bound on what runs; a slow lane holds up itself only.
#include "millrace/processor/key_scheduler.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <vector>

using millrace::processor::key_scheduler;
using ticket = key_scheduler::ticket;

TEST_CASE("one lane runs one after the other, in order") {
    key_scheduler s(8);
    CHECK(s.offer(0, 0, 1));
    CHECK_FALSE(s.offer(1, 0, 1));
    CHECK_FALSE(s.offer(2, 0, 1));
    CHECK_FALSE(s.next());
    CHECK(s.held_back(0) == 2);
    s.finish(0);
    CHECK(s.next() == ticket{1});
    CHECK_FALSE(s.next());
    s.finish(1);
    CHECK(s.next() == ticket{2});
    s.finish(2);
    CHECK(s.running() == 0);
    CHECK(s.held_back(0) == 0);
}

TEST_CASE("lanes, partitions and events without a lane run side by side") {
    key_scheduler s(8);
    CHECK(s.offer(0, 0, 1));
    CHECK(s.offer(1, 0, 2));
    CHECK(s.offer(2, 1, 1)); // the same key in another partition
    CHECK(s.offer(3, 0, key_scheduler::unordered));
    CHECK(s.offer(4, 0, key_scheduler::unordered));
    CHECK(s.running() == 5);
}

TEST_CASE("no more run than there are permits, and the longest waiting goes first") {
    key_scheduler s(2);
    CHECK(s.offer(0, 0, 1));
    CHECK(s.offer(1, 0, 2));
    CHECK_FALSE(s.offer(2, 0, 3));
    CHECK_FALSE(s.offer(3, 0, 4));
    CHECK(s.ready() == 2);
    CHECK(s.held_back(0) == 0); // only a permit is missing
    CHECK_FALSE(s.next());
    s.finish(1);
    CHECK(s.next() == ticket{2});
    CHECK_FALSE(s.next());
    s.finish(0);
    CHECK(s.next() == ticket{3});
}

TEST_CASE("a newcomer does not overtake those that wait for a permit") {
    key_scheduler s(1);
    CHECK(s.offer(0, 0, 1));
    CHECK_FALSE(s.offer(1, 0, 2));
    s.finish(0);
    CHECK_FALSE(s.offer(2, 0, 3));
    CHECK(s.next() == ticket{1});
}

TEST_CASE("an event that waits for its retry holds its lane and nothing else") {
    key_scheduler s(1);
    CHECK(s.offer(0, 0, 1));
    CHECK_FALSE(s.offer(1, 0, 1)); // behind it
    CHECK_FALSE(s.offer(2, 0, 2)); // another key
    s.suspend(0);
    CHECK(s.running() == 0);
    CHECK(s.held_back(0) == 2);
    CHECK(s.next() == ticket{2});
    CHECK_FALSE(s.next());
    s.resume(0);
    CHECK_FALSE(s.next()); // the permit is taken
    s.finish(2);
    CHECK(s.next() == ticket{0});
    s.finish(0);
    CHECK(s.next() == ticket{1});
}

TEST_CASE("whatever it is doing, an event can be withdrawn") {
    key_scheduler s(2);
    CHECK(s.offer(0, 0, 1));
    for (const ticket t : {1U, 2U, 3U})
        CHECK_FALSE(s.offer(t, 0, 1));
    SUBCASE("in the middle of its lane") {
        s.finish(2);
        s.finish(0);
        CHECK(s.next() == ticket{1});
        s.finish(1);
        CHECK(s.next() == ticket{3});
    }
    SUBCASE("at the end of its lane, and the lane goes on after it") {
        s.finish(3);
        CHECK_FALSE(s.offer(4, 0, 1));
        s.finish(1);
        s.finish(2);
        s.finish(0);
        CHECK(s.next() == ticket{4});
    }
    SUBCASE("while only a permit is missing") {
        CHECK(s.offer(4, 0, 2));
        CHECK_FALSE(s.offer(5, 0, 3));
        CHECK_FALSE(s.offer(6, 0, 4));
        s.finish(5);
        s.finish(4);
        CHECK(s.next() == ticket{6});
        CHECK_FALSE(s.next());
    }
    SUBCASE("while it is suspended") {
        s.suspend(0);
        s.finish(0);
        CHECK(s.next() == ticket{1});
    }
}

TEST_CASE("what is held back is counted for each partition") {
    key_scheduler s(8);
    CHECK(s.offer(0, 0, 1));
    CHECK_FALSE(s.offer(1, 0, 1));
    CHECK(s.offer(2, 1, 1));
    CHECK_FALSE(s.offer(3, 1, 1));
    CHECK_FALSE(s.offer(4, 1, 1));
    CHECK(s.held_back(0) == 1);
    CHECK(s.held_back(1) == 2);
    CHECK(s.held_back(9) == 0);
}

// 50,000 random steps: order within a lane and the bound on permits hold at each of them, and nothing is left
// over.
TEST_CASE("against a plain model") {
    std::mt19937 random(11);
    key_scheduler s(5);
    std::map<key_scheduler::lane, std::vector<ticket>> lanes; // in order of arrival, unfinished ones
    std::map<ticket, key_scheduler::lane> lane_of;
    std::vector<ticket> running, suspended, free;
    for (ticket t = 0; t < 300; ++t)
        free.push_back(t);
    const auto take = [&](std::vector<ticket>& from) {
        const auto victim = from.begin() + static_cast<std::ptrdiff_t>(random() % from.size());
        const ticket t = *victim;
        from.erase(victim);
        return t;
    };
    const auto starts = [&](ticket t) {
        const auto lane = lane_of.at(t);
        if (lane != key_scheduler::unordered)
            REQUIRE(lanes[lane].front() == t);
        running.push_back(t);
        REQUIRE(running.size() <= 5);
    };
    for (int step = 0; step < 50'000 || free.size() < 300; ++step) {
        const auto dice = random() % 10;
        if (dice < 5 && !free.empty() && step < 50'000) {
            const ticket t = take(free);
            const key_scheduler::lane lane = random() % 20;
            lane_of[t] = lane;
            lanes[lane].push_back(t);
            if (s.offer(t, 0, lane))
                starts(t);
        } else if (dice < 7 && !running.empty()) {
            const ticket t = take(running);
            suspended.push_back(t);
            s.suspend(t);
        } else if (dice < 8 && !suspended.empty()) {
            s.resume(take(suspended));
        } else if (!running.empty()) {
            const ticket t = take(running);
            s.finish(t);
            std::erase(lanes[lane_of[t]], t);
            free.push_back(t);
        }
        while (const auto t = s.next())
            starts(*t);
        REQUIRE(s.running() == running.size());
    }
    CHECK(s.running() == 0);
    CHECK(s.ready() == 0);
    CHECK(s.held_back(0) == 0);
}
