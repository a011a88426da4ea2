// An event as the headers of a request: the CloudEvents HTTP binding in binary mode.
#include "delivery_request.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace millrace;
using namespace millrace::processor;

namespace {

constexpr unix_ms now{1'614'265'330'999};
const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

struct fixture {
    std::map<std::string, std::string> fixed;
    webhook_signer signer{std::vector<std::string>{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}};
    webhook_signer none{std::vector<std::string>{}};
    event::event event;
    std::vector<event::attribute> attributes;
    std::vector<field> record;

    fixture() {
        event.id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        event.source = "/shop";
        event.type = "order.placed";
        event.content_type = "application/json";
        event.data = R"({"test": 2432232314})";
    }

    delivery view() {
        event.attributes = attributes;
        delivery d;
        d.event = &event;
        d.headers = record;
        return d;
    }

    /// The value of the one header of that name; "-" where there is none.
    std::string header(std::string_view name, const webhook_signer* with = nullptr) {
        delivery_request request(fixed, with == nullptr ? signer : *with);
        const auto wrong = request.make(view(), now);
        REQUIRE_MESSAGE(!wrong, *wrong);
        CHECK(std::ranges::count(request.headers(), name, &field::name) <= 1);
        const auto found = std::ranges::find(request.headers(), name, &field::name);
        return found == request.headers().end() ? "-" : std::string(found->value);
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "the attributes are headers, the media type is the Content-Type") {
    attributes = {{"ce_time", "2026-11-29T10:00:00Z"}, {"ce_subject", "a b"}, {"ce_myextension", "1"}};
    CHECK(header("ce-specversion") == "1.0");
    CHECK(header("ce-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    CHECK(header("ce-source") == "/shop");
    CHECK(header("ce-type") == "order.placed");
    CHECK(header("ce-time") == "2026-11-29T10:00:00Z");
    CHECK(header("ce-subject") == "a%20b");
    CHECK(header("ce-myextension") == "1");
    CHECK(header("Content-Type") == "application/json");
    CHECK(header("ce-datacontenttype") == "-");
    event.content_type = {};
    CHECK(header("Content-Type") == "-");
}

TEST_CASE("values are percent-encoded as the binding says") {
    struct row {
        const char* value;
        const char* encoded;
    };
    for (const row& r :
         {row{"", ""}, row{"plain!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "plain!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"},
          row{"a b", "a%20b"}, row{"say \"hi\"", "say%20%22hi%22"}, row{"100%", "100%25"},
          row{"\xe2\x82\xac", "%E2%82%AC"}, row{"\xf0\x9f\x98\x80", "%F0%9F%98%80"},
          row{"a\r\nb: c", "a%0D%0Ab:%20c"}, row{"\x7f", "%7F"}}) {
        CAPTURE(r.value);
        std::string out;
        append_attribute_value(out, r.value);
        CHECK(out == r.encoded);
    }
}

TEST_CASE_FIXTURE(fixture, "the partition key goes with it, once, where it is text") {
    CHECK(header("ce-partitionkey") == "-");
    event.key = "customer 7";
    CHECK(header("ce-partitionkey") == "customer%207");
    attributes = {{"ce_partitionkey", "own"}};
    CHECK(header("ce-partitionkey") == "own");
    attributes.clear();
    for (const char* odd : {"", "\xff", "a\nb"}) {
        event.key = odd;
        CHECK(header("ce-partitionkey") == "-");
    }
}

TEST_CASE_FIXTURE(fixture,
                  "the trace goes on, where it is valid; the extension of that name is another thing") {
    record = {{"traceparent", parent}, {"tracestate", "a=1"}};
    CHECK(header("traceparent") == parent);
    CHECK(header("tracestate") == "a=1");
    attributes = {{"ce_traceparent", "of-the-event"}};
    CHECK(header("ce-traceparent") == "of-the-event");
    record = {{"traceparent", "00-0-0-00\r\nX: y"}, {"tracestate", "a=1"}};
    CHECK(header("traceparent") == "-");
    CHECK(header("tracestate") == "-");
    record = {{"traceparent", parent}, {"tracestate", "\r\n"}};
    CHECK(header("tracestate") == "-");
}

TEST_CASE_FIXTURE(fixture, "it is signed: id, seconds, data as they are") {
    CHECK(header("webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    CHECK(header("webhook-timestamp") == "1614265330");
    CHECK(header("webhook-signature") == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    CHECK(header("webhook-signature", &none) == "-");
    CHECK(header("webhook-id", &none) == "msg_p5jXN8AQM9LWM0D4loKWxJek");
    CHECK(header("webhook-timestamp", &none) == "1614265330");
    event.id = "events/0/1";
    CHECK(header("ce-id") == "events/0/1");
    CHECK(header("webhook-id").starts_with("evt_"));
}

TEST_CASE_FIXTURE(fixture, "fixed headers are sent with each") {
    fixed = {{"Authorization", "Bearer x"}};
    CHECK(header("Authorization") == "Bearer x");
}

TEST_CASE_FIXTURE(fixture, "a content type that would be two headers is refused") {
    for (const char* odd : {"text/plain\r\nX: y", "text/plain\n", "\x01", "text/\xff"}) {
        event.content_type = odd;
        delivery_request request(fixed, signer);
        CHECK(request.make(view(), now));
    }
}
