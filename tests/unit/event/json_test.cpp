// What passes as JSON, and what does not: RFC 8259 in UTF-8, with the corners where parsers differ.
#include "decoding.hpp"
#include "millrace/event/json.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace::event;
using millrace::event::test::repeat;
using namespace std::string_view_literals;

TEST_CASE("JSON is accepted") {
    json_checker json(64);
    for (const auto text : {"null"sv,
                            "true"sv,
                            "false"sv,
                            "0"sv,
                            "-0"sv,
                            "\"\""sv,
                            "{}"sv,
                            "[]"sv,
                            " \t\r\n1 \t\r\n"sv,
                            "1.5e-3"sv,
                            "0E0"sv,
                            "-0.0e+00"sv,
                            "[1,[2,{\"a\":[]}]]"sv,
                            R"("\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00\u0000")"sv,
                            "\"\x7f\""sv,
                            "\"\xc3\xa9\xf0\x9f\x98\x80\""sv,
                            R"({"a":1,"a":2})"sv,
                            R"({"":0})"sv,
                            "\"\xe2\x80\xa8\""sv,
                            "\"\xef\xbb\xbf\""sv})
        CHECK_MESSAGE(json.check(text), text);
}

TEST_CASE("what only looks like JSON is refused") {
    json_checker json(64);
    for (const auto text : {""sv,
                            " "sv,
                            "\n"sv,
                            "nul"sv,
                            "nulll"sv,
                            "True"sv,
                            "NaN"sv,
                            "Infinity"sv,
                            "-"sv,
                            "-Infinity"sv,
                            "+1"sv,
                            "01"sv,
                            "-01"sv,
                            "1."sv,
                            ".5"sv,
                            "1e"sv,
                            "1e+"sv,
                            "0x1"sv,
                            "1 2"sv,
                            "[1,]"sv,
                            "[,1]"sv,
                            "[1 2]"sv,
                            "["sv,
                            "]"sv,
                            "[]]"sv,
                            "[}"sv,
                            "{\"a\":1,}"sv,
                            "{\"a\"}"sv,
                            "{\"a\" 1}"sv,
                            "{a:1}"sv,
                            "{1:1}"sv,
                            "{'a':1}"sv,
                            "{\"a\":}"sv,
                            "{"sv,
                            "/**/1"sv,
                            "1//"sv,
                            "'a'"sv,
                            "\"a"sv,
                            "\"\\x\""sv,
                            "\"\\u12\""sv,
                            "\"\\u12g4\""sv,
                            "\"\\\""sv,
                            "\"\\ud8\""sv,
                            "\"a\nb\""sv,
                            "\"a\tb\""sv,
                            "\"\0\""sv,
                            "1\0"sv,
                            "\f1"sv,
                            "\xc2\xa0"
                            "1"sv,
                            "e5"sv,
                            "1ee5"sv,
                            "1e5e5"sv,
                            "\\ud800"sv})
        CHECK_MESSAGE(!json.check(text), text);
}

TEST_CASE("text that is not UTF-8 is refused") {
    json_checker json(64);
    for (const auto text :
         {"\"\xff\""sv, "\"\x80\""sv, "\"\xc3\""sv, "\"\xc0\x80\""sv, "\"\xed\xa0\x80\""sv, "\"\xe2\x82\""sv,
          "\"\xf4\x90\x80\x80\""sv, "{\"\xe9\":1}"sv, "\xfe\xff\0 1"sv, "1\0"sv})
        CHECK_MESSAGE(!json.check(text), text);
    CHECK_FALSE(json.check("\xef\xbb\xbf{}"));
    CHECK(json.error().detail.find("byte order mark") != std::string::npos);
}

TEST_CASE("numbers of any size pass") {
    json_checker json(64);
    const std::string digits = repeat("9", 500);
    for (const std::string& text :
         {std::string("1e400"), std::string("1e2147483648"), std::string("-1E+9999999999"),
          std::string("1e-9999999999"), "1e" + digits, digits, "-" + digits, digits + "." + digits,
          "0." + digits + "e-2147483647", digits + "e2147483647", "0." + repeat("0", 500) + "1e-2147483647",
          "[1e9999999999," + digits + "]"})
        CHECK_MESSAGE(json.check(text), text);
    for (const std::string& text : {"1e" + digits + "x", std::string("[1e9999999999"),
                                    std::string("1e9999999999 1"), std::string("01e9999999999")})
        CHECK_MESSAGE(!json.check(text), text);
}

TEST_CASE("halves of surrogate pairs may be escaped on their own") {
    json_checker json(64);
    for (const auto text :
         {R"("\ud800")"sv, R"("\udfff")"sv, R"("\uD800x")"sv, R"("\ud800\n")"sv, R"("\ud800\u0020")"sv,
          R"("\udc00\ud800")"sv, R"("\ud800\ud800\udc00")"sv, R"({"\ud800":1})"sv, R"("\\ud800\udead")"sv})
        CHECK_MESSAGE(json.check(text), text);
    for (const auto text : {R"("\ud800" "\ud800")"sv, R"("\ud800)"sv, R"("\ud800\ud8")"sv, R"(["\ud800",])"sv,
                            "\"\\ud800\xff\""sv})
        CHECK_MESSAGE(!json.check(text), text);
}

TEST_CASE("64 levels pass where 64 are allowed, 65 do not") {
    json_checker json(64);
    CHECK(json.check(repeat("[", 64) + repeat("]", 64)));
    CHECK_FALSE(json.check(repeat("[", 65) + repeat("]", 65)));
    CHECK(json.error().detail.find("deeper than 64") != std::string::npos);
    CHECK(json.check(repeat("{\"a\":", 64) + "1" + repeat("}", 64)));
    CHECK_FALSE(json.check(repeat("{\"a\":", 65) + "1" + repeat("}", 65)));
    CHECK(json.check(repeat("[{\"a\":", 32) + "1" + repeat("}]", 32)));
    CHECK(json.check("[" + repeat("[],", 1000) + "[]]")); // next to each other is not in each other
    CHECK_FALSE(json.check(repeat("[", 1'000'000)));

    json_checker flat(1);
    CHECK(flat.check("[1]"));
    CHECK_FALSE(flat.check("[[]]"));
}

TEST_CASE("an error says where and why") {
    json_checker json(64);
    const struct {
        std::string_view text;
        std::size_t offset;
        std::string_view word;
    } table[] = {
        {"{\"a\":1,}", 7, "syntax"}, {"[1,", 3, "too early"},    {"1 2", 2, "after the end"},
        {"  ", 2, "empty"},          {"\"a\nb\"", 2, "control"}, {"\"\xff\"", 1, "UTF-8"},
    };
    for (const auto& row : table) {
        CHECK_FALSE(json.check(row.text));
        CHECK(json.error().offset == row.offset);
        CHECK_MESSAGE(json.error().detail.find(row.word) != std::string::npos, json.error().detail);
    }
    CHECK(json.check("1")); // an error leaves nothing behind
}
