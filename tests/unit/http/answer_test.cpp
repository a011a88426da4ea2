// The octets of an answer.
#include "answer.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;

namespace {

std::string written(const response& r, connection_option connection = connection_option::none,
                    bool head_request = false) {
    std::string out;
    append_answer(out, r, {"D", connection, head_request});
    return out;
}

} // namespace

TEST_CASE("status line, headers and body") {
    const field headers[] = {{"Location", "/x"}};
    CHECK(written({202, "application/json", "{}", headers, false}) ==
          "HTTP/1.1 202 Accepted\r\nDate: D\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
          "Location: /x\r\n\r\n{}");
    CHECK(written({200, {}, {}, {}, false}) == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\n\r\n");
    CHECK(written({299, {}, {}, {}, false}) == "HTTP/1.1 299 \r\nDate: D\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("HEAD has the length of the body that GET would have, and no body") {
    CHECK(written({200, {}, "hello", {}, false}, connection_option::none, true) ==
          "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 5\r\n\r\n");
}

TEST_CASE("an answer without end has no length: chunks follow, or all until the end of the connection") {
    std::string out;
    append_answer(out, {200, {}, {}, {}, false}, {.date = "D", .framing = body_framing::chunked});
    CHECK(out == "HTTP/1.1 200 OK\r\nDate: D\r\nTransfer-Encoding: chunked\r\n\r\n");
    out.clear();
    append_answer(out, {200, {}, {}, {}, false}, {.date = "D", .framing = body_framing::until_close});
    CHECK(out == "HTTP/1.1 200 OK\r\nDate: D\r\n\r\n");
}

TEST_CASE("204 and 304 have neither length nor body") {
    CHECK(written({204, {}, "x", {}, false}) == "HTTP/1.1 204 No Content\r\nDate: D\r\n\r\n");
    CHECK(written({304, {}, "x", {}, false}) == "HTTP/1.1 304 Not Modified\r\nDate: D\r\n\r\n");
}

TEST_CASE("Connection says what happens next") {
    CHECK(written({204, {}, {}, {}, false}, connection_option::close).find("\r\nConnection: close\r\n") !=
          std::string::npos);
    CHECK(written({204, {}, {}, {}, false}, connection_option::keep_alive)
              .find("\r\nConnection: keep-alive\r\n") != std::string::npos);
}

TEST_CASE("a header value cannot become headers of its own") {
    const field headers[] = {{"Location", "/a\r\nSet-Cookie: b\n\0c"}};
    CHECK(written({200, "text/plain\r\nX: y", {}, headers, false}) ==
          "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Type: text/plain  X: y\r\nContent-Length: 0\r\n"
          "Location: /a  Set-Cookie: b \r\n\r\n");
}

TEST_CASE("a header value keeps its tabs and what is not ASCII, and no control characters") {
    const field headers[] = {{"X", "a\tb\x7f\xc3\xa4\x01\x1f\xff"}};
    CHECK(written({200, {}, {}, headers, false}) ==
          "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 0\r\nX: a\tb\x7f\xc3\xa4  \xff\r\n\r\n");
}

TEST_CASE("Date is RFC 9110's own form") {
    date_cache date;
    date.refresh(784'111'777);
    CHECK(date.value() == "Sun, 06 Nov 1994 08:49:37 GMT");
    date.refresh(1'709'164'800);
    CHECK(date.value() == "Thu, 29 Feb 2024 00:00:00 GMT");
}
