// The lane rule by tables: what a closed loop of so many clients, a burst and a pause come to.
#include "lane_chooser.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace millrace;
using namespace millrace::kafka;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1h};

/// How many of the events of `clients` that send all at once, wait for all answers, and send again, are
/// prompt once the rule has seen one such turn.
std::size_t prompt_of(std::size_t clients) {
    lane_chooser chooser({.few = 8, .memory = 10ms});
    std::size_t prompt = 0;
    for (auto [turn, now] = std::pair{0, start}; turn < 2; ++turn, now += 1ms) {
        prompt = 0;
        for (std::size_t in_flight = 0; in_flight < clients; ++in_flight)
            if (chooser.choose(1, in_flight, now) == lane::prompt)
                ++prompt;
    }
    return prompt;
}

} // namespace

TEST_CASE("few clients are prompt, many travel in batches, and none is split") {
    CHECK(prompt_of(1) == 1);
    CHECK(prompt_of(4) == 4);
    CHECK(prompt_of(7) == 7);
    CHECK(prompt_of(8) == 0);
    CHECK(prompt_of(64) == 0);
}

TEST_CASE("a peak is remembered for one period at least and two at most") {
    for (const auto& [later, expected] :
         {std::pair{0ms, lane::batching}, std::pair{9ms, lane::batching}, std::pair{19ms, lane::batching},
          std::pair{20ms, lane::prompt}, std::pair{1'000ms, lane::prompt}}) {
        lane_chooser chooser({.few = 8, .memory = 10ms});
        for (std::size_t in_flight = 0; in_flight < 16; ++in_flight)
            chooser.choose(1, in_flight, start);
        CAPTURE(later.count());
        CHECK(chooser.choose(1, 0, start + later) == expected);
    }
}

TEST_CASE("a peak that goes on is never forgotten") {
    lane_chooser chooser({.few = 8, .memory = 10ms});
    for (auto now = start; now < start + 100ms; now += 1ms)
        for (std::size_t in_flight = 0; in_flight < 16; ++in_flight) {
            const lane chosen = chooser.choose(1, in_flight, now);
            if (now > start)
                CHECK(chosen == lane::batching);
        }
}

TEST_CASE("a request that is a batch itself counts with all its events") {
    lane_chooser chooser({.few = 8, .memory = 10ms});
    CHECK(chooser.choose(100, 0, start) == lane::batching);
    CHECK(chooser.choose(7, 0, start + 1s) == lane::prompt);
    CHECK(chooser.choose(1, 7, start + 1s) == lane::batching);
}
