// One value of a JSON text by its pointer: RFC 6901's own examples, escapes, and what is no text and no
// number.
#include "hook_json.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using millrace::ingress::json_text_at;
using millrace::ingress::pointer_tokens;

namespace {

std::optional<std::string> at(std::string_view json, std::string_view pointer) {
    return json_text_at(json, pointer_tokens(pointer));
}

} // namespace

TEST_CASE("the examples of RFC 6901, section 5") {
    constexpr std::string_view json =
        R"({"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4,
        "i\\j": 5, "k\"l": 6, " ": 7, "m~n": 8})";
    CHECK(at(json, "/foo/0") == "bar");
    CHECK(at(json, "/foo/1") == "baz");
    CHECK(at(json, "/") == "0");
    CHECK(at(json, "/a~1b") == "1");
    CHECK(at(json, "/c%d") == "2");
    CHECK(at(json, "/e^f") == "3");
    CHECK(at(json, "/g|h") == "4");
    CHECK(at(json, "/i\\j") == "5");
    CHECK(at(json, "/k\"l") == "6");
    CHECK(at(json, "/ ") == "7");
    CHECK(at(json, "/m~0n") == "8");
}

TEST_CASE("strings say what they say, numbers are as written, nothing else is a text") {
    constexpr std::string_view json =
        R"( { "skip" : { "id" : "inner}\"]" , "list" : [ { } , [ ] , "," ] } ,
        "id" : "a\u00e9\ud83d\ude00\n\/" , "big":12345678901234567890123,"exact":-1.50e+2,
        "t":true,"n":null,"o":{},"a":[], "half":"\ud800", "na\u006de":"escaped", "empty":"" } )";
    CHECK(at(json, "/id") == "a\xc3\xa9\xf0\x9f\x98\x80\n/");
    CHECK(at(json, "/skip/id") == "inner}\"]");
    CHECK(at(json, "/skip/list/2") == ",");
    CHECK(at(json, "/big") == "12345678901234567890123");
    CHECK(at(json, "/exact") == "-1.50e+2");
    CHECK(at(json, "/name") == "escaped");
    CHECK(at(json, "/empty") == "");
    for (const std::string_view none :
         {"/t", "/n", "/o", "/a", "/half", "/absent", "/id/0", "/skip", "/skip/list/3", "/skip/list/-",
          "/skip/list/02", "/skip/list/x", "/big/0", "/list"})
        CHECK_MESSAGE(!at(json, none), none);
}

TEST_CASE("a name that is there twice gives nothing: readers take different ones") {
    CHECK(!at(R"({"id":"a","id":"b"})", "/id"));
    CHECK(!at(R"({"id":"a","\u0069d":"b"})", "/id"));
    CHECK(!at(R"({"o":{"id":"a"},"o":{}})", "/o/id"));
    CHECK(at(R"({"id":"a","o":{"id":"b"}})", "/id") == "a");
    CHECK(at(R"({"x":1,"x":2,"id":"a"})", "/id") == "a");
}

TEST_CASE("what is not JSON ends within its text") {
    for (const std::string_view text : {"",
                                        " ",
                                        "{",
                                        "[",
                                        "\"",
                                        "{\"",
                                        "{\"id",
                                        "{\"id\"",
                                        "{\"id\":",
                                        "{\"id\":\"",
                                        "{\"id\":\"a",
                                        "{\"id\":\"\\",
                                        "{\"id\\",
                                        "{\"a\":[{",
                                        "{\"a\":}",
                                        "}",
                                        "]",
                                        "{]",
                                        "[}",
                                        "{\"id\" \"id\"",
                                        "nul",
                                        "{:,:",
                                        "{\"\\u12\":1}"}) {
        const std::vector<char> exact(text.begin(), text.end()); // the sanitizer sees its end
        const std::string_view copy(exact.data(), exact.size());
        CHECK(at(copy, "/id").value_or("").size() <= copy.size());
        CHECK(at(copy, "/a/0").value_or("").size() <= copy.size());
    }
}
