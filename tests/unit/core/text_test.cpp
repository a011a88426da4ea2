// The rules of text that several protocols share.
#include "millrace/core/text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

using namespace millrace;
using namespace std::string_view_literals;

TEST_CASE("well-formed UTF-8 and nothing else") {
    for (const auto text :
         {""sv, "ascii"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
          "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv,
          "Gr\xc3\xbc\xc3\x9f"
          "e"sv})
        CHECK_MESSAGE(is_utf8(text), text);
    for (const auto text :
         {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2 "sv, "\xe0\x9f\xbf"sv, "\xe2\x82"sv,
          "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf0\x9f\x98"sv, "\xf4\x90\x80\x80"sv,
          "\xf5\x80\x80\x80"sv, "\xfe"sv, "\xff"sv, "fine until \xe2\x28\xa1"sv})
        CHECK_MESSAGE(!is_utf8(text), text);
}

TEST_CASE("percent-decoding") {
    CHECK(percent_decode("").value() == "");
    CHECK(percent_decode("plain+text").value() == "plain+text");
    CHECK(percent_decode("%41%7a").value() == "Az");
    CHECK(percent_decode("%e2%82%AC").value() == "\xe2\x82\xac");
    CHECK(percent_decode("a%00b").value() == "a\0b"sv);
    CHECK(percent_decode("%2541").value() == "%41"); // one round
    CHECK(percent_decode("%25").value() == "%");
    for (const auto text : {"%"sv, "%4"sv, "a%"sv, "a%4"sv, "%4g"sv, "%g4"sv, "%%41"sv, "% 41"sv, "%+1"sv})
        CHECK_MESSAGE(!percent_decode(text), text);
}

TEST_CASE("parameters of a query") {
    CHECK(query_parameter("key=a", "key").value() == "a");
    CHECK(query_parameter("x=1&key=a&y=2", "key").value() == "a");
    CHECK(query_parameter("key=first&key=second", "key").value() == "first");
    CHECK(query_parameter("key=", "key").value() == "");
    CHECK(query_parameter("key", "key").value() == "");
    CHECK(query_parameter("&&key=a&", "key").value() == "a");
    CHECK(query_parameter("key=a%20b+c%2Bd", "key").value() == "a b c+d");
    CHECK(query_parameter("key=a=b", "key").value() == "a=b");
    CHECK(query_parameter("key=a%26b", "key").value() == "a&b");
    CHECK_FALSE(query_parameter("", "key"));
    CHECK_FALSE(query_parameter("keys=a", "key"));
    CHECK_FALSE(query_parameter("KEY=a", "key"));
    CHECK_FALSE(query_parameter("key=%zz", "key"));
}

TEST_CASE("a parameter that is given more than once is noticed") {
    for (const auto query : {"key=a&key=b"sv, "key=a&key=a"sv, "key&x=1&key=a"sv, "key=&key="sv, "key&key"sv})
        CHECK_MESSAGE(has_repeated_query_parameter(query, "key"), query);
    for (const auto query : {""sv, "key=a"sv, "key=a&keys=b"sv, "xkey=a&key=b"sv, "key=key=b"sv})
        CHECK_MESSAGE(!has_repeated_query_parameter(query, "key"), query);
}

TEST_CASE("letters without regard to case, in ASCII alone") {
    CHECK(iequals("Content-Type", "content-tYPE"));
    CHECK(iequals("", ""));
    CHECK_FALSE(iequals("a", "ab"));
    CHECK_FALSE(iequals("@", "`")); // differ by the bit that separates A from a
    CHECK_FALSE(iequals("[", "{"));
    CHECK_FALSE(iequals("\xc3\x84", "\xc3\xa4"));
}

TEST_CASE("white space at both ends") {
    CHECK(trim(" \t a b\t ") == "a b");
    CHECK(trim("") == "");
    CHECK(trim(" \t") == "");
    CHECK(trim("a") == "a");
    CHECK(trim("\na\n") == "\na\n");
}

TEST_CASE("a number is all of the text, and fits") {
    CHECK(parse_number<int>("12").value() == 12);
    CHECK(parse_number<int>("-12").value() == -12);
    CHECK(parse_number<std::uint8_t>("255").value() == 255);
    CHECK(parse_number<std::int64_t>("-9223372036854775808").value() == INT64_MIN);
    for (const auto text : {""sv, " 1"sv, "1 "sv, "+1"sv, "1.0"sv, "0x1"sv, "1e3"sv, "2147483648"sv})
        CHECK_MESSAGE(!parse_number<int>(text), text);
    CHECK_FALSE(parse_number<std::uint8_t>("256"));
    CHECK_FALSE(parse_number<unsigned>("-1"));
}

TEST_CASE("edit distance") {
    CHECK(edit_distance("", "") == 0);
    CHECK(edit_distance("abc", "") == 3);
    CHECK(edit_distance("", "abc") == 3);
    CHECK(edit_distance("kitten", "sitting") == 3);
    CHECK(edit_distance("brokers", "brokres") == 2);
    CHECK(edit_distance("same", "same") == 0);
}

TEST_CASE("the nearest name is one that may have been meant") {
    const std::array<std::string_view, 3> names{"listen", "max_body_bytes", "threads"};
    CHECK(nearest("lisen", names) == "listen");
    CHECK(nearest("max_body_byte", names) == "max_body_bytes");
    CHECK(nearest("thread", names) == "threads");
    CHECK(nearest("colour", names) == "");
    CHECK(nearest("x", std::array<std::string_view, 0>{}) == "");
}
