// CloudEvents structured mode: all of the event in one JSON object.
#include "decoding.hpp"

#include <tuple>

using namespace millrace;
using namespace millrace::event;
using namespace millrace::event::test;
using namespace std::string_literals;

namespace {

post structured(std::string_view more,
                std::string_view base = R"("specversion":"1.0","id":"i","source":"/s","type":"t")") {
    std::string body = "{" + std::string(base);
    if (!more.empty())
        body += "," + std::string(more);
    return {"application/cloudevents+json", body + "}"};
}

} // namespace

TEST_CASE("attributes of a structured event") {
    decoding decode;
    const event::event& e = decode.one({"application/cloudevents+json", R"( {
        "type" : "t", "id":"A\u0032\/\u00e9\ud83d\ude00", "source":"\/s", "\u0073pecversion":"1.0",
        "time":"2018-04-05T17:31:00Z", "ext":"v", "yes":true, "no":false, "int":5, "min":-2147483648, "max":2147483647,
        "zero":-0, "empty":"", "gone":null, "datacontenttype":null, "data" : [ 1 , 2.50 ] } )"});
    CHECK(e.cloud_event);
    CHECK(e.id_from_client);
    CHECK(e.id == "A2/\xc3\xa9\xf0\x9f\x98\x80");
    CHECK(e.source == "/s");
    CHECK(e.data == "[ 1 , 2.50 ]");
    CHECK(e.content_type == "application/json");
    CHECK(e.attributes.size() == 9);
    CHECK(e.attributes[0].header == "ce_time");
    for (const auto& [name, value] : {std::pair{"ext", "v"},
                                      {"yes", "true"},
                                      {"no", "false"},
                                      {"int", "5"},
                                      {"min", "-2147483648"},
                                      {"max", "2147483647"},
                                      {"zero", "0"},
                                      {"empty", ""},
                                      {"gone", "(none)"}})
        CHECK(attribute_of(e, name) == value);
}

TEST_CASE("data is the very bytes of the body") {
    decoding decode;
    for (const std::string& data :
         {"null"s, "true"s, "false"s, "0"s, "-0"s, "1e400"s, "1E+9999999999"s, "1.10"s, repeat("9", 500),
          "\"\""s, "\"text\""s, R"("\ud800 \u00e9 \"")"s, "{}"s, "[]"s,
          "{ \"a\" : [ 1 ,\n\t2 ] , \"a\":{} }"s, R"({"}":"]","\\":"\\\"}"})"s, "[[[]],{\"a\":[{}]}]"s,
          "\"\xf0\x9f\x98\x80\""s, repeat("[", 64) + repeat("]", 64)}) {
        for (const char* shape : {R"("data":@)", R"("data":@,"z":"a")", R"("data" : @ )",
                                  "\"data\"\n:\t@\r\n,\"z\":1", R"("d\u0061ta":@)"}) {
            std::string more = shape;
            more.replace(more.find('@'), 1, data);
            const post p = structured(more);
            const event::event& e = decode.one(p);
            CHECK(e.data == data);
            CHECK(e.data.data() ==
                  p.body.data() + p.body.find(data, p.body.find(R"(ta")"))); // a slice, not a copy
        }
    }
}

TEST_CASE("a slice of every event of a batch, in any order of members, is what was put in") {
    // Puts envelopes together from parts by a small generator and expects each part back as it was.
    decoding decode;
    unsigned state = 12345;
    const auto random = [&](unsigned below) {
        state = state * 1664525U + 1013904223U;
        return (state >> 16) % below;
    };
    const std::string spaces[] = {"", " ", "\n", "\t \r\n"};
    const auto space = [&] { return spaces[random(4)]; };
    const auto value = [&](const auto& self, unsigned depth) -> std::string {
        switch (random(depth == 0 ? 5 : 7)) {
        case 0:
            return "-12.5E+3";
        case 1:
            return R"("\\\"[{,:}]\u00e9 )"s + "\xc3\xa9\"";
        case 2:
            return "null";
        case 3:
            return "\"\"";
        case 4:
            return "true";
        case 5:
            return "[" + space() + self(self, depth - 1) + space() + "," + self(self, depth - 1) + "]";
        default:
            return "{\"a\\\"b\"" + space() + ":" + space() + self(self, depth - 1) + space() + "}";
        }
    };
    for (int round = 0; round < 200; ++round) {
        std::vector<std::string> data;
        std::string body = space() + "[";
        for (unsigned n = random(4) + 1; n-- > 0;) {
            data.push_back(value(value, 6));
            std::vector<std::string> members{R"("specversion":"1.0")", R"("id":"i")", R"("source":"/s")",
                                             R"("type":"t")",
                                             "\"data\"" + space() + ":" + space() + data.back()};
            body += space() + "{" + space();
            while (!members.empty()) {
                const auto pick = members.begin() +
                                  static_cast<std::ptrdiff_t>(random(static_cast<unsigned>(members.size())));
                body += *pick + space() + (members.size() > 1 ? "," : "") + space();
                members.erase(pick);
            }
            body += "}" + space() + (n > 0 ? "," : "");
        }
        const decoded all = decode.good({"application/cloudevents-batch+json", body + "]" + space()});
        REQUIRE(all.events.size() == data.size());
        for (std::size_t i = 0; i < data.size(); ++i)
            REQUIRE(all.events[i].data == data[i]);
    }
}

TEST_CASE("data by content type") {
    decoding decode;
    const struct {
        const char* members;
        std::string data;
        const char* content_type;
    } table[] = {
        {R"("data":"a\"b")", R"("a\"b")", "application/json"},
        {R"("datacontenttype":"text/json","data":"a\"b")", R"("a\"b")", "text/json"},
        {R"("datacontenttype":"application/x+json;a=b","data":"a")", R"("a")", "application/x+json;a=b"},
        {R"("datacontenttype":"text/plain","data":"a\"b\n\u20ac")", "a\"b\n\xe2\x82\xac", "text/plain"},
        {R"("data":"<much wow=\"xml\"\/>","datacontenttype":"application/xml")", R"(<much wow="xml"/>)",
         "application/xml"},
        {R"("datacontenttype":"text/plain","data":"\u0000\u007f\u07ff\u0800\uffff\ud800\udc00\udbff\udfff\b\f\r\t\\")",
         "\0\x7f\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\b\f\r\t\\"s, "text/plain"},
        {R"("datacontenttype":"text/plain","data":"")", "", "text/plain"},
        {R"("datacontenttype":"text/plain","data":{"a": 1})", R"({"a": 1})", "text/plain"},
        {R"("datacontenttype":"text/plain","data":null)", "null", "text/plain"},
        {R"("datacontenttype":"text/plain")", "", "text/plain"},
        {"", "", ""},
        {R"("data":null)", "null", "application/json"},
        {R"("data":null,"data_base64":null)", "null", "application/json"},
        {R"("data_base64":null)", "", ""},
        {R"("data_base64":"")", "", ""},
        {R"("data_base64":"AP8=")", "\0\xff"s, ""},
        {R"("data_base64":"eyAieHl6IjogMTIzIH0=")", R"({ "xyz": 123 })", ""},
        {R"("data_base64":"\/\/8+")", "\xff\xff>", ""},
        {R"("datacontenttype":"application/json","data_base64":"e30=")", "{}", "application/json"},
        {R"("datacontenttype":"image/png","data_base64":"e3==")", "", nullptr},
    };
    for (const auto& row : table) {
        if (row.content_type == nullptr) {
            decode.bad(structured(row.members));
            continue;
        }
        const post p = structured(row.members);
        const event::event& e = decode.one(p);
        CHECK_MESSAGE(e.data == row.data, row.members);
        CHECK(e.content_type == row.content_type);
    }
}

TEST_CASE("what is wrong with a structured event") {
    decoding decode;
    const struct {
        const char* members;
        const char* pointers;
    } table[] = {
        {R"("data":1,"data_base64":"AA==")", "/data_base64"},
        {R"("data":null,"data_base64":"AA==")", "/data_base64"},
        {R"("data_base64":"AA=")", "/data_base64"},
        {R"("data_base64":"AA")", "/data_base64"},
        {R"("data_base64":"AA==\n")", "/data_base64"},
        {R"("data_base64":"AB==")", "/data_base64"},
        {R"("data_base64":"AAB=")", "/data_base64"},
        {R"("data_base64":"A===")", "/data_base64"},
        {R"("data_base64":"====")", "/data_base64"},
        {R"("data_base64":"A=AA")", "/data_base64"},
        {R"("data_base64":"-_-_")", "/data_base64"},
        {R"("data_base64":"AA =")", "/data_base64"},
        {R"("data_base64":1)", "/data_base64"},
        {R"("data_base64":{})", "/data_base64"},
        {R"("datacontenttype":"application/json","data_base64":"AA==")", "/data_base64"},
        {R"("datacontenttype":"application/json","data_base64":"")", "/data_base64"},
        {R"("datacontenttype":"text/plain","data":"\ud800")", "/data"},
        {R"("datacontenttype":"","data":"x")", "/datacontenttype"},
        {R"("datacontenttype":"text","data":"x")", "/datacontenttype"},
        {R"("datacontenttype":5)", "/datacontenttype"},
        {R"("ext":1.5)", "/ext"},
        {R"("ext":1.0)", "/ext"},
        {R"("ext":1e2)", "/ext"},
        {R"("ext":2147483648)", "/ext"},
        {R"("ext":-2147483649)", "/ext"},
        {R"("ext":[])", "/ext"},
        {R"("ext":{"a":1})", "/ext"},
        {R"("ext":"\u0000")", "/ext"},
        {R"("ext":"\ud800")", "/ext"},
        {R"("ext":"\ufffe")", "/ext"},
        {R"("Ext":"a")", "/Ext"},
        {R"("Ext":null)", "/Ext"},
        {R"("Ext":1.5)", "/Ext"},
        {R"("a-b":"a")", "/a-b"},
        {R"("a/b":"a")", "/a~1b"},
        {R"("":"a")", ""},
        {R"("\ud800":"a")", ""},
        {R"("time":"yesterday")", "/time"},
        {R"("time":1522949460)", "/time"},
        {R"("subject":"")", "/subject"},
        {R"("partitionkey":"")", "/partitionkey"},
        {R"("dataschema":"x y")", "/dataschema"},
        {R"("id":"j")", "/id"},
        {R"("id":null)", "/id"},
        {R"("a":"1","a":"1")", "/a"},
        {R"("a":null,"\u0061":"1")", "/a"},
        {R"("a":null,"a":null)", "/a"},
        {R"("data":1,"data":1)", "/data"},
        {R"("data_base64":"","data_base64":"")", "/data_base64"},
        {R"("a":"1","b":"2","a":"1","b":2)", "/a /b"},
    };
    for (const auto& row : table) {
        const fault f = decode.bad(structured(row.members));
        CHECK_MESSAGE(f.code == fault_code::malformed_event, row.members);
        CHECK_MESSAGE(pointers_of(f) == row.pointers, row.members);
        CHECK_FALSE(f.blames[0].index);
    }
}

TEST_CASE("required attributes of a structured event") {
    decoding decode;
    CHECK(pointers_of(decode.bad(structured("", R"("id":"i","source":"/s","type":"t")"))) == "/specversion");
    CHECK(pointers_of(decode.bad(
              structured("", R"("specversion":"0.3","id":"i","source":"/s","type":"t")"))) == "/specversion");
    CHECK(pointers_of(decode.bad(structured("", R"("specversion":1.0,"id":"i","source":"/s","type":"t")"))) ==
          "/specversion");
    CHECK(pointers_of(decode.bad(structured(
              "", R"("specversion":"1.0","id":null,"source":"","type":5.5)"))) == "/id /source /type");
    CHECK(pointers_of(decode.bad({"application/cloudevents+json", "{}"})) ==
          "/specversion /id /source /type");
    for (const char* body : {"", "[]", "1", "null", "\"{}\"", "{", "{}{}", "[{}]"}) {
        const fault f = decode.bad({"application/cloudevents+json", body});
        CHECK(f.code == fault_code::malformed_event);
        CHECK_MESSAGE(f.blames.size() == (std::string(body) == "{}" ? 4 : 1), body);
        CHECK(f.blames[0].pointer.empty());
    }
}

TEST_CASE("the envelope does not count towards the depth of data") {
    decoding decode;
    CHECK(decode.one(structured("\"data\":" + repeat("[", 64) + repeat("]", 64))).data.size() == 128);
    CHECK(decode.bad(structured("\"data\":" + repeat("[", 65) + repeat("]", 65))).code ==
          fault_code::malformed_event);
}

TEST_CASE("partitionkey, as a string or a number") {
    decoding decode;
    post p = structured(R"("partitionkey":"pk")");
    p.key = "query";
    CHECK(decode.one(p).key == "pk");
    CHECK(decode.one(structured(R"("partitionkey":42)")).key == "42");
    CHECK_FALSE(decode.one(structured(R"("partitionkey":null)")).key);
}

TEST_CASE("the limit is that of the data, not of the envelope") {
    decoding decode({.max_event_bytes = 4});
    CHECK(decode.one(structured(R"("data":1234)")).data == "1234");
    CHECK(decode.bad(structured(R"("data":12345)")).code == fault_code::too_large);
    CHECK(decode.one(structured(R"("data_base64":"AAAAAA==")")).data.size() == 4);
    const fault f = decode.bad(structured(R"("data_base64":"AAAAAAA=")"));
    CHECK(f.code == fault_code::too_large);
    CHECK(pointers_of(f) == "/data_base64");
}

TEST_CASE("very many attributes do not cost their square") {
    decoding decode;
    std::string more;
    for (int i = 0; i < 50'000; ++i)
        more += (i == 0 ? "\"x" : ",\"x") + std::to_string(i) + "\":1";
    CHECK(decode.one(structured(more)).attributes.size() == 50'000);
    const fault f = decode.bad(structured(more + R"(,"x7":1)"));
    CHECK(pointers_of(f) == "/x7");
}
