// Events to Kafka headers and back, and the records of others.
#include "decoding.hpp"
#include "millrace/event/record.hpp"

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

namespace {

std::string text_of(const std::vector<field>& headers) {
    std::string all;
    for (const field& h : headers)
        all += std::string(h.name) + "=" + std::string(h.value) + ";";
    return all;
}

std::vector<field> good_headers() {
    return {{"content-type", "text/plain"},
            {"ce_specversion", "1.0"},
            {"ce_id", "i"},
            {"ce_source", "/s"},
            {"ce_type", "t"}};
}

struct reading {
    record_reader reader;

    event::event good(const stored_record& r) {
        auto outcome = reader.read(r);
        if (outcome.has_error())
            FAIL(outcome.error().detail);
        return *outcome;
    }
    fault bad(const stored_record& r) {
        auto outcome = reader.read(r);
        REQUIRE(outcome.has_error());
        CHECK(outcome.error().code == fault_code::malformed_event);
        return outcome.error();
    }
};

} // namespace

TEST_CASE("headers of a record") {
    decoding decode;
    std::vector<field> headers;
    append_headers(decode.one({"text/plain",
                               "x",
                               {{"ce-specversion", "1.0"},
                                {"ce-id", "i"},
                                {"ce-source", "/s"},
                                {"ce-type", "t"},
                                {"ce-subject", "%C3%A9"},
                                {"ce-traceparent", "theirs"},
                                {"ce-partitionkey", "k"}}}),
                   {"00-1-2-01", "a=b"}, headers);
    CHECK(text_of(headers) ==
          "content-type=text/plain;ce_specversion=1.0;ce_id=i;ce_source=/s;ce_type=t;ce_subject=\xc3\xa9;"
          "ce_traceparent=theirs;ce_partitionkey=k;traceparent=00-1-2-01;tracestate=a=b;");
    headers.clear();
    append_headers(decode.one({"application/json", "1", {}, "K"}), {}, headers);
    CHECK(text_of(headers) ==
          "content-type=application/json;ce_specversion=1.0;ce_id=K;ce_source=/millrace;ce_type=event;");
    headers.clear();
    append_headers(decode.one({"application/cloudevents+json",
                               R"({"specversion":"1.0","id":"i","source":"/s","type":"t"})"}),
                   {}, headers);
    CHECK(text_of(headers) == "ce_specversion=1.0;ce_id=i;ce_source=/s;ce_type=t;");
}

TEST_CASE("what is written is read back") {
    decoding decode;
    reading read;
    for (
        const post& p :
        {post{"application/json", " {\"a\":1}", {}, "K", "key"},
         post{
             "application/cloudevents+json",
             R"({"specversion":"1.0","id":"\u00e9","source":"/s","type":"t","n":5,"b":true,"time":"2018-04-05T17:31:00Z","partitionkey":"pk","data":"x"})"},
         post{"",
              "",
              {{"ce-specversion", "1.0"},
               {"ce-id", "i"},
               {"ce-source", "/s"},
               {"ce-type", "t"},
               {"ce-e", ""}}}}) {
        const event::event& sent = decode.one(p);
        std::vector<field> headers;
        append_headers(sent, {}, headers);
        const event::event got = read.good({sent.key, sent.data, headers});
        CHECK(got.cloud_event);
        CHECK(got.id == sent.id);
        CHECK(got.source == sent.source);
        CHECK(got.type == sent.type);
        CHECK(got.content_type == sent.content_type);
        CHECK(got.data == sent.data);
        CHECK(got.key == sent.key);
        REQUIRE(got.attributes.size() == sent.attributes.size());
        for (std::size_t i = 0; i < got.attributes.size(); ++i) {
            CHECK(got.attributes[i].header == sent.attributes[i].header);
            CHECK(got.attributes[i].value == sent.attributes[i].value);
        }
    }
}

TEST_CASE("every Content-Type that is accepted is read back") {
    decoding decode;
    reading read;
    for (const char* type :
         {"application/json;\ta=b", "application/json; a=\"\\\"x\"", "\tapplication/json "}) {
        const event::event& sent = decode.one({type, "1"});
        std::vector<field> headers;
        append_headers(sent, {}, headers);
        CHECK(read.good({sent.key, sent.data, headers}).content_type == type);
    }
    for (const char* type :
         {"application/json; a=\"\xff\"", "application/json; a=\"\t\"", "application/json; a=\"\\\x7f\""})
        CHECK(decode.bad({type, "1"}).code == fault_code::unsupported_media_type);
}

TEST_CASE("a record without CloudEvents headers is a plain event") {
    reading read;
    const event::event bare = read.good({std::nullopt, "anything \xff", {}});
    CHECK_FALSE(bare.cloud_event);
    CHECK(bare.id.empty());
    CHECK(bare.data == "anything \xff");
    CHECK_FALSE(bare.key);
    const std::vector<field> headers{
        {"Content-Type", "text/plain"}, {"ce_region", "\xff"}, {"x", {}}, {"ce-specversion", "1.0"}};
    const event::event other = read.good({"k", "", headers});
    CHECK_FALSE(other.cloud_event);
    CHECK(other.content_type == "text/plain");
    CHECK(other.key == "k");
    CHECK(other.attributes.empty());
    CHECK(read.good({"k", "{", std::vector<field>{{"content-type", "application/json"}}}).data == "{");
    CHECK(read.good({"k", "{", std::vector<field>{{"content-type", "\xff"}}}).data == "{");
}

TEST_CASE("binary records of others") {
    reading read;
    auto headers = good_headers();
    headers.push_back({"ce_subject", {}}); // a null value
    headers.push_back({"ce_ext", "100%41"});
    headers.push_back({"millrace_dlq_topic", "t"});
    const event::event e = read.good({std::nullopt, "", headers});
    CHECK(e.cloud_event);
    CHECK(e.id_from_client);
    REQUIRE(e.attributes.size() == 1);
    CHECK(e.attributes[0].value == "100%41"); // no percent-encoding in Kafka
    CHECK(e.data.empty());

    headers = good_headers();
    headers[0].value = "application/json";
    CHECK(read.good({{}, "", headers}).data.empty()); // a null value: an event without data
    headers.push_back({"ce_partitionkey", "pk"});
    CHECK(read.good({{}, "", headers}).key == "pk");
    CHECK(read.good({"record", "", headers}).key == "record");
}

TEST_CASE("a record that claims to be a CloudEvent and is none is a fault") {
    reading read;
    for (const std::string_view lone : {"ce_specversion", "ce_id", "ce_source", "ce_type"})
        CHECK(read.bad({{}, "x", std::vector<field>{{lone, "1.0"}}}).blames.size() == 3);
    const struct {
        std::size_t position;
        field header;
        const char* pointer;
    } table[] = {
        {1, {"ce_specversion", "0.3"}, "/specversion"},
        {2, {"ce_id", ""}, "/id"},
        {2, {"ce_id", {}}, "/id"},
        {2, {"ce_id", "\xff"}, "/id"},
        {3, {"ce_source", "a b"}, "/source"},
        {4, {"ce_type", "a\nb"}, "/type"},
        {5, {"ce_id", "j"}, "/id"},
        {5, {"ce_A", "x"}, "/A"},
        {5, {"ce_", "x"}, ""},
        {5, {"ce_\xff", "x"}, ""},
        {5, {"ce_time", "x"}, "/time"},
        {5, {"ce_data", "x"}, "/data"},
        {5, {"ce_datacontenttype", "text/plain"}, "/datacontenttype"},
        {0, {"content-type", "nothing"}, "/datacontenttype"},
    };
    for (const auto& row : table) {
        auto headers = good_headers();
        headers.resize(6, {"other", "x"});
        headers[row.position] = row.header;
        CHECK_MESSAGE(pointers_of(read.bad({{}, "x", headers})) == row.pointer, row.header.name);
    }
}

TEST_CASE("structured records") {
    reading read;
    const std::string body =
        R"( {"specversion":"1.0","id":"s","source":"/s","type":"t","data": [1, 2.0],"partitionkey":"pk"} )";
    for (const char* type : {"application/cloudevents+json", "Application/CloudEvents+JSON; charset=UTF-8"}) {
        std::vector<field> headers{{"content-type", type}, {"ce_id", "ignored"}};
        const event::event e = read.good({std::nullopt, body, headers});
        CHECK(e.cloud_event);
        CHECK(e.id == "s");
        CHECK(e.data == "[1, 2.0]");
        CHECK(e.content_type == "application/json");
        CHECK(e.key == "pk");
        CHECK(read.good({"record", body, headers}).key == "record");
    }
    const std::vector<field> headers{{"content-type", "application/cloudevents+json"}};
    for (const char* wrong : {"", "{", "[]", "{}", "1"})
        read.bad({{}, wrong, headers});
    const std::string deep = R"({"specversion":"1.0","id":"s","source":"/s","type":"t","data":)";
    CHECK(read.good({{}, deep + repeat("[", 300) + repeat("]", 300) + "}", headers}).id == "s");
    read.bad({{}, deep + repeat("[", 100'000) + repeat("]", 100'000) + "}", headers});
}

TEST_CASE("a batch, or a format that is not understood, is a fault") {
    reading read;
    for (const char* type :
         {"application/cloudevents-batch+json", "application/cloudevents+avro", "application/cloudevents"}) {
        auto headers = good_headers();
        headers[0].value = type;
        read.bad({{}, "[]", headers});
    }
}
