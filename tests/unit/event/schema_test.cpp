// What a schema finds wrong with an event, and where: all of it, as pointers.
#include "millrace/event/schema.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace millrace::event;

namespace {

std::shared_ptr<const schema> parsed(std::string_view text) {
    std::string problem;
    auto made = schema::parse(text, problem);
    INFO(problem);
    REQUIRE(made);
    CHECK(problem.empty());
    return made;
}

// The pointers of all violations, one after the other.
std::string pointers(std::string_view schema_text, std::string_view json) {
    std::string all;
    for (const violation& each : parsed(schema_text)->violations(json, 100)) {
        CHECK(each.detail.ends_with('.'));
        all += (all.empty() ? "" : " ") + (each.pointer.empty() ? "(all)" : each.pointer);
    }
    return all;
}

std::string detail(std::string_view schema_text, std::string_view json) {
    const auto found = parsed(schema_text)->violations(json, 100);
    REQUIRE(found.size() == 1);
    return found.front().detail;
}

} // namespace

TEST_CASE("every place that does not match has its pointer") {
    constexpr std::string_view order = R"({
        "$schema": "http://json-schema.org/draft-07/schema#", "title": "an order",
        "type": "object", "required": ["id", "lines"],
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Z]{2}-\\d+$"},
            "amount": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.01},
            "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/line"}},
            "a/b~c": {"type": "null"}},
        "additionalProperties": false,
        "definitions": {"line": {
            "type": "object", "required": ["sku"], "properties": {"sku": {"minLength": 3}, "n": {"type": "integer"}}}}})";
    CHECK(pointers(order, R"({"id":"AB-1","amount":19.99,"lines":[{"sku":"abc","n":2.0}],"a/b~c":null})")
              .empty());
    CHECK(pointers(order, R"({"id":7,"amount":-0.001,"lines":[{"n":1.5},{"sku":"ab"},3],"a/b~c":1,"x":0})") ==
          "/a~1b~0c /amount /amount /id /lines/0/sku /lines/0/n /lines/1/sku /lines/2 /x");
    CHECK(pointers(order, "{}") == "/id /lines");
    CHECK(pointers(order, "[]") == "(all)");
}

TEST_CASE("what is said helps") {
    CHECK(detail(R"({"type":["string","integer"]})", "1.5") ==
          "The value must be a string or an integer; it is a number.");
    CHECK(detail(R"({"enum":["a",1,null,[]]})", "2") == "The value must be one of \"a\", 1, null, an array.");
    CHECK(detail(R"({"const":true})", "false") == "The value must be true.");
    CHECK(detail(R"({"maximum":1e2})", "100.5") == "The value must be at most 1e2.");
    CHECK(detail(R"({"maxLength":2})", R"("äöü")") == "At most 2 characters are allowed; there are 3.");
    CHECK(detail(R"({"uniqueItems":true})", R"([0,{"a":1,"b":2},1,{"b":2,"a":1.0}])") ==
          "The elements must differ; those at 1 and 3 are equal.");
    CHECK(detail(R"({"oneOf":[{},{}]})", "0") ==
          "The value must match exactly one of the 2 alternatives of oneOf; it matches 2.");
}

TEST_CASE("values are compared as JSON Schema compares them") {
    CHECK(pointers(R"({"const":1})", "1.0").empty());
    CHECK(pointers(R"({"const":1})", "true") == "(all)");
    CHECK(pointers(R"({"const":{"a":[1,{"b":2}]}})", R"({"a":[10e-1,{"b":2}]})").empty());
    CHECK(pointers(R"({"const":"a\u0000b"})", R"("a\u0000c")") == "(all)");
    CHECK(pointers(R"({"const":"a\u00e9"})", "\"a\xc3\xa9\"").empty());
    CHECK(pointers(R"({"uniqueItems":true})", "[1,true,\"1\",null,[1],{\"a\":1}]").empty());
}

TEST_CASE("numbers are exact where 64 bits or decimals ask for it") {
    CHECK(pointers(R"({"maximum":18446744073709551614})", "18446744073709551615") == "(all)");
    CHECK(pointers(R"({"maximum":18446744073709551615})", "18446744073709551615").empty());
    CHECK(pointers(R"({"const":9007199254740993})", "9007199254740992") == "(all)");
    CHECK(pointers(R"({"multipleOf":0.01})", "19.99").empty());
    CHECK(pointers(R"({"multipleOf":0.0001})", "0.00751") == "(all)");
    CHECK(pointers(R"({"multipleOf":0.5})", "1e308").empty());
    CHECK(pointers(R"({"multipleOf":7})", "1e20") == "(all)");
    CHECK(pointers(R"({"multipleOf":1e20})", "7") == "(all)");
    CHECK(pointers(R"({"type":"integer"})", "1e400").empty()); // beyond any double
    CHECK(pointers(R"({"type":"integer"})", "1e-400") == "(all)");
    CHECK(pointers(R"({"maximum":5})", "1e9999999999") == "(all)");
    CHECK(pointers(R"({"maximum":5})", "-1e9999999999").empty());
    CHECK(pointers(R"({"minimum":5})", "1e-9999999999") == "(all)");
}

TEST_CASE("a name given twice is a violation, for readers differ about the value that counts") {
    CHECK(pointers("{}", R"({"a":1,"b":[{"c":0,"\u0063":1}],"a":2})") == "/b/0/c /a");
    CHECK(pointers("true", R"({"a":{"b":1},"c":{"b":1}})").empty());
}

TEST_CASE("schemas may refer to themselves and to each other") {
    constexpr std::string_view tree =
        R"({"properties":{"v":{"type":"integer"},"next":{"$ref":"#"}},"required":["v"]})";
    CHECK(pointers(tree, R"({"v":1,"next":{"v":2,"next":{"next":{"v":"x"}}}})") ==
          "/next/next/v /next/next/next/v");
    CHECK(
        pointers(
            R"({"$id":"http://example.com/s.json","items":{"$ref":"http://example.com/s.json#/definitions/a%25b~1c"},
                      "definitions":{"a%b/c":{"type":"string"}}})",
            R"(["x",1])") == "/1");
}

TEST_CASE("alternatives, conditions, and names") {
    CHECK(pointers(R"({"anyOf":[{"type":"string"},{"minimum":5}]})", "3") == "(all)");
    CHECK(pointers(R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
                   R"({"a":1})") == "/b");
    CHECK(pointers(R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
                   "{}") == "/c");
    CHECK(pointers(R"({"not":{"type":"null"}})", "null") == "(all)");
    CHECK(pointers(R"({"propertyNames":{"maxLength":2}})", R"({"ab":1,"abc":2})") == "/abc");
    CHECK(pointers(R"({"dependencies":{"a":["b"],"c":{"maxProperties":1}}})", R"({"a":1,"c":2})") ==
          "/b (all)");
    CHECK(
        pointers(R"({"patternProperties":{"^n":{"type":"number"}},"additionalProperties":{"type":"string"}})",
                 R"({"n1":"x","s":1,"t":"y"})") == "/n1 /s");
    CHECK(pointers(R"({"items":[{"type":"null"}],"additionalItems":false})", "[null,1,2]") == "/1 /2");
    CHECK(pointers(R"({"contains":{"const":1}})", "[2,3]") == "(all)");
}

TEST_CASE("formats") {
    const auto is = [](std::string_view format, std::string_view text) {
        return pointers(R"({"format":")" + std::string(format) + "\"}", "\"" + std::string(text) + "\"")
            .empty();
    };
    CHECK(is("date-time", "1998-12-31T23:59:60Z"));
    CHECK(is("date-time", "1998-12-31T15:59:60.123-08:00"));
    CHECK_FALSE(is("date-time", "1998-12-31T22:59:60Z"));
    CHECK_FALSE(is("date-time", "2026-02-29T00:00:00Z"));
    CHECK(is("date", "2024-02-29"));
    CHECK_FALSE(is("date", "2024-02-30"));
    CHECK(is("time", "08:30:06Z"));
    CHECK_FALSE(is("time", "08:30:06"));
    CHECK(is("ipv6", "::ffff:192.0.2.1"));
    CHECK_FALSE(is("ipv6", ":::"));
    CHECK_FALSE(is("ipv4", "192.0.2.01"));
    CHECK(is("hostname", "example.com"));
    CHECK_FALSE(is("hostname", "-a.example"));
    CHECK(is("email", "a.b@example.com"));
    CHECK_FALSE(is("email", ".a@example.com"));
    CHECK(is("uri", "http://[::1]:80/a?b#c"));
    CHECK_FALSE(is("uri", "//example.com/"));
    CHECK(is("uri-reference", "../a"));
    CHECK(is("uuid", "019ab3de-7c2b-7000-8000-0123456789ab"));
    CHECK_FALSE(is("uuid", "019ab3de-7c2b-7000-8000-0123456789a"));
    CHECK(is("json-pointer", "/a~1b"));
    CHECK_FALSE(is("json-pointer", "/a~2b"));
    CHECK(pointers(R"({"format":"date"})", "12").empty()); // says nothing of what is not a string
}
