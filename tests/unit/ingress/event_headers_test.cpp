#include "event_headers.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace millrace;
using namespace millrace::ingress;

TEST_CASE("what is not sent is absent, what is sent empty is not") {
    std::string scratch;
    const event_headers none = read_event_headers({}, scratch);
    CHECK(none.content_type.empty());
    CHECK_FALSE(none.idempotency_key);
    const std::vector<field> sent = {{"IDEMPOTENCY-KEY", ""}, {"content-type", "a/b"}};
    const event_headers found = read_event_headers(sent, scratch);
    CHECK(found.idempotency_key == "");
    CHECK_FALSE(found.idempotency_key_repeated);
    CHECK(found.content_type == "a/b");
}

TEST_CASE("a second Idempotency-Key is noticed, also one that is the same, empty or between others") {
    std::string scratch;
    for (const std::vector<field>& sent :
         {std::vector<field>{{"Idempotency-Key", "a"}, {"idempotency-key", "a"}},
          {{"Idempotency-Key", ""}, {"Idempotency-Key", "a"}},
          {{"Idempotency-Key", "a"}, {"X", "y"}, {"Idempotency-Key", ""}}})
        CHECK(read_event_headers(sent, scratch).idempotency_key_repeated);
}

TEST_CASE("several traceparents are none, several tracestates one list") {
    std::string scratch;
    const std::vector<field> sent = {{"traceparent", "a"},
                                     {"tracestate", "x=1"},
                                     {"tracestate", "y=2"},
                                     {"traceparent", "b"},
                                     {"Tracestate", "z=3"}};
    const event_headers found = read_event_headers(sent, scratch);
    CHECK(found.traceparent.empty());
    CHECK(found.tracestate == "x=1,y=2,z=3");
    const std::vector<field> one = {{"traceparent", "a"}};
    CHECK(read_event_headers(one, scratch).traceparent == "a");
    const std::vector<field> three = {{"traceparent", "a"}, {"traceparent", "b"}, {"traceparent", "c"}};
    CHECK(read_event_headers(three, scratch).traceparent.empty());
}

TEST_CASE("a valid trace goes on unchanged, any other is replaced") {
    constexpr std::string_view valid = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    fast_random random(1);
    std::array<char, 55> made{};
    event_headers sent;
    sent.traceparent = valid;
    sent.tracestate = "a=1";
    CHECK(trace_of(sent, random, made).traceparent == valid);
    CHECK(trace_of(sent, random, made).tracestate == "a=1");
    sent.tracestate = "no member";
    CHECK(trace_of(sent, random, made).tracestate.empty());
    sent.traceparent = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
    sent.tracestate = "a=1";
    const event::trace_context fresh = trace_of(sent, random, made);
    CHECK(fresh.traceparent == std::string_view(made.data(), made.size()));
    CHECK(fresh.traceparent.starts_with("00-"));
    CHECK(fresh.tracestate.empty()); // it belongs to the trace that is not there
}

TEST_CASE("the key in the query is decoded; a doubled or broken one is refused") {
    std::optional<std::string> key;
    CHECK(read_partition_key("a=b", key).empty());
    CHECK_FALSE(key);
    CHECK(read_partition_key("key=order+17%2f", key).empty());
    CHECK(key == "order 17/");
    CHECK_FALSE(read_partition_key("key=a&key=a", key).empty());
    CHECK_FALSE(read_partition_key("key=%zz", key).empty());
}
