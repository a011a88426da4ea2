// Several processors, and the same one twice: shared partitions, handovers, ordered ends, crashes.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

std::vector<written> events(int from, int to, int partitions) {
    std::vector<written> all;
    for (int i = from; i < to; ++i)
        all.push_back(cloud_event(std::to_string(i), std::nullopt, i % partitions));
    return all;
}

// A processor in a process of its own, so that it can be killed.
class program {
  public:
    explicit program(const settings::file& s) {
        std::string path = MILLRACE_VICTIM, brokers = s.kafka.brokers;
        char* arguments[] = {path.data(), brokers.data(), nullptr};
        REQUIRE(posix_spawn(&pid_, path.c_str(), nullptr, nullptr, arguments, environ) == 0);
    }
    ~program() { end(SIGKILL); }
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    // Its exit status, or minus the signal that ended it.
    int end(int signal) {
        if (pid_ == 0)
            return 0;
        kill(pid_, signal);
        int status = 0;
        waitpid(std::exchange(pid_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

  private:
    pid_t pid_ = 0;
};

} // namespace

TEST_CASE("two processors share the partitions, and each answers for all") {
    broker kafka(4);
    running_processor first(kafka.settings());
    first.wait_until_ready();
    running_processor second(kafka.settings());
    REQUIRE(eventually([&] {
        return first.status()["partitions"].size() == 2 && second.status()["partitions"].size() == 2;
    }));
    written poison = cloud_event("poison", std::nullopt, 3);
    std::erase_if(poison.headers, [](const auto& h) { return h.first == "ce_source"; });
    std::vector<written> records = events(0, 400, 4);
    records.push_back(poison);
    kafka.write(records);
    for (int partition = 0; partition < 4; ++partition)
        for (const running_processor* p : {&first, &second}) {
            const json r = p->receipt(partition, 99, "?wait=9&id=" + std::to_string(396 + partition));
            CAPTURE(r.dump());
            CHECK(r["state"] == "processed");
            CHECK(r["source"] == "/test");
        }
    for (const running_processor* p : {&first, &second}) {
        const json dead = p->receipt(3, 100, "?wait=9");
        CAPTURE(dead.dump());
        CHECK(dead["state"] == "dead_lettered");
        CHECK(dead["error"]["class"] == "malformed_event");
        CHECK(dead["attempts"] == 1);
        CHECK(p->get("/v1/events/events/3/101").status == 404);
        CHECK(p->get("/v1/events/events/3/99?id=other").status == 409);
    }
    const auto processed = [](const running_processor& p) {
        return p.status()["totals"]["processed"].get<int>();
    };
    CHECK(processed(first) + processed(second) == 400);
}

// The mock cluster refuses commits from the moment that a group changes, so what was finished after the last
// one comes again there; on a real broker it does not.
TEST_CASE("a partition that moves loses nothing") {
    broker kafka(2);
    kafka.write(events(0, 200, 2));
    script told([](const processor::delivery&) { return plan{.delay = 3ms}; });
    settings::file s = kafka.settings();
    s.processor.concurrency = 4;
    running_processor first(s, told.factory());
    REQUIRE(eventually([&] { return told.attempts().size() > 20; }));
    running_processor second(s, told.factory());
    REQUIRE(eventually([&] { return second.status()["partitions"].size() == 1; }));
    kafka.write(events(200, 260, 2));
    REQUIRE(eventually([&] { return kafka.committed(0) == 130 && kafka.committed(1) == 130; }));
    std::set<std::string> handled;
    for (const seen_attempt& a : told.attempts())
        handled.insert(a.id);
    CHECK(handled.size() == 260);
}

TEST_CASE("an ordered end finishes and commits what is under way; the next start repeats nothing") {
    broker kafka(2);
    kafka.write(events(0, 300, 2));
    script told([](const processor::delivery&) { return plan{.delay = 2ms}; });
    settings::file s = kafka.settings();
    s.processor.concurrency = 4;
    {
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] { return told.attempts().size() > 50; }));
        p.stop();
    }
    const std::size_t handled = told.attempts().size();
    CHECK(handled < 300);
    for (const seen_attempt& a : told.attempts())
        CHECK(a.ended > 0);
    CHECK(kafka.committed(0).value_or(0) + kafka.committed(1).value_or(0) ==
          static_cast<std::int64_t>(handled));
    {
        running_processor p(s, told.factory());
        p.wait_until_final(300 - handled);
    }
    CHECK(told.attempts().size() == 300);
}

TEST_CASE("a handler that never ends does not hold up the end for longer than the drain timeout") {
    broker kafka(1);
    kafka.write(events(0, 3, 1));
    script told([](const processor::delivery& d) {
        return d.event->id == "1" ? plan{.delay = milliseconds{1h}} : plan{};
    });
    settings::file s = kafka.settings();
    s.processor.drain_timeout_ms = 200;
    {
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] { return told.attempts().size() == 3; }));
        p.stop();
    }
    CHECK(kafka.committed(0) == 1);
}

TEST_CASE("events that a handler has when their partition is lost may be handled by two, and are counted") {
    broker kafka(2);
    kafka.write(events(0, 4, 2));
    std::atomic<bool> first_time{true};
    script told([&](const processor::delivery& d) {
        return d.event->id == "1" && first_time.exchange(false) ? plan{.delay = milliseconds{1h}} : plan{};
    });
    settings::file s = kafka.settings();
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return p.status()["totals"]["processed"] == 3; }));
    CHECK(has_metric(p, "millrace_processor_partitions_lost_total 0"));
    constexpr int heartbeat = 12;
    constexpr int unknown_member_id = 25;
    kafka.cluster().fail_requests(heartbeat, unknown_member_id, 1);
    REQUIRE(eventually([&] { return has_metric(p, "millrace_processor_partitions_lost_total 2"); }));
    CHECK(has_metric(p, "millrace_processor_events_overlapped_total{reason=\"partition_lost\"} 1"));
    CHECK(has_metric(p, "millrace_processor_events_overlapped_total{reason=\"drain_timeout\"} 0"));
    CHECK(eventually([&] { return kafka.committed(0) == 2 && kafka.committed(1) == 2; })); // it joins again
}

TEST_CASE("a handler that is not done when the time to give its partition up is over is counted likewise") {
    broker kafka(2);
    kafka.write(events(0, 2, 2));
    std::atomic<int> stuck{2};
    script told(
        [&](const processor::delivery&) { return stuck-- > 0 ? plan{.delay = milliseconds{1h}} : plan{}; });
    settings::file s = kafka.settings();
    s.processor.drain_timeout_ms = 200;
    running_processor first(s, told.factory());
    REQUIRE(eventually([&] { return told.attempts().size() == 2; }));
    running_processor second(s, told.factory());
    REQUIRE(eventually([&] {
        const std::string text = first.get("/metrics").body;
        return text.find("millrace_processor_events_overlapped_total{reason=\"drain_timeout\"} 0") ==
               std::string::npos;
    }));
    CHECK(has_metric(first, "millrace_processor_partitions_lost_total 0"));
}

TEST_CASE("killed and started again: nothing is lost") {
    broker kafka(3);
    const settings::file s = kafka.settings();
    kafka.write(events(0, 6000, 3));
    {
        program p(s);
        REQUIRE(eventually([&] { return kafka.committed(0).value_or(0) > 0; }));
        kafka.write(events(6000, 12000, 3));
        CHECK(p.end(SIGKILL) == -SIGKILL);
    }
    program p(s);
    CHECK(eventually([&] {
        return kafka.committed(0) == 4000 && kafka.committed(1) == 4000 && kafka.committed(2) == 4000;
    }));
    CHECK(p.end(SIGTERM) == 0);
}
