// The lane rule by tables: what a closed loop of so many clients, a burst and a pause come to.
#include "lane_chooser.hpp"

#include <doctest/doctest.h>

namespace {

using namespace millrace::bench;
using namespace std::chrono_literals;
using time_point = lane_chooser::time_point;

constexpr time_point start{1h};

/// How many of the events of `clients` that send all at once, wait for all answers, and send again, are
/// prompt once the rule has seen one such turn.
std::size_t prompt_of(std::size_t clients, lane_rule rule = {}) {
    lane_chooser chooser(rule);
    std::size_t prompt = 0;
    for (auto [turn, now] = std::pair{0, start}; turn < 2; ++turn, now += 1ms) {
        prompt = 0;
        for (std::size_t in_flight = 0; in_flight < clients; ++in_flight)
            if (chooser.choose(in_flight, now) == lane::prompt)
                ++prompt;
    }
    return prompt;
}

} // namespace

TEST_CASE("few clients are prompt, more than a few travel in batches") {
    CHECK(prompt_of(1) == 1);
    CHECK(prompt_of(4) == 4);
    CHECK(prompt_of(7) == 7);
    CHECK(prompt_of(8) == 0);
    CHECK(prompt_of(256) == 0);
}

TEST_CASE("without memory the number of the moment decides: the first few of each turn are prompt") {
    CHECK(prompt_of(4, {5, 0ms}) == 4);
    CHECK(prompt_of(64, {5, 0ms}) == 4);
}

TEST_CASE("a peak is remembered for one period at least and two at most") {
    for (const auto& [later, expected] :
         {std::pair{0ms, lane::batching}, std::pair{9ms, lane::batching}, std::pair{19ms, lane::batching},
          std::pair{20ms, lane::prompt}, std::pair{1000ms, lane::prompt}}) {
        lane_chooser chooser({8, 10ms});
        chooser.choose(0, start);
        for (std::size_t in_flight = 1; in_flight < 16; ++in_flight)
            chooser.choose(in_flight, start);
        CAPTURE(later.count());
        CHECK(chooser.choose(0, start + later) == expected);
    }
}

TEST_CASE("a peak that goes on is never forgotten") {
    lane_chooser chooser({8, 10ms});
    for (auto now = start; now < start + 100ms; now += 1ms)
        for (std::size_t in_flight = 0; in_flight < 16; ++in_flight) {
            const lane chosen = chooser.choose(in_flight, now);
            if (now > start)
                CHECK(chosen == lane::batching);
        }
}
