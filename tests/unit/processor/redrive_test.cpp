// Which dead letters an order names, and that an event is redriven once.
#include "redrive_order.hpp"
#include "redrive_plan.hpp"
#include "redrive_report.hpp"

#include "millrace/kafka/error.hpp"
#include "retry_classes.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <variant>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

namespace {

coordinates place(const char* topic, int partition, std::int64_t offset) {
    return {topic, partition_id{partition}, record_offset{offset}};
}

redrive_order order_of(const char* body) {
    const auto parsed = parse_redrive_order(body);
    REQUIRE_MESSAGE(std::holds_alternative<redrive_order>(parsed), body);
    return std::get<redrive_order>(parsed);
}

} // namespace

TEST_CASE("an order says what it means, or is refused") {
    for (const char* wrong : {"",
                              "null",
                              "[]",
                              "{",
                              "{}",
                              R"({"all":false})",
                              R"({"dry_run":true})",
                              R"({"all":1})",
                              R"({"al":true})",
                              R"({"all":true,"topic":"events"})",
                              R"({"topic":""})",
                              R"({"topic":7})",
                              R"({"dead_letters":[]})",
                              R"({"dead_letters":{}})",
                              R"({"dead_letters":[{"topic":"events.dlq","partition":0}]})",
                              R"({"events":[{"topic":"events","partition":-1,"offset":0}]})",
                              R"({"events":[{"topic":"events","partition":0,"offset":0,"x":1}]})",
                              R"({"all":true,"rate_per_second":0})",
                              R"({"all":true,"rate_per_second":1.5})",
                              R"({"all":true,"max":0})",
                              R"({"all":true,"max":"3"})"}) {
        CAPTURE(wrong);
        const auto parsed = parse_redrive_order(wrong);
        REQUIRE(std::holds_alternative<http::problem>(parsed));
        CHECK(std::get<http::problem>(parsed).status == 400);
    }
    const auto two = parse_redrive_order(R"({"max":0,"rate_per_second":"x"})");
    REQUIRE(std::get<http::problem>(two).errors.size() == 2);
    CHECK(std::get<http::problem>(two).errors[0].pointer == "/rate_per_second");
    const redrive_order o = order_of(R"({"all":true,"dry_run":true,"rate_per_second":50,"max":3})");
    CHECK(o.dry_run);
    CHECK(o.rate_per_second == 50);
    CHECK(o.max == 3);
}

TEST_CASE("which letters an order names") {
    letter l;
    l.event = place("events", 4, 17);
    l.place = place("events.dlq", 1, 5);
    l.error_class = "timeout";
    struct row {
        const char* body;
        bool wanted;
        bool in_partition; ///< whether that partition, of three, has to be looked through
    };
    for (const row& r : std::vector<row>{
             {R"({"all":true})", true, true},
             {R"({"topic":"events"})", true, true},
             {R"({"topic":"other"})", false, false},
             {R"({"error_class":"timeout"})", true, true},
             {R"({"error_class":"other"})", false, true},
             {R"({"topic":"events","error_class":"other"})", false, true},
             {R"({"dead_letters":[{"topic":"events.dlq","partition":1,"offset":5}]})", true, true},
             {R"({"dead_letters":[{"topic":"events.dlq","partition":1,"offset":6}]})", false, true},
             {R"({"dead_letters":[{"topic":"events.dlq","partition":0,"offset":5}]})", false, false},
             {R"({"events":[{"topic":"events","partition":4,"offset":17}]})", true, true},
             {R"({"events":[{"topic":"events","partition":2,"offset":17}]})", false, false},
             {R"({"events":[{"topic":"events","partition":4,"offset":17}],"error_class":"other"})", false,
              true}}) {
        CAPTURE(r.body);
        CHECK(order_of(r.body).wants(l) == r.wanted);
        CHECK(order_of(r.body).may_be_in({"events.dlq", partition_id{1}}, 3) == r.in_partition);
    }
}

TEST_CASE("an event is redriven once, however often its letter and its mark are there") {
    redrive_plan plan({{"events.dlq", partition_id{0}}, {"events.dlq", partition_id{1}}});
    constexpr unix_ms then{1'000};
    const coordinates one = place("events", 0, 10), two = place("events", 0, 11),
                      other = place("events", 1, 10);
    const letter_place first{record_offset{0}, one, then}, second{record_offset{1}, one, then},
        third{record_offset{2}, two, then}, elsewhere{record_offset{0}, other, then};
    const auto mark_of = [&](const letter_place& l) {
        return mark{l.letter, l.event, l.timestamp, unix_ms{2'000}};
    };
    plan.saw_letter(0, first);
    plan.saw_letter(0, second); // stored twice
    plan.saw_letter(0, third);
    plan.saw_letter(1, elsewhere);
    plan.saw_mark(0, mark_of(third));
    plan.saw_mark(0, mark_of(third));
    plan.saw_mark(1,
                  {record_offset{9}, place("events", 1, 99), then, then}); // of a letter that nobody asks for
    CHECK(plan.selected() == 3);
    CHECK(plan.redriven() == 1);
    CHECK(plan.pending() == 2);
    CHECK(plan.is_pending(0, first));
    CHECK_FALSE(plan.is_pending(0, second));
    CHECK_FALSE(plan.is_pending(0, third));
    CHECK(plan.is_pending(1, elsewhere));
    CHECK(plan.is_redriven(0, third));

    plan.set_redriven(0, first);
    CHECK_FALSE(plan.is_pending(0, first));
    plan.set_failed(1, elsewhere);
    CHECK_FALSE(plan.is_pending(1, elsewhere));
    CHECK(plan.pending() == 0);
    CHECK(plan.failed() == 1);

    plan.survey(); // a letter that comes after the mark of its event
    plan.saw_mark(0, mark_of(first));
    plan.saw_letter(0, second);
    plan.saw_letter(1, elsewhere);
    CHECK(plan.selected() == 2);
    CHECK(plan.redriven() == 1);
    CHECK(plan.failed() == 1);
    CHECK(plan.pending() == 0);
}

TEST_CASE("events that have the same coordinates in two logs are two: their records' timestamps tell") {
    redrive_plan plan({{"events.dlq", partition_id{0}}});
    const coordinates where = place("events", 0, 10);
    const letter_place old{record_offset{0}, where, unix_ms{1'000}},
        fresh{record_offset{3}, where, unix_ms{2'000}}, again{record_offset{4}, where, unix_ms{2'000}};
    plan.saw_letter(0, old);
    plan.saw_mark(0, {old.letter, old.event, old.timestamp, unix_ms{3'000}});
    plan.saw_letter(0, fresh);
    plan.saw_letter(0, again);
    CHECK(plan.selected() == 2);
    CHECK(plan.pending() == 1);
    CHECK(plan.is_redriven(0, old));
    CHECK(plan.is_pending(0, fresh));
    CHECK_FALSE(plan.is_pending(0, again));
    plan.saw_mark(0, {fresh.letter, fresh.event, fresh.timestamp, unix_ms{3'000}});
    CHECK(plan.pending() == 0);
}

TEST_CASE("what is left never counts below nothing") {
    redrive_report r;
    r.selected = 3; // of five: retention has removed two of those that were redriven
    r.already = 1;
    r.redriven = 4;
    CHECK(r.left() == 0);
}

TEST_CASE("how a redrive ended, in numbers and as a problem") {
    redrive_report r;
    r.selected = 10;
    r.already = 2;
    r.redriven = 5;
    r.failed = 1;
    r.copies.push_back({place("events.dlq", 0, 3), place("events", 0, 77)});
    const auto j = nlohmann::json::parse(to_json(r, true));
    CHECK(j["state"] == "running");
    CHECK(j["left"] == 2);
    CHECK(j["finished_at"].is_null());
    CHECK(j["events"][0]["offset"] == 77);
    CHECK(j["events"][0]["dlq"]["offset"] == 3);
    CHECK_FALSE(nlohmann::json::parse(to_json(r, false)).contains("events"));

    struct row {
        error_code error;
        unsigned status;
        const char* code;
    };
    r.now = redrive_report::state::failed;
    for (const row& w : std::vector<row>{{kafka::errc::fenced, 409, "redrive_taken_over"},
                                         {kafka::errc::unsupported, 501, "transactions_unsupported"},
                                         {kafka::errc::not_allowed, 503, "redrive_failed"},
                                         {kafka::errc::queue_full, 503, "redrive_failed"},
                                         {kafka::errc::brokers_down, 503, "redrive_failed"}}) {
        CAPTURE(w.error.message());
        r.error = w.error;
        CHECK(problem_of(r).status == w.status);
        CHECK(problem_of(r).code == w.code);
    }
    CHECK(problem_of(r).detail.starts_with("5 of 8 dead letters were redriven."));
    r.now = redrive_report::state::stopped;
    CHECK(problem_of(r).code == "draining");
}

TEST_CASE("an error class may have a policy of its own; what it leaves out is the common one's") {
    settings::retry s{.max_attempts = 5, .initial_backoff_ms = 200, .max_backoff_ms = 1'000, .classes = {}};
    s.classes["timeout"] = {.max_attempts = 9, .initial_backoff_ms = 10};
    s.classes["gone"] = {.terminal = true};
    s.classes["slow"] = {.max_backoff_ms = 60'000};
    const retry_policies policies = policies_of(s, milliseconds{60'000});
    struct row {
        const char* error_class;
        std::uint64_t attempts;
        int initial_ms, max_ms;
    };
    for (const row& r : std::vector<row>{{"other", 5, 200, 1'000},
                                         {"", 5, 200, 1'000},
                                         {"timeout", 9, 10, 1'000},
                                         {"gone", 1, 200, 1'000},
                                         {"slow", 5, 200, 60'000}}) {
        CAPTURE(r.error_class);
        const retry_policy& p = policies.of(r.error_class);
        CHECK(p.max_attempts == r.attempts);
        CHECK(p.initial_backoff.count() == r.initial_ms);
        CHECK(p.max_backoff.count() == r.max_ms);
    }
    CHECK_FALSE(policies.of("gone").pause(1, {}, 1));
}
