// W3C Trace Context: what goes on and what is replaced.
#include "decoding.hpp"
#include "millrace/event/trace.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace::event;
using millrace::event::test::repeat;
using namespace std::string_view_literals;

TEST_CASE("traceparent") {
    const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    CHECK(is_valid_traceparent(good));
    CHECK(is_valid_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff"));
    CHECK(is_valid_traceparent("cc" + good.substr(2)));
    CHECK(is_valid_traceparent("cc" + good.substr(2) + "-what-the-future-will-be-like"));

    CHECK_FALSE(is_valid_traceparent(""));
    CHECK_FALSE(is_valid_traceparent("ff" + good.substr(2)));
    CHECK_FALSE(is_valid_traceparent(good + "-extra"));
    CHECK_FALSE(is_valid_traceparent("cc" + good.substr(2) + ".extra"));
    CHECK_FALSE(is_valid_traceparent(good.substr(0, 54)));
    CHECK_FALSE(is_valid_traceparent(" " + good.substr(0, 54)));
    CHECK_FALSE(is_valid_traceparent("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_valid_traceparent("00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_valid_traceparent("00-00000000000000000000000000000000-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_valid_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"));
    CHECK_FALSE(is_valid_traceparent("0x-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    CHECK_FALSE(is_valid_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x"));
    for (const std::size_t dash : {2U, 35U, 52U}) {
        std::string wrong = good;
        wrong[dash] = '_';
        CHECK_FALSE(is_valid_traceparent(wrong));
    }
}

TEST_CASE("tracestate") {
    for (const auto text : {"rojo=00f067aa0ba902b7"sv, "a=1,b=2"sv, "a=1 , b=2"sv, "a=1,,b=2"sv,
                            "fw529a3039@dt=FfAC"sv, "0t@v=x"sv, "a_-*/=~!"sv, "a=b c"sv})
        CHECK_MESSAGE(is_valid_tracestate(text), text);
    for (const auto text : {""sv, ","sv, "a"sv, "=1"sv, "a="sv, "A=1"sv, "a b=1"sv, "a=1=2"sv, "a=\x01"sv,
                            "a=\xc3\xa9"sv, "@v=1"sv, "a@=1"sv, "a@b@c=1"sv, "-a=1"sv, "a=1,b"sv})
        CHECK_MESSAGE(!is_valid_tracestate(text), text);
    CHECK(is_valid_tracestate("a=1" + repeat(",a=1", 31)));
    CHECK_FALSE(is_valid_tracestate("a=1" + repeat(",a=1", 32)));
    CHECK(is_valid_tracestate("a=" + repeat("x", 256)));
    CHECK_FALSE(is_valid_tracestate("a=" + repeat("x", 257)));
    CHECK_FALSE(
        is_valid_tracestate("a=" + repeat("x", 250) + ",b=" + repeat("x", 250) + ",c=" + repeat("x", 50)));
}

TEST_CASE("a new traceparent is valid whatever the random numbers") {
    const auto text = [](std::uint64_t a, std::uint64_t b, std::uint64_t c) {
        const auto made = make_traceparent(a, b, c);
        return std::string(made.data(), made.size());
    };
    CHECK(text(0x4bf92f3577b34da6, 0xa3ce929d0e0e4736, 0x00f067aa0ba902b7) ==
          "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    CHECK(is_valid_traceparent(text(0, 0, 0)));
    CHECK(is_valid_traceparent(text(1, 0, 0)));
    CHECK(is_valid_traceparent(text(0, 1, 1)));
}
