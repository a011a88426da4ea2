// CloudEvents binary mode: attributes in ce- headers, data in the body.
#include "decoding.hpp"

#include <algorithm>

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;

namespace {

/// A good event with further headers; one of the same name replaces.
post binary(std::vector<field> more, std::string content_type = "text/plain", std::string body = "x") {
    std::vector<field> headers{
        {"ce-specversion", "1.0"}, {"ce-id", "i"}, {"ce-source", "/s"}, {"ce-type", "t"}};
    for (const field& m : more) {
        const auto same = std::ranges::find(headers, m.name, &field::name);
        if (same == headers.end())
            headers.push_back(m);
        else
            *same = m;
    }
    return {std::move(content_type), std::move(body), std::move(headers)};
}

post without(std::string_view name) {
    post p = binary({});
    std::erase_if(p.headers, [&](const field& h) { return h.name == name; });
    return p;
}

} // namespace

TEST_CASE("attributes of a binary event") {
    decoding decode;
    const event::event& e = decode.one({"application/json",
                                        " {\"x\": 1}",
                                        {{"Host", "h"},
                                         {"Ce-SpecVersion", "1.0"},
                                         {"CE-ID", "A234"},
                                         {"ce-source", "https://example.com/a?b#c"},
                                         {"ce-type", "com.example"},
                                         {"ce-time", "2018-04-05T17:31:00Z"},
                                         {"ce-subject", "sub"},
                                         {"Ce-ComExampleExtension1", "value"},
                                         {"ce-empty", ""},
                                         {"cex", "no"},
                                         {"traceparent", "no"}}});
    CHECK(e.cloud_event);
    CHECK(e.id_from_client);
    CHECK(e.id == "A234");
    CHECK(e.source == "https://example.com/a?b#c");
    CHECK(e.type == "com.example");
    CHECK(e.content_type == "application/json");
    CHECK(e.data == " {\"x\": 1}");
    REQUIRE(e.attributes.size() == 4);
    CHECK(e.attributes[0].header == "ce_time");
    CHECK(e.attributes[0].value == "2018-04-05T17:31:00Z");
    CHECK(e.attributes[1].name() == "subject");
    CHECK(e.attributes[2].header == "ce_comexampleextension1");
    CHECK(attribute_of(e, "empty").empty()); // an extension may be an empty string
}

TEST_CASE("values of headers: quotes, then one round of percent-decoding; UTF-8 either way") {
    decoding decode;
    const struct {
        const char* sent;
        const char* read;
    } table[] = {
        {"plain", "plain"},
        {"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"%e2%82%ac", "\xe2\x82\xac"},
        {"\xe2\x82\xac", "\xe2\x82\xac"},
        {"%41%2541", "A%41"},
        {"100%25", "100%"},
        {"a+b", "a+b"},
        {R"("quoted text")", "quoted text"},
        {R"("a\"b\\c%22")", R"(a"b\c")"},
        {R"("\%41")", "A"},
        {R"(a\b)", R"(a\b)"},
        {R"(a "b c" d)", "a b c d"},
        {R"("")", ""},
    };
    for (const auto& row : table)
        CHECK(attribute_of(decode.one(binary({{"ce-ext", row.sent}})), "ext") == row.read);
    for (const char* sent :
         {"%", "50%", "%4", "%zz", "% 41", "%C0%A0", "%ff", "\xff", "%ED%A0%80", "\"open", "a\"", "%00",
          "%0a", "%7F", "%C2%85", "a\tb", "%EF%BF%BE", "%EF%B7%90", "%F0%9F%BF%BF"}) {
        const fault f = decode.bad(binary({{"ce-ext", sent}}));
        CHECK(f.code == fault_code::malformed_event);
        CHECK_MESSAGE(pointers_of(f) == "/ext", sent);
    }
    CHECK(decode.one(binary({{"ce-id", "%41"}, {"ce-source", "/caf%C3%A9"}})).source == "/caf\xc3\xa9");
}

TEST_CASE("required attributes are there and not empty") {
    decoding decode;
    for (const std::string name : {"id", "source", "type"}) {
        CHECK(pointers_of(decode.bad(without("ce-" + name))) == "/" + name);
        for (const char* value : {"", R"("")"})
            CHECK(pointers_of(decode.bad(binary({{"ce-" + name == "ce-id"       ? "ce-id"
                                                  : "ce-" + name == "ce-source" ? "ce-source"
                                                                                : "ce-type",
                                                  value}}))) == "/" + name);
    }
    const fault all = decode.bad({"text/plain", "x", {{"ce-specversion", "1.0"}}});
    CHECK(all.code == fault_code::malformed_event);
    CHECK(pointers_of(all) == "/id /source /type");
    for (const char* version : {"", "1", "1.0.2", "0.3", "1.1", "v1.0"})
        CHECK(pointers_of(decode.bad(binary({{"ce-specversion", version}}))) == "/specversion");
}

TEST_CASE("names of attributes") {
    decoding decode;
    CHECK(attribute_of(decode.one(binary({{"ce-0a9", "v"}})), "0a9") == "v");
    for (const char* name :
         {"ce-", "ce-a-b", "ce-a_b", "ce-a.b", "ce-data", "ce-data_base64", "ce-a!", "ce-a b"})
        CHECK_MESSAGE(decode.bad(binary({{name, "v"}})).code == fault_code::malformed_event, name);
    CHECK(pointers_of(decode.bad(binary({{"ce-datacontenttype", "text/plain"}}))) == "/datacontenttype");
    CHECK(pointers_of(decode.bad(binary({{"ce-A~b", "v"}}))) == "/a~0b");
}

TEST_CASE("an attribute given twice is refused") {
    decoding decode;
    for (const char* name : {"ce-id", "ce-specversion", "ce-ext", "ce-time"}) {
        post p = binary({{"ce-ext", "v"}, {"ce-time", "2018-04-05T17:31:00Z"}});
        p.headers.push_back({name, p.headers[0].value});
        const auto twin = std::ranges::find(p.headers, std::string_view(name), &field::name);
        p.headers.back().value = twin->value;
        CHECK(pointers_of(decode.bad(p)) == "/" + std::string(name + 3));
    }
    CHECK(pointers_of(decode.bad(binary({{"ce-ext", "a"}, {"CE-EXT", "a"}}))) == "/ext");
}

TEST_CASE("optional attributes that CloudEvents defines") {
    decoding decode;
    for (const char* name : {"ce-subject", "ce-time", "ce-dataschema", "ce-partitionkey"})
        CHECK(pointers_of(decode.bad(binary({{name, ""}}))) == "/" + std::string(name + 3));

    for (const char* time : {"2018-04-05T17:31:00Z", "2018-04-05t17:31:00z", "2018-04-05T17:31:00.1+23:59",
                             "2024-02-29T00:00:00-00:00", "2000-02-29T00:00:00Z", "1990-12-31T23:59:60Z",
                             "0000-01-01T00:00:00.123456789012Z"})
        CHECK(attribute_of(decode.one(binary({{"ce-time", time}})), "time") == time);
    for (const char* time : {"now",
                             "2018-04-05",
                             "2018-04-05T17:31:00",
                             "2018-04-05 17:31:00Z",
                             "2018-04-05T17:31Z",
                             "2018-13-05T17:31:00Z",
                             "2018-00-05T17:31:00Z",
                             "2018-04-31T17:31:00Z",
                             "2023-02-29T17:31:00Z",
                             "1900-02-29T17:31:00Z",
                             "2018-04-00T17:31:00Z",
                             "2018-04-05T24:00:00Z",
                             "2018-04-05T17:60:00Z",
                             "2018-04-05T17:31:61Z",
                             "2018-04-05T17:31:00.Z",
                             "2018-04-05T17:31:00.1",
                             "2018-04-05T17:31:00+24:00",
                             "2018-04-05T17:31:00+2:00",
                             "2018-04-05T17:31:00+0200",
                             "2018-04-05T17:31:00ZZ",
                             "18-04-05T17:31:00Z",
                             "2018-04-05T17:31:00Z ",
                             "1522949460",
                             "+2018-04-05T17:31:00Z"})
        CHECK_MESSAGE(pointers_of(decode.bad(binary({{"ce-time", time}}))) == "/time", time);

    for (const char* source : {"/", "a", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "mailto:a@b", "#f",
                               "//h/p", "https://[::1]:80/?a=(b)&c", "/\xc3\xa9", "1-555-123-4567"})
        CHECK(decode.one(binary({{"ce-source", source}})).source == source);
    for (const char* source :
         {"%20", "a b", "a<b", "a>b", "{id}", "a|b", "a\\b", "a^b", "`", "a%25", "a%252"})
        CHECK_MESSAGE(pointers_of(decode.bad(binary({{"ce-source", source}}))) == "/source", source);

    CHECK(attribute_of(decode.one(binary({{"ce-dataschema", "urn:x"}})), "dataschema") == "urn:x");
    for (const char* schema : {"/relative", "x", ":x", "1a:x", "a b:c"})
        CHECK_MESSAGE(pointers_of(decode.bad(binary({{"ce-dataschema", schema}}))) == "/dataschema", schema);
}

TEST_CASE("partitionkey is the key, before that of the query, and stays an attribute") {
    decoding decode;
    post p = binary({{"ce-partitionkey", "pk%201"}});
    p.key = "query";
    const event::event& e = decode.one(p);
    CHECK(e.key == "pk 1");
    CHECK(attribute_of(e, "partitionkey") == "pk 1");
    p = binary({});
    CHECK_FALSE(decode.one(p).key);
    p.key = "query";
    CHECK(decode.one(p).key == "query");
}

TEST_CASE("data under a JSON content type has to be JSON; other data is anything; none is none") {
    decoding decode;
    for (const char* type :
         {"application/json", "text/json", "application/vnd.x+json; a=b", "APPLICATION/JSON"}) {
        CHECK(pointers_of(decode.bad(binary({}, type, "{"))) == "/data");
        CHECK(pointers_of(decode.bad(binary({}, type, " "))) == "/data");
        CHECK(decode.one(binary({}, type, "null")).data == "null");
        CHECK(decode.one(binary({}, type, "")).data.empty());
    }
    CHECK(decode.bad(binary({}, "application/json", repeat("[", 65) + repeat("]", 65))).code ==
          fault_code::malformed_event);
    CHECK(decode.one(binary({}, "", "{")).data == "{");
    CHECK(decode.one(binary({}, "application/octet-stream", std::string("\0\xff", 2))).data.size() == 2);
    CHECK(pointers_of(decode.bad(binary({}, "no media type", "x"))) == "/datacontenttype");
}

TEST_CASE("all that is wrong with an event is said at once, and its size too") {
    decoding decode({.max_event_bytes = 2});
    CHECK(pointers_of(decode.bad(binary({{"ce-id", ""}, {"ce-time", "x"}, {"ce-A-b", "x"}}, "x", "123"))) ==
          "/datacontenttype /id /time /a-b /data");
    CHECK(decode.bad(binary({}, "text/plain", "123")).code == fault_code::too_large);
    CHECK(decode.one(binary({}, "text/plain", "12")).data == "12");
}

TEST_CASE("an Idempotency-Key does not change the id of a CloudEvent") {
    decoding decode;
    post p = binary({});
    p.idempotency_key = "K";
    CHECK(decode.one(p).id == "i");
}
