// Where a log ends is known, whether or not anything is fetched of it.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

TEST_CASE("the end of a log goes on while the fetching of its partition is paused") {
    broker kafka(1);
    kafka.write(std::vector<written>(8, {"key", "1", {}, 0}));
    script told([](const processor::delivery&) { return plan{.what = retry, .delay = 5ms}; });
    settings::file s = kafka.settings();
    s.processor.max_waiting_events = 2;
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    running_processor p(s, told.factory());
    const auto partition = [&] { return p.status()["partitions"].at(0); };
    REQUIRE(
        eventually([&] { return !p.status()["partitions"].empty() && partition()["state"] == "throttled"; }));
    kafka.write(std::vector<written>(5, {"key", "1", {}, 0}));
    CHECK(eventually([&] { return partition()["end_offset"] == 13; }));
    const json now = partition();
    CHECK(now["state"] == "throttled");
    CHECK(now["lag"] == 13 - now["position"].get<int>());
}

TEST_CASE("of a partition of which nothing was read yet the end is known too") {
    broker kafka(2);
    running_processor p(kafka.settings());
    CHECK(eventually([&] {
        const json all = p.status()["partitions"];
        return all.size() == 2 && all[0]["end_offset"] == 0 && all[1]["lag"] == 0;
    }));
}
