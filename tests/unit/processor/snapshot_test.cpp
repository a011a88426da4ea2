// /status and receipts as JSON: every field is there, what is unknown is null, any text can be said.
#include "millrace/processor/snapshot.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using namespace millrace;
using namespace millrace::processor;
using nlohmann::json;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

} // namespace

TEST_CASE("what is not known is null") {
    snapshot s;
    s.version = "1.2.3";
    s.group.id = "g";
    s.partitions.push_back({.name = {"events", partition_id{2}}});
    const json j = json::parse(to_json(s));
    CHECK(j["service"] == "millrace-processor");
    CHECK(j["version"] == "1.2.3");
    CHECK(j["state"] == "starting");
    CHECK(j["group"]["id"] == "g");
    for (const char* name : {"member_id", "protocol", "state", "last_rebalance_at"})
        CHECK(j["group"].at(name).is_null());
    CHECK(j["group"]["rebalances"] == 0);
    const json& p = j["partitions"][0];
    CHECK(p["topic"] == "events");
    CHECK(p["partition"] == 2);
    for (const char* name : {"committed_offset", "processed_offset", "position", "end_offset", "lag",
                             "oldest_in_flight_seconds"})
        CHECK(p.at(name).is_null());
    CHECK(p["in_flight"] == 0);
    CHECK(j["totals"]["duplicates"].is_null());
    CHECK(j["totals"]["received"] == 0);
    for (const char* rate : {"received_per_second", "processed_per_second"})
        for (const char* span : {"10s", "60s"})
            CHECK(j["rates"].at(rate).at(span).is_null());
    for (const char* what : {"end_to_end_ms", "handler_ms"})
        for (const char* q : {"p50", "p90", "p99"})
            CHECK(j["latency"].at(what).at(q).is_null());
    CHECK(j["kafka"]["last_error"].is_null());
    CHECK(j["by_type"].empty());
}

TEST_CASE("what is known is said") {
    snapshot s;
    s.state = service_state::running;
    s.partitions.push_back({.name = {"events", partition_id{0}},
                            .state = partition_state::throttled,
                            .committed = at(10),
                            .processed = at(12),
                            .position = at(15),
                            .end = at(40),
                            .in_flight = 3,
                            .oldest_in_flight_s = 1.5});
    s.totals.duplicates = 4;
    s.group.last_rebalance = unix_ms{0};
    s.handler.name = "count";
    s.handler.own_json = R"({"counts":[1]})";
    s.end_to_end.p99_ms = 2.5;
    s.by_type = {{"b", 9}, {"a", 3}};
    const std::string text = to_json(s);
    const json j = json::parse(text);
    const json& p = j["partitions"][0];
    CHECK(p["state"] == "throttled");
    CHECK(p["committed_offset"] == 10);
    CHECK(p["processed_offset"] == 12);
    CHECK(p["position"] == 15);
    CHECK(p["end_offset"] == 40);
    CHECK(p["lag"] == 25);
    CHECK(p["oldest_in_flight_seconds"] == 1.5);
    CHECK(j["totals"]["duplicates"] == 4);
    CHECK(j["group"]["last_rebalance_at"] == "1970-01-01T00:00:00.000Z");
    CHECK(j["handler"]["counts"][0] == 1);
    CHECK(j["latency"]["end_to_end_ms"]["p99"] == 2.5);
    CHECK(text.find(R"("b":9)") < text.find(R"("a":3)"));
}

TEST_CASE("lag is never negative and never made up") {
    partition_snapshot p;
    p.position = at(10);
    CHECK_FALSE(p.lag());
    p.end = at(8);
    CHECK(*p.lag() == 0);
    p.end = at(10);
    CHECK(*p.lag() == 0);
}

TEST_CASE("a receipt") {
    receipt r;
    r.where = {"events", partition_id{3}, at(7)};
    const json blank = json::parse(to_json(r));
    CHECK(blank["state"] == "pending");
    for (const char* name : {"id", "source", "attempts", "error", "updated_at"})
        CHECK(blank.at(name).is_null());
    r.state = event_state::dead_lettered;
    r.id = "x";
    r.source = "\xff";
    r.attempts = 5;
    r.error_class = "timeout";
    r.error_message = "no answer";
    r.updated = unix_ms{1'000};
    const json full = json::parse(to_json(r));
    CHECK(full["topic"] == "events");
    CHECK(full["partition"] == 3);
    CHECK(full["offset"] == 7);
    CHECK(full["state"] == "dead_lettered");
    CHECK(full["id"] == "x");
    CHECK(full["source"] == "\xef\xbf\xbd");
    CHECK(full["attempts"] == 5);
    CHECK(full["error"]["class"] == "timeout");
    CHECK(full["error"]["message"] == "no answer");
    CHECK(full["updated_at"] == "1970-01-01T00:00:01.000Z");
}
