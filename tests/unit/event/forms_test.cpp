// Which form a submission has: CloudEvents media type, else ce-specversion, else the media type, else 415.
#include "decoding.hpp"

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

namespace {

const std::vector<field> ce_headers{
    {"Host", "x"}, {"ce-specversion", "1.0"}, {"CE-Id", "h1"}, {"Ce-Source", "/h"}, {"ce-type", "t.h"}};
const std::string envelope = R"({"specversion":"1.0","id":"s1","source":"/s","type":"t.s"})";

} // namespace

TEST_CASE("media types of plain JSON") {
    decoding decode;
    for (const char* type :
         {"application/json", "APPLICATION/JSON", " application/json ", "application/json;charset=utf-8",
          "application/json; charset=\"utf-8\"", "application/json ; a=b;c=d", "application/json;",
          "application/json;;a=b", "application/vnd.api+json", "image/x+JSON",
          "application/ld+json;profile=\"a;\\\"b\"", "application/json; charset=iso-8859-1"}) {
        const event::event& e = decode.one({type, "1"});
        CHECK_FALSE(e.cloud_event);
        CHECK(e.content_type == type);
    }
}

TEST_CASE("other media types are 415, with those that are taken named") {
    decoding decode;
    for (const char* type : {"text/plain",
                             "text/json",
                             "application/xml",
                             "application/x-www-form-urlencoded",
                             "json",
                             "application/",
                             "/json",
                             "application",
                             "application/json charset=utf-8",
                             "application/json; charset",
                             "application/json; charset=",
                             "application/json; =x",
                             "application/json; a=\"b",
                             "application/json, text/plain",
                             "application /json",
                             "application/jsonx",
                             "application/xjson",
                             "*/*",
                             "application/cloudevents",
                             "application/cloudevents+xml",
                             "application/cloudevents+avro",
                             "application/cloudevents-batch",
                             "application/cloudevents-batch+avro",
                             "application/json-seq",
                             "application/ndjson2"}) {
        const fault f = decode.bad({type, "1"});
        CHECK_MESSAGE(f.code == fault_code::unsupported_media_type, type);
        CHECK(f.detail.find("application/cloudevents-batch+json") != std::string::npos);
        CHECK(f.blames.empty());
    }
    CHECK(decode.bad({"", "1"}).code == fault_code::unsupported_media_type);
    CHECK(decode.bad({"", ""}).code == fault_code::malformed_request);
}

TEST_CASE("a CloudEvents media type wins over ce- headers") {
    decoding decode;
    for (const char* type : {"application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8"})
        CHECK(decode.one({type, envelope, ce_headers}).id == "s1");
    const decoded batch =
        decode.good({"application/cloudevents-batch+json", "[" + envelope + "]", ce_headers});
    CHECK(batch.batch);
    CHECK(batch.events[0].id == "s1");
    CHECK(decode.bad({"application/cloudevents+avro", "x", ce_headers}).code ==
          fault_code::unsupported_media_type);
    // ... broken ones too: nobody looks at them.
    CHECK(decode.one({"application/cloudevents+json", envelope, {{"ce-specversion", "0.3"}, {"ce-a-b", "%"}}})
              .id == "s1");
}

TEST_CASE("ce-specversion wins over any other media type, and over none") {
    decoding decode;
    for (const char* type :
         {"application/json", "application/x-ndjson", "text/plain", "application/octet-stream", ""}) {
        const event::event& e = decode.one({type, "1", ce_headers});
        CHECK(e.cloud_event);
        CHECK(e.id == "h1");
        CHECK(e.content_type == type);
        CHECK(e.data == "1");
    }
}

TEST_CASE("other ce- headers without ce-specversion mean nothing") {
    decoding decode;
    const event::event& e = decode.one({"application/json", "1", {{"ce-id", "h1"}, {"ce-source", ""}}});
    CHECK_FALSE(e.cloud_event);
    CHECK(e.id != "h1");
    CHECK(decode.bad({"text/plain", "1", {{"ce-id", "h1"}}}).code == fault_code::unsupported_media_type);
}

TEST_CASE("the Idempotency-Key and the key of the query are looked at in every form") {
    decoding decode;
    for (post p : {post{"application/json", "1"}, post{"application/x-ndjson", "1"},
                   post{"text/plain", "1", ce_headers}, post{"application/cloudevents+json", envelope},
                   post{"application/cloudevents-batch+json", "[]"}}) {
        p.idempotency_key = R"("open)";
        CHECK(decode.bad(p).code == fault_code::malformed_request);
        p.idempotency_key = ""; // sent, and not to be taken for one that was not
        CHECK(decode.bad(p).code == fault_code::malformed_request);
        p.idempotency_key = "fine";
        p.key = "";
        CHECK(decode.bad(p).code == fault_code::malformed_request);
        p.key = "\xff";
        CHECK(decode.bad(p).code == fault_code::malformed_request);
        p.key = "k";
        const decoded all = decode.good(p);
        CHECK((all.events.empty() || all.events[0].key == "k"));
    }
}

TEST_CASE("a decoder can be used again after anything") {
    decoding decode;
    for (int i = 0; i < 3; ++i) {
        CHECK(decode.one({"application/json", "1"}).data == "1");
        decode.bad({"application/json", "{"});
        CHECK(decode.one({"text/plain", "1", ce_headers}).id == "h1");
        decode.bad({"application/cloudevents-batch+json", "[1,2]"});
        CHECK(decode.good({"application/jsonl", "1\n2"}).events.size() == 2);
        decode.bad({"", "x"});
    }
}
