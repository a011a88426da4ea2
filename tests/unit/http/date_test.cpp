// RFC 9110, section 5.6.7: one form is sent, three are taken.
#include "millrace/http/date.hpp"

#include <doctest/doctest.h>

using millrace::http::parse_http_date;

TEST_CASE("all three forms of a date") {
    for (const char* text :
         {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"}) {
        CAPTURE(text);
        const auto date = parse_http_date(text);
        REQUIRE(date);
        CHECK(date->value == 784'111'777'000);
    }
}

TEST_CASE("what is no date") {
    for (const char* text :
         {"", "soon", "120", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 GMT+1",
          "Sun, 06 Nov 1994 25:49:37 GMT", "1994-11-06T08:49:37Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_http_date(text));
    }
}
