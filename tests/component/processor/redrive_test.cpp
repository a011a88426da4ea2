// Dead letters listed and redriven, through a whole processor; its administration.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <set>

using namespace millrace;
using namespace millrace::test;
using nlohmann::json;
using enum processor::outcome::kind;

namespace {

constexpr const char* redrive_path = "/v1/dead-letters/redrive";

http_answer order(const running_processor& p, const json& what, std::string_view headers = {}) {
    return test::post(p.port(), redrive_path, "application/json", what.dump(), headers);
}

json answer_of(const http_answer& answer) {
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json::parse(answer.body);
}

std::string code_of(const http_answer& answer) {
    return json::parse(answer.body)["code"];
}

json letters(const running_processor& p, const std::string& query = "") {
    const http_answer answer = p.get("/v1/dead-letters" + query);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return json::parse(answer.body);
}

/// Fails every event whose id is no number with the class that the id names, until it is mended.
struct failing {
    std::atomic<bool> mended{false};
    script told{[this](const processor::delivery& d) {
        const std::string id(d.event->id);
        if (mended || std::isdigit(static_cast<unsigned char>(id.front())))
            return plan{};
        return plan{.what = terminal, .error_class = id.substr(0, id.find('-')), .message = "as told"};
    }};
};

} // namespace

TEST_CASE("dead letters are listed, redriven once, and processed when the cause is gone") {
    broker kafka(2);
    failing cause;
    running_processor p(kafka.settings(), cause.told.factory());
    kafka.write({cloud_event("1", "k"), cloud_event("timeout-1", "k"), cloud_event("gone-1", "l", 1),
                 cloud_event("timeout-2", std::nullopt, 1), cloud_event("2", "k")});
    kafka.write({{std::nullopt, "plain", {}, 0}});
    p.wait_until_final(6);

    const json listed = letters(p);
    REQUIRE(listed["dead_letters"].size() == 4);
    CHECK(listed["next_cursor"].is_null());
    std::set<std::string> ids;
    for (const json& l : listed["dead_letters"]) {
        ids.insert(l["id"]);
        CHECK(l["redriven_at"].is_null());
        CHECK(l["attempts"] == 1);
        CHECK(l["error_message"] == "as told");
        CHECK(l["dlq"]["topic"] == "events.dlq");
        CHECK(l["dlq"]["partition"] == l["partition"]);
        CHECK(l["failed_at"].get<std::string>().size() == 24);
    }
    CHECK(ids == std::set<std::string>{"timeout-1", "gone-1", "timeout-2", "events/0/3"});
    CHECK(letters(p, "?error_class=timeout")["dead_letters"].size() == 2);
    CHECK(letters(p, "?id=gone-1")["dead_letters"][0]["type"] == "test.event");
    CHECK(letters(p, "?topic=events&limit=3")["dead_letters"].size() == 3);
    CHECK(letters(p, "?redriven=true")["dead_letters"].empty());

    CHECK(p.get(redrive_path).status == 404);
    CHECK(p.status()["redrive"].is_null());
    const json dry = answer_of(order(p, {{"all", true}, {"dry_run", true}}));
    CHECK(dry["selected"] == 4);
    CHECK(dry["redriven"] == 0);
    CHECK(dry["left"] == 4);
    CHECK(letters(p, "?redriven=true")["dead_letters"].empty());

    cause.mended = true;
    const json first = answer_of(order(p, {{"error_class", "timeout"}}));
    CHECK(first["selected"] == 2);
    CHECK(first["redriven"] == 2);
    CHECK(first["events"].size() == 2);
    const json rest = answer_of(order(p, {{"all", true}}));
    CHECK(rest["selected"] == 4);
    CHECK(rest["already_redriven"] == 2);
    CHECK(rest["redriven"] == 2);
    CHECK(rest["left"] == 0);
    p.wait_until_final(10);
    for (const json& copy : first["events"]) {
        const json r = p.receipt(copy["partition"], copy["offset"], "?wait=9");
        CHECK(r["state"] == "processed");
        CHECK(r["id"].get<std::string>().starts_with("timeout-"));
    }
    CHECK(p.receipt(0, 1)["state"] == "dead_lettered"); // it was, and the copy is another event
    CHECK(answer_of(order(p, {{"all", true}}))["redriven"] == 0);
    CHECK(p.status()["redrive"]["already_redriven"] == 4);
    CHECK(letters(p, "?redriven=true")["dead_letters"].size() == 4);
    CHECK(letters(p, "?redriven=false")["dead_letters"].empty());

    // The same event at the same place: key, value, headers, partition; and its letter's name.
    const auto all = kafka.read_all("events", 0);
    REQUIRE(all.size() >= 6);
    const auto copy =
        std::ranges::find_if(all, [](const stored& s) { return s.headers.contains("millrace_redriven"); });
    REQUIRE(copy != all.end());
    CHECK(copy->key == "k");
    CHECK(copy->value == "{}");
    CHECK(copy->header("ce_id") == "timeout-1");
    CHECK(copy->header("content-type") == "application/json");
    CHECK(copy->header("millrace_redriven") == "events.dlq/0/0");
    CHECK(copy->headers.size() == 6);
    CHECK(p.status()["totals"]["duplicates"] == 0);
    // A plain event is known by where it was first.
    std::size_t plain = 0;
    for (const seen_attempt& a : cause.told.attempts())
        plain += a.id == "events/0/3" ? 1U : 0U;
    CHECK(plain == 2);
}

TEST_CASE("one letter by its own place, or by the event's; no more than asked for") {
    broker kafka(2);
    failing cause;
    running_processor p(kafka.settings(), cause.told.factory());
    std::vector<written> records;
    for (int i = 0; i < 10; ++i)
        records.push_back(cloud_event("bad-" + std::to_string(i), "k", i % 2));
    kafka.write(records);
    p.wait_until_final(10);
    cause.mended = true;
    const json letter = letters(p, "?id=bad-4")["dead_letters"][0]["dlq"];
    CHECK(answer_of(order(p, {{"dead_letters", {letter}}}))["redriven"] == 1);
    const json event = {{"topic", "events"}, {"partition", 1}, {"offset", 2}}; // bad-5
    const json by_event = answer_of(order(p, {{"events", {event}}}));
    CHECK(by_event["redriven"] == 1);
    CHECK(by_event["selected"] == 1);
    CHECK(answer_of(order(p, {{"events", {event}}}))["already_redriven"] == 1);
    const json some = answer_of(order(p, {{"all", true}, {"max", 3}}));
    CHECK(some["redriven"] == 3);
    CHECK(some["left"] == 5);
    CHECK(answer_of(order(p, {{"topic", "events"}, {"rate_per_second", 100}}))["redriven"] == 5);
    p.wait_until_final(20);
    std::multiset<std::string> handled;
    for (const seen_attempt& a : cause.told.attempts())
        handled.insert(a.id);
    for (int i = 0; i < 10; ++i)
        CHECK(handled.count("bad-" + std::to_string(i)) == 2);
}

TEST_CASE("an event that fails again has another letter, which can be redriven again") {
    broker kafka(1);
    failing cause;
    running_processor p(kafka.settings(), cause.told.factory());
    kafka.write({cloud_event("bad-1")});
    p.wait_until_final(1);
    CHECK(answer_of(order(p, {{"all", true}}))["redriven"] == 1);
    p.wait_until_final(2);
    REQUIRE(letters(p)["dead_letters"].size() == 2);
    CHECK(letters(p, "?redriven=false")["dead_letters"].size() == 1);
    cause.mended = true;
    CHECK(answer_of(order(p, {{"all", true}}))["redriven"] == 1);
    p.wait_until_final(3);
    CHECK(p.status()["totals"]["processed"] == 1);
    const auto all = kafka.read_all("events", 0);
    CHECK(all.back().header("millrace_redriven").starts_with("events.dlq/0/"));
}

TEST_CASE("a record that was redriven passes the window of duplicates once for its letter") {
    broker kafka(1);
    failing cause;
    cause.mended = true;
    running_processor p(kafka.settings(), cause.told.factory());
    written copy = cloud_event("a");
    copy.headers.emplace_back("millrace_redriven", "events.dlq/0/7");
    written other = cloud_event("a");
    other.headers.emplace_back("millrace_redriven", "events.dlq/0/8");
    kafka.write({cloud_event("a"), cloud_event("a"), copy, copy, other, cloud_event("a")});
    p.wait_until_final(6);
    CHECK(p.status()["totals"]["processed"] == 3);
    CHECK(p.receipt(0, 2)["state"] == "processed");
    CHECK(p.receipt(0, 3)["state"] == "duplicate");
    CHECK(p.receipt(0, 4)["state"] == "processed");
    CHECK(p.receipt(0, 5)["state"] == "duplicate");
}

TEST_CASE("letters of another group in the same topic are none of ours") {
    broker kafka(1);
    failing cause;
    settings::file other = kafka.settings();
    other.processor.group = "other";
    {
        running_processor p(other, cause.told.factory());
        kafka.write({cloud_event("bad-1"), cloud_event("1")});
        p.wait_until_final(2);
        CHECK(letters(p)["dead_letters"].size() == 1);
    }
    cause.mended = true;
    {
        running_processor p(kafka.settings(), cause.told.factory());
        p.wait_until_final(2);
        CHECK(letters(p)["dead_letters"].empty());
        CHECK(answer_of(order(p, {{"all", true}}))["selected"] == 0);
    }
    running_processor again(kafka.settings(), cause.told.factory()); // which has no memory of it
    CHECK(again.receipt(0, 0)["state"] == "processed");
}

TEST_CASE("a topic that does not exist has no letters, and keeps nobody from those of the others") {
    broker kafka(1);
    kafka.write({cloud_event("gone-1")});
    settings::file s = kafka.settings();
    s.processor.topics = {"events", "nowhere"};
    constexpr int unknown_topic = 3;
    for (const char* topic : {"nowhere", "nowhere.dlq"})
        kafka.cluster().topic_error(topic, unknown_topic);
    failing cause;
    running_processor p(s, cause.told.factory());
    p.wait_until_final(1);
    CHECK(letters(p)["dead_letters"].size() == 1);
    CHECK(letters(p, "?topic=nowhere")["dead_letters"].empty());
    cause.mended = true;
    CHECK(answer_of(order(p, {{"all", true}}))["redriven"] == 1);
    CHECK(answer_of(order(p, {{"topic", "nowhere"}}))["selected"] == 0);
}

TEST_CASE("what may be asked, and by whom") {
    broker kafka(1);
    settings::file s = kafka.settings();
    SUBCASE("on loopback anybody but a web page of elsewhere") {
        running_processor p(s);
        CHECK(order(p, {{"all", true}}, "Origin: https://evil.example\r\n").status == 403);
        CHECK(test::post(p.port(), "/v1/pause", "text/plain", "", "Origin: null\r\n").status == 403);
        CHECK(p.status()["state"] != "paused");
        CHECK(test::post(p.port(), redrive_path, "text/plain", R"({"all":true})").status == 415);
        CHECK(order(p, json::object()).status == 400);
        CHECK(order(p, {{"topic", "nothing"}}).status == 404);
        CHECK(p.get("/v1/dead-letters?limit=0").status == 400);
        CHECK(p.get("/v1/dead-letters?topic=nothing").status == 404);
    }
    SUBCASE("with a token, who has it") {
        s.processor.admin_token = "s3cret";
        running_processor p(s);
        p.wait_until_ready();
        const http_answer none = order(p, {{"all", true}});
        CHECK(none.status == 401);
        CHECK(none.headers.at("www-authenticate") == R"(Bearer realm="millrace")");
        CHECK(order(p, {{"all", true}}, "Authorization: Bearer wrong\r\n").status == 401);
        CHECK(order(p, {{"all", true}}, "Authorization: Bearer s3cret\r\n").status == 200);
        CHECK(test::post(p.port(), "/v1/pause", "", "").status == 401);
        CHECK(test::post(p.port(), "/v1/resume", "", "").status == 401);
        CHECK(p.get("/v1/dead-letters").status == 200); // who may read is not asked
    }
    SUBCASE("beyond loopback nobody without one") {
        s.http.listen = "0.0.0.0:0";
        running_processor p(s);
        CHECK(code_of(order(p, {{"all", true}})) == "admin_disabled");
        CHECK(code_of(test::post(p.port(), "/v1/pause", "", "")) == "admin_disabled");
    }
}
