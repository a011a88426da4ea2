#include "schema_check.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;

namespace {

event::event with_data(std::string_view data, bool cloud_event = false) {
    return {.id = "1",
            .source = "/s",
            .type = "t",
            .content_type = "application/json",
            .data = data,
            .key = {},
            .cloud_event = cloud_event,
            .attributes = {}};
}

std::shared_ptr<const event::schema> order() {
    std::string problem;
    auto made = event::schema::parse(
        R"({"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}})", problem);
    REQUIRE_MESSAGE(made, problem);
    return made;
}

} // namespace

TEST_CASE("events that match pass; one that does not refuses all, and is named") {
    schema_check check(64);
    const auto schema = order();
    const std::vector<event::event> events = {with_data(R"({"id":"a"})"), with_data(R"({"id":1})"),
                                              with_data("[]", true)};
    CHECK_FALSE(check.problem_of(*schema, {events.data(), 1}, false));
    const auto problem = check.problem_of(*schema, events, true);
    REQUIRE(problem);
    CHECK(problem->status == 422);
    CHECK(problem->code == "schema_violation");
    CHECK_FALSE(problem->retryable);
    REQUIRE(problem->errors.size() == 2);
    CHECK(problem->errors[0].index == 1);
    CHECK(problem->errors[0].pointer == "/id");
    CHECK_FALSE(problem->errors[0].detail.empty());
    CHECK(problem->errors[1].index == 2);
    CHECK(problem->errors[1].pointer == "/data"); // of a CloudEvent, the data is a member
    CHECK_FALSE(check.problem_of(*schema, {&events[1], 1}, false)->errors[0].index);
}

TEST_CASE("what is no JSON matches no schema") {
    schema_check check(64);
    const auto schema = order();
    for (const std::string_view data : {"", "\xff\xd8", "{\"id\":", "id"}) {
        const event::event e = with_data(data, true);
        const auto problem = check.problem_of(*schema, {&e, 1}, false);
        REQUIRE(problem);
        CHECK(problem->errors.at(0).pointer == "/data");
    }
}

TEST_CASE("of a batch that is wrong all through, the first hundred places are named") {
    schema_check check(64);
    const std::vector<event::event> events(1'000, with_data("7"));
    CHECK(check.problem_of(*order(), events, true)->errors.size() == 100);
}
