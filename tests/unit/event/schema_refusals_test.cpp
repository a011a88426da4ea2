// Schemas that are refused, rather than letting everything pass: with the keyword and its pointer.
#include "millrace/event/schema.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace::event;

namespace {

std::string problem_of(std::string_view text) {
    std::string problem = "(none)";
    const auto made = schema::parse(text, problem);
    CHECK(!made == !problem.empty());
    return problem;
}

bool says(std::string_view text, std::string_view expected) {
    const std::string problem = problem_of(text);
    CAPTURE(problem);
    return problem.find(expected) != std::string::npos;
}

} // namespace

TEST_CASE("unknown keywords, formats and dialects") {
    CHECK(problem_of(R"({"properties":{"a":{"minLenght":1}}})") ==
          "/properties/a/minLenght: unknown keyword, minLength is known");
    CHECK(says(R"({"$defs":{}})", "/$defs: unknown keyword"));
    CHECK(says(R"({"contentEncoding":"base64"})", "/contentEncoding: unknown keyword"));
    CHECK(says(R"({"items":[{},{"dependentRequired":{}}]})", "/items/1/dependentRequired: unknown keyword"));
    CHECK(says(R"({"definitions":{"unused":{"typ":"string"}}})", "/definitions/unused/typ: unknown keyword"));
    CHECK(says(R"({"format":"iri"})", "/format: unknown format iri"));
    CHECK(says(R"({"$schema":"https://json-schema.org/draft/2020-12/schema"})", "/$schema: only draft-07"));
    CHECK(says(R"({"items":{"$id":"x"}})", "/items/$id: only understood at the root"));
    CHECK(problem_of(
              R"({"title":"t","$comment":"c","default":1,"examples":[],"readOnly":true,"description":"d"})")
              .empty());
}

TEST_CASE("references") {
    CHECK(says(R"({"$ref":"http://example.com/other.json"})",
               "refers to another document, http://example.com/other.json"));
    CHECK(says(R"({"items":{"$ref":"other.json#/a"}})", "/items/$ref: refers to another document"));
    CHECK(says(R"({"items":{"$ref":"#/definitions/none"}})", "/items/$ref: refers to nothing"));
    CHECK(says(R"({"$ref":"#name"})", "only JSON pointers"));
    CHECK(says(R"({"$ref":"#/%zz"})", "only JSON pointers"));
    CHECK(says(R"({"$ref":1})", "/$ref: must be a string"));
    CHECK(says(R"({"items":{"$ref":"#","maxLength":1}})", "/items/maxLength: has no effect beside $ref"));
    CHECK(says(R"({"$ref":"#/title","title":"no schema"})", "/title: a schema is an object, true or false"));
}

TEST_CASE("schemas that would never come to an end") {
    CHECK(says(R"({"$ref":"#"})", "without end"));
    CHECK(says(R"({"allOf":[{"anyOf":[{"not":{"$ref":"#/allOf/0"}}]}]})", "without end"));
    CHECK(says(R"({"dependencies":{"a":{"$ref":"#"}}})", "without end"));
    CHECK(says(R"({"if":{"then":{"$ref":"#"}}})", "without end"));
    CHECK(problem_of(R"({"properties":{"a":{"$ref":"#"}},"items":{"$ref":"#"},"contains":{"$ref":"#"}})")
              .empty());
}

TEST_CASE("values that keywords cannot have") {
    CHECK(says(R"({"type":"text"})", "/type: must be of array"));
    CHECK(says(R"({"type":[]})", "/type: must not be empty"));
    CHECK(says(R"({"maxLength":-1})", "/maxLength: must be a non-negative integer"));
    CHECK(says(R"({"maxItems":"5"})", "/maxItems: must be"));
    CHECK(says(R"({"multipleOf":0})", "/multipleOf: must be above 0"));
    CHECK(says(R"({"enum":[]})", "/enum: must not be empty"));
    CHECK(says(R"({"anyOf":[]})", "/anyOf: must not be empty"));
    CHECK(says(R"({"allOf":{}})", "/allOf: must be a list"));
    CHECK(says(R"({"properties":[]})", "/properties: must be an object"));
    CHECK(says(R"({"required":"a"})", "/required: must be a list"));
    CHECK(says(R"({"required":[1]})", "/required: must be a list"));
    CHECK(says(R"({"exclusiveMaximum":true})", "/exclusiveMaximum: must be a number")); // draft 4
    CHECK(says(R"({"uniqueItems":1})", "/uniqueItems: must be true or false"));
    CHECK(says(R"({"items":3})", "/items: a schema is an object, true or false"));
    CHECK(says("[]", "the schema: a schema is an object, true or false"));
}

TEST_CASE("texts that are no schema") {
    CHECK(says("", "not acceptable JSON"));
    CHECK(says("{", "not acceptable JSON"));
    CHECK(says(R"({"a":1,"a":2})", "/a: given twice"));
    CHECK(says(std::string(2 << 20, ' ') + "{}", "at most"));
    CHECK(says(std::string(65, '[') + std::string(65, ']'), "not acceptable JSON"));
    std::string many = R"({"allOf":[)";
    for (int i = 0; i < 10'001; ++i)
        many += "{},";
    CHECK(says(many + "{}]}", "more than 10000 schemas"));
}

TEST_CASE("several problems are told together, but not without bound") {
    CHECK(problem_of(R"({"a":1,"b":2})") == "/a: unknown keyword; /b: unknown keyword");
    std::string many = "{";
    for (int i = 0; i < 1000; ++i)
        many += "\"unknown" + std::to_string(i) + "\":0,";
    CHECK(problem_of(many + "\"type\":\"null\"}").size() < 1000);
}
