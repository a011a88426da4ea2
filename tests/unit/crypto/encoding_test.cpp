// Hexadecimal and base64: the vectors of RFC 4648, and what is not exactly one of them.
#include "millrace/crypto/encoding.hpp"

#include <doctest/doctest.h>

#include <utility>

using namespace millrace::crypto;

TEST_CASE("base64: RFC 4648, section 10") {
    const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : rows) {
        CAPTURE(text);
        CHECK(to_base64(bytes) == text);
        CHECK(from_base64(text) == bytes);
        std::string bare = text;
        bare.erase(bare.find_last_not_of('=') + 1);
        CHECK(to_base64url(bytes) == bare);
        CHECK(from_base64url(bare) == bytes);
        CHECK(from_base64(bare, padding::none) == bytes);
    }
}

TEST_CASE("the two alphabets differ in two characters, and neither takes the other's") {
    const std::string bytes = "\xfb\xff\xbf";
    CHECK(to_base64(bytes) == "+/+/");
    CHECK(to_base64url(bytes) == "-_-_");
    CHECK(from_base64("+/+/") == bytes);
    CHECK(from_base64url("-_-_") == bytes);
    CHECK_FALSE(from_base64("-_-_"));
    CHECK_FALSE(from_base64url("+/+/"));
}

TEST_CASE("base64 that is not exactly one value's") {
    for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zg= =", "Zm9v\n", " Zm9v", "=",
                             "====", "Zg==Zg==", "Zm9v=", "Z\xc3\xa9=="}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64(text));
    }
    for (const char* text : {"Zg==", "Zh", "Z", "Zm9v="}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64url(text));
    }
}

TEST_CASE("hexadecimal") {
    CHECK(to_hex(std::string("\x00\xff\x1a", 3)) == "00ff1a");
    CHECK(from_hex("00Ff1a") == std::string("\x00\xff\x1a", 3));
    CHECK(from_hex("") == "");
    for (const char* text : {"0", "0g", " 00", "0x00"})
        CHECK_FALSE(from_hex(text));
}
