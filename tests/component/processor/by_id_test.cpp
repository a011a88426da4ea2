// GET /v1/events?id=…: the same receipt as by coordinates, for the events that were begun lately.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

written event_of(const std::string& id, const std::string& source, int partition = 0) {
    written w = cloud_event(id, {}, partition);
    for (auto& [name, value] : w.headers)
        if (name == "ce_source")
            value = source;
    return w;
}

json by_id(const running_processor& p, const std::string& query) {
    return json::parse(p.get("/v1/events?" + query).body);
}

} // namespace

TEST_CASE("an event is found by its id, where it helps with its source; the most recent one wins") {
    broker kafka;
    kafka.write({event_of("a", "/one", 0), event_of("b", "/one", 1), event_of("a", "/two", 2),
                 event_of("c d", "/one")});
    running_processor p(kafka.settings());
    p.wait_until_final(4);
    CHECK(by_id(p, "id=b") == p.receipt(1, 0));
    CHECK(by_id(p, "id=a&source=/one") == p.receipt(0, 0));
    CHECK(by_id(p, "id=a&source=%2Ftwo") == p.receipt(2, 0));
    CHECK(by_id(p, "id=c+d&wait=5") == p.receipt(0, 1));
    CHECK(by_id(p, "id=c%20d")["state"] == "processed");

    kafka.write({event_of("b", "/other", 0)});
    p.wait_until_final(5);
    CHECK(by_id(p, "id=b") == p.receipt(0, 2));
    CHECK(by_id(p, "id=b&source=/one") == p.receipt(1, 0));

    for (const char* query : {"id=x", "id=a&source=/three", "id=A"}) {
        CAPTURE(query);
        const http_answer answer = p.get(std::string("/v1/events?") + query);
        CHECK(answer.status == 404);
        CHECK(json::parse(answer.body)["code"] == "not_found");
    }
    CHECK(p.get("/v1/events").status == 400);
    CHECK(p.get("/v1/events?source=/one").status == 400);
    CHECK(test::post(p.port(), "/v1/events", "application/json", "{}").status == 405);
}

TEST_CASE("a record without an id is found by the id that it was given") {
    broker kafka;
    kafka.write({{std::nullopt, "[1]", {}, 1}});
    running_processor p(kafka.settings());
    p.wait_until_final(1);
    CHECK(by_id(p, "id=events/1/0") == p.receipt(1, 0));
}

TEST_CASE("a duplicate is the event before it, which says more") {
    broker kafka(1);
    kafka.write({cloud_event("a"), cloud_event("b"), cloud_event("a"), cloud_event("a")});
    script told(
        [](const processor::delivery& d) { return plan{.what = d.event->id == "a" ? terminal : done}; });
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(4);
    CHECK(p.receipt(0, 3)["state"] == "duplicate");
    CHECK(by_id(p, "id=a")["state"] == "dead_lettered");
    CHECK(by_id(p, "id=a")["offset"] == 0);
}

TEST_CASE("who waits is told of an event that comes later, and when it is final") {
    broker kafka(1);
    std::atomic<bool> open{false};
    script told([&](const processor::delivery&) { return plan{.what = open ? done : retry, .delay = 5ms}; });
    settings::file s = kafka.settings();
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    running_processor p(s, told.factory());
    p.wait_until_ready();
    auto held = std::async(std::launch::async, [&] { return by_id(p, "id=late&wait=9"); });
    REQUIRE(eventually([&] {
        return p.get("/metrics").body.find("millrace_processor_receipts_held 1") != std::string::npos;
    }));
    kafka.write({cloud_event("late")});
    REQUIRE(eventually([&] { return p.status()["totals"]["retried"] > 0; }));
    CHECK(by_id(p, "id=late&wait=0.1")["state"] != "processed");
    open = true;
    CHECK(held.get()["state"] == "processed");
    CHECK(p.get("/v1/events?id=never&wait=0.2").status == 404);

    auto last = std::async(std::launch::async, [&] { return p.get("/v1/events?id=never&wait=9").status; });
    REQUIRE(eventually([&] {
        return p.get("/metrics").body.find("millrace_processor_receipts_held 1") != std::string::npos;
    }));
    p.stop(); // answers what it holds
    CHECK(last.get() == 404);
}

TEST_CASE("older than the receipts in memory: the record is looked at") {
    broker kafka(1);
    std::vector<written> many{cloud_event("first")};
    for (int i = 0; i < 9'000; ++i)
        many.push_back(cloud_event(std::to_string(i)));
    kafka.write(many);
    running_processor p(kafka.settings());
    p.wait_until_final(many.size());
    CHECK(eventually([&] { return kafka.committed(0) == static_cast<std::int64_t>(many.size()); }));
    const json first = by_id(p, "id=first");
    CHECK(first["state"] == "processed");
    CHECK(first["offset"] == 0);
    CHECK(first["attempts"].is_null()); // asked of Kafka
    CHECK(by_id(p, "id=first&source=/test")["offset"] == 0);
    CHECK(p.get("/v1/events?id=first&source=/other").status == 404);
}

TEST_CASE("of more than may be remembered the oldest is not found, and off is off") {
    broker kafka(1);
    kafka.write({cloud_event("1"), cloud_event("2"), cloud_event("3")});
    settings::file s = kafka.settings();
    SUBCASE("two") {
        s.processor.recent_ids = 2;
        running_processor p(s);
        p.wait_until_final(3);
        CHECK(p.get("/v1/events?id=1").status == 404);
        CHECK(p.get("/v1/events?id=2").status == 200);
        CHECK(p.get("/v1/events?id=3").status == 200);
    }
    SUBCASE("off") {
        s.processor.recent_ids = 0;
        running_processor p(s);
        p.wait_until_final(3);
        const http_answer answer = p.get("/v1/events?id=3&wait=9");
        CHECK(answer.status == 404); // at once
        CHECK(json::parse(answer.body)["detail"].get<std::string>().find("recent_ids") != std::string::npos);
    }
}

TEST_CASE(
    "a partition that was given up is forgotten; who takes it over learns its ids from the tail of its log") {
    broker kafka(2);
    kafka.write({cloud_event("zero", {}, 0), cloud_event("one", {}, 1)});
    running_processor first(kafka.settings());
    first.wait_until_final(2);
    CHECK(first.get("/v1/events?id=zero").status == 200);
    CHECK(first.get("/v1/events?id=one").status == 200);
    running_processor second(kafka.settings());
    REQUIRE(eventually([&] {
        return first.status()["partitions"].size() == 1 && second.status()["partitions"].size() == 1;
    }));
    const bool kept_zero = first.status()["partitions"][0]["partition"] == 0;
    const std::string kept = kept_zero ? "/v1/events?id=zero" : "/v1/events?id=one";
    const std::string moved = kept_zero ? "/v1/events?id=one" : "/v1/events?id=zero";
    CHECK(first.get(moved).status == 404);
    CHECK(eventually([&] { return second.get(moved).status == 200; }));
    CHECK(json::parse(second.get(moved).body)["state"] == "processed");
    CHECK(second.get(kept).status == 404);
}
