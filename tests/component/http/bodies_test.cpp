// Bodies over a socket: limits, memory, and what a client that goes on sending gets to read.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

/// Sends until the server does not take any more, at most a gigabyte: how much that was.
std::size_t send_a_gigabyte(client& c, std::string_view piece) {
    std::size_t sent = 0;
    while (sent < 1'000'000'000 && c.send(piece))
        sent += piece.size();
    return sent;
}

} // namespace

TEST_CASE("a gigabyte is refused without being read") {
    test_server s;
    SUBCASE("with Content-Length") {
        client c(s.port());
        c.send("POST /size HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000\r\n\r\n");
        CHECK(send_a_gigabyte(c, std::string(65'536, 'x')) < 100'000'000);
        CHECK(c.read().code() == "too_large");
    }
    SUBCASE("in chunks") {
        client c(s.port());
        c.send("POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
        CHECK(send_a_gigabyte(c, "10000\r\n" + std::string(65'536, 'x') + "\r\n") < 100'000'000);
        CHECK(c.read().code() == "too_large");
    }
    SUBCASE("in one chunk") {
        client c(s.port());
        c.send("POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3b9aca00\r\n");
        CHECK(send_a_gigabyte(c, std::string(65'536, 'x')) < 100'000'000);
        CHECK(c.read().code() == "too_large");
    }
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
    CHECK(s.stats().buffered_body_bytes == 0);
}

TEST_CASE("a body of the limit's size is taken, one octet more is not") {
    test_server s({.max_body_bytes = 100'000});
    client c(s.port());
    c.send(post("/size", std::string(100'000, 'x')));
    CHECK(c.read().body == "100000");
    c.send("POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
           std::string(100'000, 'x') + "\r\n0\r\n\r\n");
    CHECK(c.read().body == "100000");
    CHECK(ask(s.port(), post("/size", std::string(100'001, 'x'))).code() == "too_large");
    c.send("POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n" +
           std::string(100'000, 'x') + "\r\n1\r\nx\r\n0\r\n\r\n");
    CHECK(c.read().code() == "too_large");
}

TEST_CASE("bodies of many sizes come out as they went in") {
    test_server s;
    client c(s.port());
    for (std::size_t size = 1; size < 1'000'000; size = size * 3 + 1) {
        std::string body(size, 'a');
        for (std::size_t i = 0; i < size; ++i)
            body[i] = static_cast<char>('a' + i % 23);
        auto sent =
            std::async(std::launch::async, [&] { return c.send(post("/echo", body) + get("/hello")); });
        CHECK(c.read().body == body);
        CHECK(c.read().body == "hello");
        CHECK(sent.get());
    }
    CHECK(s.stats().buffered_body_bytes == 0);
}

TEST_CASE("all bodies together take no more than they may, until they are answered") {
    test_server s({.max_buffered_body_bytes = 150'000});
    client first(s.port());
    first.send(post("/later", std::string(100'000, 'x')));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    CHECK(s.stats().buffered_body_bytes == 100'000);

    const answer refused = ask(s.port(), post("/size", std::string(60'000, 'x')));
    CHECK(refused.status == 503);
    CHECK(refused.code() == "overloaded");
    CHECK(refused.header("Retry-After") == "1");
    CHECK(refused.header("Connection") == "close");
    CHECK(ask(s.port(), post("/size", "small")).body == "5");

    s.answer_one("");
    CHECK(first.read().body.size() == 100'000);
    CHECK(eventually([&] { return s.stats().buffered_body_bytes == 0; }));
    CHECK(ask(s.port(), post("/size", std::string(100'000, 'x'))).body == "100000");
}

TEST_CASE("a chunked bomb of framing is refused") {
    test_server s;
    client c(s.port());
    c.send("POST /size HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    std::string piece;
    for (int i = 0; i < 100; ++i)
        piece += "1;" + std::string(600, 'p') + "\r\nx\r\n";
    c.send(piece);
    CHECK(c.read().status == 431);
}
