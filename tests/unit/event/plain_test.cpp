// One JSON value, one event.
#include "decoding.hpp"

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

TEST_CASE("a plain event has the bytes as sent, an id of ours and the topic's defaults") {
    decoding decode;
    const post p{"application/json; charset=utf-8", " {\"a\" : 1.10e1, \"a\":[ ]}\r\n"};
    const event::event first = decode.one(p);
    CHECK(first.data.data() == p.body.data()); // a slice, not a copy
    CHECK(first.data.size() == p.body.size());
    CHECK(first.content_type == "application/json; charset=utf-8");
    CHECK(first.source == "/millrace");
    CHECK(first.type == "event");
    CHECK(first.id.size() == 36);
    CHECK(first.id[14] == '7');
    CHECK_FALSE(first.id_from_client);
    CHECK_FALSE(first.cloud_event);
    CHECK_FALSE(first.key);
    CHECK(first.attributes.empty());

    const std::string id(first.id);
    CHECK(decode.one(p).id > id);
}

TEST_CASE("the Idempotency-Key is the id") {
    decoding decode;
    for (const char* value : {"order-17", R"("order-17")"}) {
        const event::event& e = decode.one({"application/json", "1", {}, value});
        CHECK(e.id == "order-17");
        CHECK(e.id_from_client);
    }
    for (const char* value : {R"("")", R"("a)", "\x01", "\xff"}) {
        const fault f = decode.bad({"application/json", "1", {}, value});
        CHECK(f.code == fault_code::malformed_request);
        CHECK(f.blames.empty());
    }
}

TEST_CASE("the key is that of the query") {
    decoding decode;
    CHECK(decode.one({"application/json", "1", {}, {}, "customer 7"}).key == "customer 7");
}

TEST_CASE("what is not JSON is refused, and where is said") {
    decoding decode;
    for (const char* body : {"", " ", "{", "{\"a\":1,}", "\xef\xbb\xbf{}", "\"\xff\"", "1 2"}) {
        const fault f = decode.bad({"application/json", body});
        CHECK(f.code == fault_code::malformed_event);
        REQUIRE(f.blames.size() == 1);
        CHECK_FALSE(f.blames[0].index);
        CHECK(f.blames[0].pointer.empty());
        CHECK(f.detail == f.blames[0].detail);
    }
    CHECK(decode.bad({"application/json", "[1,}"}).detail.find("at byte 3") != std::string::npos);
}

TEST_CASE("depth is bounded by configuration") {
    decoding decode;
    CHECK(decode.good({"application/json", repeat("[", 64) + repeat("]", 64)}).events.size() == 1);
    CHECK(decode.bad({"application/json", repeat("[", 65) + repeat("]", 65)}).code ==
          fault_code::malformed_event);
    decoding shallow({.max_json_depth = 1});
    CHECK(shallow.good({"application/json", "[]"}).events.size() == 1);
    CHECK(shallow.bad({"application/json", "[[]]"}).code == fault_code::malformed_event);
}

TEST_CASE("an event over the limit is too large, one at the limit is not") {
    decoding decode({.max_event_bytes = 10});
    CHECK(decode.one({"application/json", "\"12345678\""}).data.size() == 10);
    const fault f = decode.bad({"application/json", "\"123456789\""});
    CHECK(f.code == fault_code::too_large);
    CHECK(f.detail.find("11 bytes") != std::string::npos);
    CHECK_FALSE(f.blames[0].index);
}
