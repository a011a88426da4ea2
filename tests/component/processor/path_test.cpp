// The path of an event through a whole processor: handled, in order, retried, dead-lettered, committed.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

std::vector<written> keyed_events(int count, int keys, int partitions) {
    std::vector<written> all;
    for (int i = 0; i < count; ++i) {
        const int key = i % keys;
        all.push_back(cloud_event(std::to_string(i), "key-" + std::to_string(key), key % partitions));
    }
    return all;
}

// The attempts of each key, in the order in which they began.
std::map<std::string, std::vector<seen_attempt>> by_key(const script& of) {
    std::map<std::string, std::vector<seen_attempt>> keys;
    for (const seen_attempt& a : of.attempts())
        keys[a.key].push_back(a);
    return keys;
}

} // namespace

TEST_CASE("everything is processed, counted and committed") {
    broker kafka;
    std::vector<written> records;
    for (int i = 0; i < 3000; ++i)
        records.push_back(cloud_event(std::to_string(i), std::nullopt, i % 3));
    records.push_back({std::nullopt, "[1]", {}, 0}); // a plain record
    kafka.write(records);
    running_processor p(kafka.settings());
    p.wait_until_final(3001);

    const json s = p.status();
    CHECK(s["totals"]["received"] == 3001);
    CHECK(s["totals"]["processed"] == 3001);
    CHECK(s["totals"]["retried"] == 0);
    CHECK(s["totals"]["dead_lettered"] == 0);
    CHECK(s["by_type"]["test.event"] == 3000);
    CHECK(s["by_type"]["event"] == 1);
    const auto& counts = s["handler"]["counts"];
    CHECK(counts[0]["type"] == "test.event");
    CHECK(counts[0]["source"] == "/test");
    CHECK(counts[0]["count"] == 3000);
    std::uint64_t by_minute = 0; // the test may see a minute end
    for (const auto& n : counts[0]["per_minute"])
        by_minute += n.get<std::uint64_t>();
    CHECK(by_minute == 3000);
    CHECK(counts[1]["type"] == "event");
    CHECK(counts[1]["source"] == "/millrace");
    CHECK(counts[1]["count"] == 1);
    CHECK(s["handler"]["minute_since"].get<std::string>().ends_with(":00.000Z"));
    CHECK(eventually([&] { return kafka.committed(0) == 1001 && kafka.committed(1) == 1000; }));
    CHECK(eventually([&] { return p.status()["partitions"][0]["committed_offset"] == 1001; }));

    const json plain = p.receipt(0, 1000);
    CHECK(plain["state"] == "processed");
    CHECK(plain["id"] == "events/0/1000");
}

TEST_CASE("events of a key are handled in order, others side by side, at most so many at once") {
    broker kafka;
    kafka.write(keyed_events(600, 20, 3));
    script told([n = 0U](const processor::delivery&) mutable {
        return plan{.delay = milliseconds{(n = n * 31 + 7) % 8}};
    });
    settings::file s = kafka.settings();
    s.processor.concurrency = 8;
    running_processor p(s, told.factory());
    p.wait_until_final(600);

    CHECK(told.attempts().size() == 600);
    for (const auto& [key, attempts] : by_key(told)) {
        CAPTURE(key);
        REQUIRE(attempts.size() == 30);
        for (std::size_t i = 1; i < attempts.size(); ++i) {
            REQUIRE(std::stoi(attempts[i - 1].id) < std::stoi(attempts[i].id));
            REQUIRE(attempts[i - 1].ended < attempts[i].began);
        }
    }
    CHECK(told.most_at_once() > 1);
    CHECK(told.most_at_once() <= 8);
}

TEST_CASE("with ordering = partition a partition's events are handled one after the other") {
    broker kafka;
    std::vector<written> records;
    for (int i = 0; i < 60; ++i)
        records.push_back(cloud_event(std::to_string(i), std::nullopt, i % 3));
    kafka.write(records);
    script told([](const processor::delivery&) { return plan{.delay = 1ms}; });
    settings::file s = kafka.settings();
    s.processor.ordering = "partition";
    running_processor p(s, told.factory());
    p.wait_until_final(60);
    CHECK(told.most_at_once() <= 3);
    std::map<int, int> last;
    for (const seen_attempt& a : told.attempts()) {
        const int id = std::stoi(a.id);
        CHECK(last.try_emplace(id % 3, -1).first->second < id);
        last[id % 3] = id;
    }
}

TEST_CASE("with ordering = none nothing waits for anything, not even for its own key") {
    broker kafka(1);
    std::vector<written> records;
    for (int i = 0; i < 20; ++i)
        records.push_back(cloud_event(std::to_string(i), "key"));
    kafka.write(records);
    std::atomic<bool> open{false};
    script told([&](const processor::delivery& d) {
        return d.event->id == "0" && !open ? plan{.what = retry} : plan{};
    });
    settings::file s = kafka.settings();
    s.processor.ordering = "none";
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return p.status()["totals"]["processed"] == 19; }));
    CHECK(p.receipt(0, 19)["state"] == "processed");
    CHECK(p.receipt(0, 0)["state"] != "processed");
    open = true;
    p.wait_until_final(20);
}

TEST_CASE("with ordering = partition an event that is stuck holds up its partition, and no other") {
    broker kafka(2);
    std::vector<written> records;
    for (int i = 0; i < 20; ++i)
        records.push_back(cloud_event(std::to_string(i), std::nullopt, i % 2));
    kafka.write(records);
    std::atomic<bool> open{false};
    script told([&](const processor::delivery& d) {
        return d.event->id == "0" && !open ? plan{.what = retry} : plan{};
    });
    settings::file s = kafka.settings();
    s.processor.ordering = "partition";
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    running_processor p(s, told.factory());
    REQUIRE(eventually([&] { return p.status()["totals"]["processed"] == 10; }));
    CHECK(p.receipt(1, 9)["state"] == "processed");
    CHECK(p.receipt(0, 1)["state"] == "pending");
    open = true;
    p.wait_until_final(20);
}

TEST_CASE("a retry that succeeds, one that never does, and a refusal") {
    broker kafka;
    kafka.write({cloud_event("good", "a"), cloud_event("flaky", "b"), cloud_event("hopeless", "c", 1),
                 cloud_event("refused", "d", 1), cloud_event("after", "c", 1), cloud_event("thrown", "e")});
    script told([](const processor::delivery& d) {
        if (d.event->id == "flaky" && d.attempt < 3)
            return plan{.what = retry, .delay = 1ms};
        if (d.event->id == "hopeless")
            return plan{.what = retry, .error_class = "timeout", .message = "no answer"};
        if (d.event->id == "refused")
            return plan{.what = terminal, .error_class = "http_4xx", .message = "410 Gone"};
        if (d.event->id == "thrown" && d.attempt == 1)
            throw std::runtime_error("by mistake");
        return plan{};
    });
    running_processor p(kafka.settings(), told.factory());
    p.wait_until_final(6);

    const json totals = p.status()["totals"];
    CHECK(totals["processed"] == 4);
    CHECK(totals["dead_lettered"] == 2);
    CHECK(totals["retried"] == 5);
    CHECK(p.receipt(0, 1)["state"] == "processed");
    CHECK(p.receipt(0, 1)["attempts"] == 3);
    CHECK(p.receipt(0, 2)["error"]["class"] == "exception");
    CHECK(p.receipt(0, 2)["error"]["message"] == "by mistake");
    const json dead = p.receipt(1, 0);
    CHECK(dead["state"] == "dead_lettered");
    CHECK(dead["attempts"] == 3);
    CHECK(dead["error"] == json({{"class", "timeout"}, {"message", "no answer"}}));
    CHECK(p.receipt(1, 1)["attempts"] == 1);

    // "after" waited for "hopeless".
    const auto c = by_key(told)["c"];
    REQUIRE(c.size() == 4);
    CHECK(c[3].id == "after");

    CHECK(kafka.read_all("events.dlq", 0).empty());
    const auto letters = kafka.read_all("events.dlq", 1);
    REQUIRE(letters.size() == 2);
    CHECK(eventually([&] { return kafka.committed(1) == 3; }));
    const auto hopeless = std::ranges::find_if(letters, [](const stored& l) { return l.key == "c"; });
    REQUIRE(hopeless != letters.end());
    CHECK(hopeless->value == "{}");
    CHECK(hopeless->header("ce_id") == "hopeless");
    CHECK(hopeless->header("content-type") == "application/json");
    CHECK(hopeless->header("millrace_dlq_topic") == "events");
    CHECK(hopeless->header("millrace_dlq_partition") == "1");
    CHECK(hopeless->header("millrace_dlq_offset") == "0");
    CHECK(hopeless->header("millrace_dlq_group") == "millrace");
    CHECK(hopeless->header("millrace_dlq_attempts") == "3");
    CHECK(hopeless->header("millrace_dlq_error_class") == "timeout");
    CHECK(hopeless->header("millrace_dlq_error_message") == "no answer");
    CHECK(hopeless->header("millrace_dlq_timestamp_ms") ==
          std::to_string(kafka.read_all("events", 1)[0].timestamp_ms));
    CHECK(hopeless->header("millrace_dlq_failed_at").size() == 24);
    CHECK(hopeless->headers.size() == 5 + 9);
}

TEST_CASE("a record that claims to be a CloudEvent and is none is a dead letter, and nothing stops") {
    broker kafka;
    written poison = cloud_event("x");
    std::erase_if(poison.headers, [](const auto& h) { return h.first == "ce_type"; });
    written poison_of_nothing = poison;
    poison_of_nothing.value.reset();
    kafka.write({cloud_event("before"), poison, cloud_event("after"), poison_of_nothing});
    running_processor p(kafka.settings());
    p.wait_until_final(4);
    CHECK(p.receipt(0, 0)["state"] == "processed");
    CHECK(p.receipt(0, 1)["state"] == "dead_lettered");
    CHECK(p.receipt(0, 1)["error"]["class"] == "malformed_event");
    CHECK(p.receipt(0, 1)["id"].is_null());
    CHECK(p.receipt(0, 2)["state"] == "processed");
    const auto letters = kafka.read_all("events.dlq", 0);
    REQUIRE(letters.size() == 2);
    CHECK(letters[0].header("millrace_dlq_error_class") == "malformed_event");
    CHECK(letters[0].header("ce_id") == "x");
    CHECK(letters[0].value == "{}");
    CHECK_FALSE(letters[1].value.has_value());
    CHECK_FALSE(letters[1].key.has_value());
}

TEST_CASE("a key that is stuck holds up itself only, and its partition fetches on when it is not any more") {
    broker kafka(1);
    std::vector<written> records;
    for (int i = 0; i < 100; ++i)
        records.push_back(cloud_event("stuck-" + std::to_string(i), "stuck"));
    for (int i = 0; i < 300; ++i)
        records.push_back(cloud_event("free-" + std::to_string(i), "free-" + std::to_string(i % 10)));
    kafka.write(records);
    std::atomic<bool> open{false};
    script told([&](const processor::delivery& d) {
        if (d.event->id == "stuck-0" && !open)
            return plan{.what = retry};
        return plan{};
    });
    settings::file s = kafka.settings();
    s.processor.retry = {.max_attempts = 1'000'000, .initial_backoff_ms = 5, .max_backoff_ms = 20};
    SUBCASE("with room for those that wait") {
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] { return p.status()["totals"]["processed"] == 300; }));
        CHECK(p.receipt(0, 399)["state"] == "processed");
        CHECK(p.receipt(0, 0)["state"] != "processed");
        CHECK(p.receipt(0, 1)["state"] == "pending");
        CHECK(p.status()["partitions"][0]["in_flight"] == 100);
        CHECK(p.status()["partitions"][0]["oldest_in_flight_seconds"].is_number());
        CHECK(p.status()["partitions"][0]["processed_offset"] == 0);
        CHECK(kafka.committed(0).value_or(0) == 0);
        open = true;
        p.wait_until_final(400);
        CHECK(eventually([&] { return kafka.committed(0) == 400; }));
    }
    SUBCASE("with less room: fetching pauses, nothing grows, nothing is lost") {
        s.processor.max_waiting_events = 50;
        running_processor p(s, told.factory());
        REQUIRE(eventually([&] {
            const json now = p.status();
            return !now["partitions"].empty() && now["partitions"][0]["state"] == "throttled";
        }));
        CHECK(p.status()["partitions"][0]["in_flight"] == 50);
        open = true;
        p.wait_until_final(400);
        CHECK(p.status()["totals"]["processed"] == 400);
        CHECK(by_key(told)["stuck"].back().id == "stuck-99");
    }
}

TEST_CASE(
    "while the dead-letter topic fails, nothing behind a dead letter is committed and nothing is dropped") {
    broker kafka(1);
    kafka.write({cloud_event("0"), cloud_event("bad"), cloud_event("2")});
    constexpr int unknown_topic = 3;
    kafka.cluster().topic_error("events.dlq", unknown_topic);
    script told(
        [](const processor::delivery& d) { return plan{.what = d.event->id == "bad" ? terminal : done}; });
    running_processor p(kafka.settings(), told.factory());
    REQUIRE(eventually([&] { return !p.status()["dead_letters"]["last_error"].is_null(); }));
    CHECK(p.receipt(0, 2)["state"] == "processed");
    CHECK(p.receipt(0, 1)["state"] == "in_flight");
    CHECK(p.status()["dead_letters"]["pending"] == 1);
    CHECK(eventually([&] { return kafka.committed(0) == 1; }));
    CHECK(p.status()["partitions"][0]["processed_offset"] == 1);

    kafka.cluster().topic_error("events.dlq", 0);
    p.wait_until_final(3);
    CHECK(p.status()["dead_letters"]["last_error"].is_null());
    CHECK(p.receipt(0, 1)["state"] == "dead_lettered");
    CHECK(eventually([&] { return kafka.committed(0) == 3; }));
    CHECK(kafka.read_all("events.dlq", 0).size() == 1);
}

TEST_CASE(
    "a dead letter that its topic has no room for is kept, said, not committed, and holds up no other") {
    broker kafka(1);
    written large = cloud_event("large");
    large.value = std::string(3'000, 'x');
    settings::file s = kafka.settings();
    s.kafka.properties["message.max.bytes"] = "2000"; // of what this processor may send
    script told(
        [](const processor::delivery& d) { return plan{.what = d.event->id == "fine" ? done : terminal}; });
    running_processor p(s, told.factory());
    kafka.write({cloud_event("fine"), large});
    REQUIRE(eventually([&] { return !p.status()["dead_letters"]["last_error"].is_null(); }));
    const std::string said = p.status()["dead_letters"]["last_error"];
    CHECK_MESSAGE(said.find("(of events/0/1)") != std::string::npos, said);
    kafka.write({cloud_event("small"), cloud_event("fine")});
    CHECK(eventually([&] { return kafka.read_all("events.dlq", 0).size() == 1; }));
    CHECK(eventually([&] { return p.receipt(0, 2)["state"] == "dead_lettered"; }));
    CHECK(p.receipt(0, 1)["state"] == "in_flight");
    CHECK(p.status()["dead_letters"]["pending"] == 1);
    CHECK(kafka.committed(0) == 1);
}
