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
    CHECK_FALSE(none.is_encoded());
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

TEST_CASE("any coding but identity is one, on whichever line") {
    std::string scratch;
    const auto encoded = [&](std::vector<field> sent) {
        return read_event_headers(sent, scratch).is_encoded();
    };
    CHECK_FALSE(encoded({{"Content-Encoding", "Identity"}}));
    CHECK(encoded({{"Content-Encoding", "gzip"}}));
    CHECK(encoded({{"Content-Encoding", "identity"}, {"Content-Encoding", "br"}}));
    CHECK(encoded({{"Content-Encoding", "br"}, {"Content-Encoding", "identity"}}));
    CHECK(encoded({{"Content-Encoding", "gzip, identity"}}));
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
