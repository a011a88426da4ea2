// No event, whatever it was made for, costs out of proportion: neither stack, nor time, nor answers.
#include "millrace/event/schema.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>

using namespace millrace::event;

namespace {

std::shared_ptr<const schema> parsed(std::string_view text) {
    std::string problem;
    auto made = schema::parse(text, problem);
    INFO(problem);
    REQUIRE(made);
    return made;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i)
        all += text;
    return all;
}

bool is_given_up(const std::vector<violation>& found) {
    return !found.empty() && found.back().detail.find("reasonable amount of work") != std::string::npos;
}

} // namespace

TEST_CASE("expressions that take others for ever, against a megabyte") {
    const std::string many(1'000'000, 'a');
    for (const std::string_view expression : {"^(a|b)*$", "^(a+)+$", "^(a|a)*$", "(a*)*$"}) {
        const auto made = parsed(R"({"pattern":")" + std::string(expression) + "\"}");
        CHECK(made->violations('"' + many + '"', 1).empty());
        (void)made->violations('"' + many + "c\"", 1);
    }
    // Whose states are more than RE2 remembers, so that each character costs a step for every instruction.
    const auto costly = parsed(R"({"pattern":"^(a|b)*a(a|b){200}$"})");
    CHECK(is_given_up(costly->violations('"' + many + '"', 1)));
    CHECK(costly->violations('"' + many.substr(0, 1000) + '"', 1).empty());
    for (const std::string_view format : {"date-time", "email", "uri", "ipv6", "hostname", "json-pointer"})
        (void)parsed(R"({"format":")" + std::string(format) + "\"}")->violations('"' + many + '"', 1);
}

TEST_CASE("depth of an event, of a schema, and of both") {
    const auto tree = parsed(R"({"items":{"$ref":"#"}})");
    CHECK(tree->violations(repeated("[", 1000) + repeated("]", 1000), 1).empty());
    CHECK(is_given_up(tree->violations(repeated("[", 100'000) + repeated("]", 100'000), 1)));

    std::string chain = R"({"items":{"$ref":"#/definitions/d0"},"definitions":{)";
    for (int i = 0; i < 9'000; ++i)
        chain += "\"d" + std::to_string(i) + R"(":{"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"},";
    chain += R"("d9000":{"type":"null"}}})";
    CHECK(is_given_up(parsed(chain)->violations("[null]", 1)));
}

TEST_CASE("work that doubles at each level is given up") {
    std::string doubling = R"({"definitions":{"d60":{"const":1})";
    for (int i = 0; i < 60; ++i) {
        const std::string next = R"({"$ref":"#/definitions/d)" + std::to_string(i + 1) + "\"}";
        doubling += ",\"d" + std::to_string(i) + R"(":{"anyOf":[)" + next + "," + next + "]}";
    }
    CHECK(is_given_up(parsed(doubling + R"(},"not":{"$ref":"#/definitions/d0"}})")->violations("2", 5)));
}

TEST_CASE("elements are told apart without comparing each with each") {
    std::string numbers = "[";
    std::string objects = "[";
    for (int i = 0; i < 20'000; ++i) {
        numbers += std::to_string(i) + ",";
        objects += R"({"a":)" + std::to_string(i) + "},";
    }
    const auto unique = parsed(R"({"uniqueItems":true})");
    CHECK(unique->violations(numbers + "-1]", 1).empty());
    CHECK(unique->violations(objects + "{}]", 1).empty());
    CHECK(unique->violations(numbers + "7.0]", 1).size() == 1);
}

TEST_CASE("violations are few, and each is short") {
    const auto strings = parsed(R"({"items":{"type":"string"}})");
    CHECK(strings->violations("[" + repeated("1,", 10'000) + "1]", 20).size() == 20);
    CHECK(strings->violations("[1]", 0).empty());

    const auto none = parsed(R"({"additionalProperties":false})");
    const auto found = none->violations("{\"" + std::string(100'000, 'n') + "\":1}", 20);
    REQUIRE(found.size() == 1);
    CHECK(found.front().pointer.empty());
    CHECK(found.front().detail.size() < 200);

    std::string twice = "{";
    for (int i = 0; i < 1'000; ++i)
        twice += "\"a" + std::to_string(i / 2) + "\":0,";
    CHECK(parsed("{}")->violations(twice + "\"b\":0}", 20).size() <= 20);
}

TEST_CASE("text that is no JSON is survived") {
    const auto made =
        parsed(R"({"properties":{"a":{"items":{"type":"string"}}},"uniqueItems":true,"minimum":1})");
    for (const std::string_view text :
         {"",   "{", "[",        "]",     "}",  "\"",   "\"\\", "{\"a\":",    "{\"a\"", "[1,,}",
          "{]", "-", "[\"\\u12", "{1:2}", "}{", "\xff", ":::",  "{\"a\":[\"", "1e",     "[-]"})
        (void)made->violations(text, 5);
}
