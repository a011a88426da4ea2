// A processor that is stuck says so, with the event, and says when it is not any more.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <string>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

bool is_ready(const running_processor& p) {
    return p.get("/readyz").status == 200;
}

// The one stall of that kind, once there is one.
json wait_stalled(const running_processor& p, const std::string& reason) {
    json found;
    REQUIRE(eventually([&] {
        const json s = p.status();
        for (const json& one : s["stalls"])
            if (one["reason"] == reason)
                found = one;
        return !found.is_null() && s["state"] == "stalled";
    }));
    CHECK(has_metric(p, "millrace_processor_stalls{reason=\"" + reason + "\"} 1"));
    const http_answer ready = p.get("/readyz");
    CHECK(ready.status == 503);
    CHECK(ready.body.find("/stalled") != std::string::npos);
    return found;
}

void wait_running(const running_processor& p) {
    CHECK(eventually([&] { return p.status()["state"] == "running" && is_ready(p); }));
    CHECK(p.status()["stalls"].empty());
    for (const char* reason : {"handler_late", "no_progress", "group_unsettled"})
        CHECK(has_metric(p, std::string("millrace_processor_stalls{reason=\"") + reason + "\"} 0"));
}

} // namespace

TEST_CASE("a handler beyond its time is late, is not interrupted, and may still finish") {
    broker kafka(1);
    kafka.write({cloud_event("quick"), cloud_event("slow", "key"), cloud_event("next", "key")});
    script told(
        [](const processor::delivery& d) { return d.event->id == "slow" ? plan{.delay = 5s} : plan{}; });
    settings::file s = kafka.settings();
    s.processor.handler_timeout_ms = 100;
    running_processor p(s, told.factory());
    const json late = wait_stalled(p, "handler_late");
    CHECK(late["topic"] == "events");
    CHECK(late["partition"] == 0);
    CHECK(late["offset"] == 1);
    CHECK(late["id"] == "slow");
    CHECK(late["since"].get<std::string>().size() == 24);
    CHECK(p.get("/readyz").body.find("the handler has had events/0/1 (id slow) for") != std::string::npos);
    p.wait_until_final(3);
    CHECK(told.attempts().size() == 3);
    wait_running(p);
}

TEST_CASE("a partition that does not get on is stalled, and names the oldest event that is not final") {
    broker kafka(1);
    kafka.write({cloud_event("fine"), cloud_event("bad"), cloud_event("fine2")});
    constexpr int unknown_topic = 3;
    kafka.cluster().topic_error("events.dlq", unknown_topic);
    script told(
        [](const processor::delivery& d) { return plan{.what = d.event->id == "bad" ? terminal : done}; });
    settings::file s = kafka.settings();
    s.processor.stall_timeout_ms = 1'000;
    running_processor p(s, told.factory());
    const json stuck = wait_stalled(p, "no_progress");
    CHECK(stuck["topic"] == "events");
    CHECK(stuck["partition"] == 0);
    CHECK(stuck["offset"] == 1);
    CHECK(stuck["id"] == "bad");
    kafka.cluster().topic_error("events.dlq", 0);
    p.wait_until_final(3);
    wait_running(p);
}

TEST_CASE("a member that finds no group is stalled, until it does") {
    broker kafka(1);
    kafka.cluster().broker_down();
    settings::file s = kafka.settings();
    s.processor.stall_timeout_ms = 1'000;
    running_processor p(s);
    const json lost = wait_stalled(p, "group_unsettled");
    CHECK(lost["topic"].is_null());
    CHECK(lost["offset"].is_null());
    kafka.cluster().broker_up();
    wait_running(p);
}

TEST_CASE("a handler that is at work and in time is no stall, however long nothing else happens") {
    broker kafka(1);
    kafka.write({cloud_event("slow", "key"), cloud_event("next", "key")});
    script told(
        [](const processor::delivery& d) { return d.event->id == "slow" ? plan{.delay = 4s} : plan{}; });
    settings::file s = kafka.settings();
    s.processor.stall_timeout_ms = 1'000;
    running_processor p(s, told.factory());
    bool ever = false;
    REQUIRE(eventually([&] {
        const json now = p.status();
        for (const json& one : now["stalls"])
            ever = ever || one["reason"] == "no_progress";
        return now["totals"]["processed"] == 2;
    }));
    CHECK_FALSE(ever);
}
