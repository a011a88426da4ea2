// What users see over HTTP: receipts and their waits, status, health, readiness, metrics.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <future>
#include <vector>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

std::string code_of(const http_answer& answer) {
    return json::parse(answer.body)["code"];
}

} // namespace

TEST_CASE("the pages") {
    broker kafka;
    running_processor p(kafka.settings());
    CHECK(p.get("/healthz").status == 200);
    p.wait_until_ready();

    const json version = json::parse(p.get("/version").body);
    CHECK(version["name"] == "millrace-processor");
    for (const char* name : {"version", "commit", "libraries"})
        CHECK(version.contains(name));

    const std::string metrics = p.get("/metrics").body;
    for (const char* name : {"millrace_processor_events_received_total", "millrace_processor_events_total",
                             "millrace_processor_end_to_end_duration_seconds_bucket",
                             "millrace_processor_in_flight_events", "process_resident_memory_bytes"})
        CHECK(metrics.find(name) != std::string::npos);

    const json s = p.status();
    for (const char* name : {"service", "version", "state", "uptime_seconds", "group", "partitions", "totals",
                             "rates", "latency", "handler", "kafka", "by_type"})
        CHECK(s.contains(name));
    CHECK(s["state"] == "running");
    CHECK(s["handler"]["name"] == "count");
    CHECK(s["group"]["id"] == "millrace");
    CHECK(s["group"]["member_id"].is_string());
    CHECK(s["partitions"].size() == 3);

    CHECK(p.get("/nothing").status == 404);
    CHECK(code_of(p.get("/nothing")) == "not_found");
    CHECK(test::post(p.port(), "/status", "text/plain", "x").status == 405);
}

TEST_CASE("a receipt: where to look, and whether it is the event that was meant") {
    broker kafka;
    kafka.write({cloud_event("first"), cloud_event("second")});
    running_processor p(kafka.settings());
    p.wait_until_final(2);
    const json r = p.receipt(0, 1);
    CHECK(r["topic"] == "events");
    CHECK(r["partition"] == 0);
    CHECK(r["offset"] == 1);
    CHECK(r["state"] == "processed");
    CHECK(r["id"] == "second");
    CHECK(r["source"] == "/test");
    CHECK(r["attempts"] == 1);
    CHECK(r["error"].is_null());
    CHECK(r["updated_at"].is_string());

    struct row {
        const char* target;
        int status;
        const char* code;
    };
    for (const row& each : {row{"/v1/events/events/0/1?id=second", 200, ""},
                            {"/v1/events/events/0/1?id=%73econd&wait=5", 200, ""},
                            {"/v1/events/events/0/1?id=first", 409, "receipt_mismatch"},
                            {"/v1/events/events/0/2", 404, "not_found"},
                            {"/v1/events/events/7/0", 404, "not_found"},
                            {"/v1/events/others/0/0", 404, "not_found"},
                            {"/v1/events/events/0/-1", 400, "malformed_request"},
                            {"/v1/events/events/0/one", 400, "malformed_request"},
                            {"/v1/events/events/99999999999/0", 400, "malformed_request"},
                            {"/v1/events/events/0/1?wait=-1", 400, "malformed_request"},
                            {"/v1/events/events/0/1?wait=soon", 400, "malformed_request"},
                            {"/v1/events/events/0/1?id=%zz", 400, "malformed_request"}}) {
        CAPTURE(each.target);
        const http_answer answer = p.get(each.target);
        CHECK(answer.status == each.status);
        if (answer.status != 200) {
            CHECK(answer.headers.at("content-type") == "application/problem+json");
            CHECK(code_of(answer) == each.code);
        }
    }
}

TEST_CASE("a receipt is held until the event is final, or the time is over") {
    broker kafka(1);
    kafka.write({cloud_event("slow"), cloud_event("never")});
    std::atomic<bool> open{false};
    script told([&](const processor::delivery& d) {
        return plan{.what = d.event->id == "slow" && open ? done : retry, .delay = 5ms};
    });
    settings::file s = kafka.settings();
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return p.status()["totals"]["retried"] > 2; }));

    const json unfinished = p.receipt(0, 1, "?wait=0.2");
    CHECK((unfinished["state"] == "retrying" || unfinished["state"] == "in_flight"));
    CHECK(unfinished["id"] == "never");

    auto held = std::async(std::launch::async, [&] { return p.receipt(0, 0, "?wait=9&id=slow"); });
    open = true;
    CHECK(held.get()["state"] == "processed");

    // A processor that ends answers what it holds.
    auto last = std::async(std::launch::async, [&] { return p.receipt(0, 1, "?wait=9"); });
    REQUIRE(eventually([&] {
        return p.get("/metrics").body.find("millrace_processor_receipts_held 1") != std::string::npos;
    }));
    p.stop();
    CHECK(last.get()["offset"] == 1);
}

TEST_CASE("a receipt that was looked up while the event was handled tells what the processor knows by then") {
    broker kafka;
    kafka.write({cloud_event("early")});
    kafka.cluster().round_trip_delay(100ms); // to look it up takes longer than to handle and to commit it
    running_processor p(kafka.settings());
    std::vector<std::future<json>> held; // one of them is being looked up just then
    for (int i = 0; i < 4; ++i)
        held.push_back(std::async(std::launch::async, [&] { return p.receipt(0, 0, "?wait=9"); }));
    for (auto& each : held) {
        const json r = each.get();
        CHECK(r["state"] == "processed");
        CHECK(r["id"] == "early");
        CHECK(r["attempts"] == 1);
        CHECK(r["updated_at"].is_string());
    }
    kafka.cluster().round_trip_delay(0ms);
}

TEST_CASE("not ready without a broker, ready again with it") {
    broker kafka(1);
    running_processor p(kafka.settings());
    p.wait_until_ready();
    kafka.cluster().broker_down();
    http_answer answer;
    REQUIRE(eventually([&] { return (answer = p.get("/readyz")).status == 503; }));
    const json problem = json::parse(answer.body);
    CHECK(problem["code"] == "not_ready");
    CHECK(problem["errors"][0]["pointer"] == "/brokers");
    CHECK(p.get("/healthz").status == 200);
    kafka.cluster().broker_up();
    p.wait_until_ready();
}
