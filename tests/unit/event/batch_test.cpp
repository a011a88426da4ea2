// CloudEvents batches: an array of structured events, taken or refused as a whole.
#include "decoding.hpp"

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

namespace {

std::string one_event(std::string_view id, std::string_view more = "") {
    return R"({"specversion":"1.0","source":"/s","type":"t","id":")" + std::string(id) + "\"" +
           std::string(more) + "}";
}

post batch(std::string body) {
    return {"application/cloudevents-batch+json", std::move(body)};
}

} // namespace

TEST_CASE("a batch keeps its order; an empty one is fine") {
    decoding decode;
    const decoded all =
        decode.good(batch(" [ " + one_event("a", R"(,"data":1,"x":"y")") + " ,\n" + one_event("b") + "," +
                          one_event("c", R"(,"partitionkey":"k","data_base64":"AA==")") + " ] "));
    CHECK(all.batch);
    REQUIRE(all.events.size() == 3);
    CHECK(all.events[0].id == "a");
    CHECK(all.events[0].data == "1");
    CHECK(attribute_of(all.events[0], "x") == "y");
    CHECK(all.events[1].id == "b");
    CHECK(all.events[1].data.empty());
    CHECK(all.events[1].attributes.empty());
    CHECK(all.events[2].key == "k");
    CHECK(all.events[2].attributes.size() == 1);
    CHECK(all.events[2].data.size() == 1);

    for (const char* body : {"[]", " [ ] "}) {
        const decoded none = decode.good(batch(body));
        CHECK(none.batch);
        CHECK(none.events.empty());
    }
}

TEST_CASE("what is no batch at all has no event to blame") {
    decoding decode;
    for (const std::string& body : {std::string(), std::string("{}"), one_event("a"), std::string("null"),
                                    std::string("[" + one_event("a")), "[" + one_event("a") + ",]"}) {
        const fault f = decode.bad(batch(body));
        CHECK(f.code == fault_code::malformed_request);
        CHECK(f.blames.empty());
    }
}

TEST_CASE("every faulty event is named") {
    decoding decode;
    const fault f = decode.bad(batch("[" + one_event("a") + ",[" + one_event("b") + "],1,null,\"x\"," +
                                     one_event("", R"(,"time":1)") + "," +
                                     one_event("g", R"(,"data":1,"data_base64":"")") + "]"));
    CHECK(f.code == fault_code::malformed_event);
    REQUIRE(f.blames.size() == 7);
    const std::size_t indices[] = {1, 2, 3, 4, 5, 5, 6};
    for (std::size_t i = 0; i < 7; ++i)
        CHECK(f.blames[i].index == indices[i]);
    CHECK(pointers_of(f) == "/id /time /data_base64");
    CHECK(f.detail.starts_with("7 faults"));
}

TEST_CASE("data under a JSON content type has to be JSON in a batch too") {
    decoding decode;
    const fault f = decode.bad(
        batch("[" + one_event("a") + "," +
              one_event("b", R"(,"datacontenttype":"application/json","data_base64":"ew==")") + "]"));
    REQUIRE(f.blames.size() == 1);
    CHECK(f.blames[0].index == 1);
    CHECK(f.blames[0].pointer == "/data_base64");
}

TEST_CASE("data is no event of its own: the record would be read as that one") {
    decoding decode;
    for (const char* type :
         {"application/cloudevents+json", "Application/CloudEvents-Batch+JSON; charset=utf-8"}) {
        CAPTURE(type);
        const std::string more = std::string(",\"data\":{},\"datacontenttype\":\"") + type + "\"";
        CHECK(pointers_of(decode.bad(batch("[" + one_event("a", more) + "]"))) == "/datacontenttype");
    }
}

TEST_CASE("array and envelopes do not count towards the depth of data") {
    decoding decode;
    const auto deep = [](std::size_t levels) {
        return "[" + one_event("a", ",\"data\":" + repeat("[", levels) + repeat("]", levels)) + "]";
    };
    CHECK(decode.good(batch(deep(64))).events.size() == 1);
    decode.bad(batch(deep(65)));
}

TEST_CASE("limits of a batch") {
    decoding decode({.max_event_bytes = 3, .max_batch_events = 2});
    CHECK(decode.good(batch("[" + one_event("a") + "," + one_event("b") + "]")).events.size() == 2);
    const fault many =
        decode.bad(batch("[" + one_event("a") + "," + one_event("") + "," + one_event("c") + "]"));
    CHECK(many.code == fault_code::too_large);
    CHECK(many.blames.empty());
    const fault large = decode.bad(
        batch("[" + one_event("a", R"(,"data":123)") + "," + one_event("b", R"(,"data":1234)") + "]"));
    CHECK(large.code == fault_code::too_large);
    REQUIRE(large.blames.size() == 1);
    CHECK(large.blames[0].index == 1);
    CHECK(large.blames[0].pointer == "/data");
}

TEST_CASE("faults of a large batch are counted, the first hundred listed") {
    decoding decode;
    const fault f = decode.bad(batch("[" + repeat("1,", 999) + "1]"));
    CHECK(f.blames.size() == 100);
    CHECK(f.detail.starts_with("1000 faults"));
}
