// An event that lies in its partition twice, because a client tried again: handled once.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

std::size_t times(const script& told, const std::string& id) {
    const auto all = told.attempts();
    return static_cast<std::size_t>(std::ranges::count(all, id, &seen_attempt::id));
}

} // namespace

TEST_CASE("the second one is a duplicate: not handled, counted, committed, and its receipt says so") {
    broker kafka;
    written other_source = cloud_event("a");
    for (auto& [name, value] : other_source.headers)
        if (name == "ce_source")
            value = "/elsewhere";
    kafka.write({cloud_event("a"),
                 cloud_event("b"),
                 cloud_event("a"),
                 other_source,
                 {std::nullopt, "[1]", {}, 0},
                 {std::nullopt, "[1]", {}, 0}}); // plain records have no ids
    script told([](const processor::delivery&) { return plan{}; });
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(6);
    CHECK(times(told, "a") == 2); // one of each source
    CHECK(times(told, "b") == 1);
    const json totals = p.status()["totals"];
    CHECK(totals["processed"] == 5);
    CHECK(totals["duplicates"] == 1);
    CHECK(p.receipt(0, 0)["state"] == "processed");
    CHECK(p.receipt(0, 2)["state"] == "duplicate");
    CHECK(p.receipt(0, 2)["id"] == "a");
    CHECK(eventually([&] { return kafka.committed(0) == 6; }));
    CHECK(p.get("/metrics").body.find("outcome=\"duplicate\"} 1\n") != std::string::npos);
}

TEST_CASE("an event that is tried again is no duplicate of itself, and its duplicate waits for nothing") {
    broker kafka;
    kafka.write({cloud_event("a", "key"), cloud_event("a", "key"), cloud_event("b", "key")});
    script told([](const processor::delivery& d) { return plan{.what = d.attempt < 3 ? retry : done}; });
    settings::file s = kafka.settings();
    s.processor.retry.initial_backoff_ms = 1;
    running_processor p(s, told.factory());
    p.wait_until_final(3);
    CHECK(times(told, "a") == 3);
    CHECK(times(told, "b") == 3);
    const json totals = p.status()["totals"];
    CHECK(totals["processed"] == 2);
    CHECK(totals["duplicates"] == 1);
    CHECK(totals["dead_lettered"] == 0);
}

TEST_CASE("without a window both are handled, and nothing is said of duplicates") {
    broker kafka;
    kafka.write({cloud_event("a"), cloud_event("a")});
    settings::file s = kafka.settings();
    s.processor.dedup_window_seconds = 0;
    running_processor p(s);
    p.wait_until_final(2);
    const json totals = p.status()["totals"];
    CHECK(totals["processed"] == 2);
    CHECK(totals["duplicates"].is_null());
}
