// Octets to requests: what is accepted, however the octets arrive, and what it takes of memory.
#include "reader_outcome.hpp"

#include <doctest/doctest.h>

#include <cstring>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

TEST_CASE("what is well formed is read, however it arrives") {
    const std::string large(70'000, 'b');
    const struct {
        const char* why;
        std::string octets;
        std::vector<std::string> requests;
        bool keep_alive;
    } table[] = {
        {"plain", get("Host: h\r\n"), {"GET /? "}, true},
        {"empty Host", get("Host:\r\n"), {"GET /? "}, true},
        {"Host of IPv6", get("Host: [::1]:8080\r\n"), {"GET /? "}, true},
        {"lines before the request", "\r\n\r\n" + get("Host: h\r\n"), {"GET /? "}, true},
        {"HTTP/1.0", get("", "HTTP/1.0"), {"GET /? "}, false},
        {"HTTP/1.0 that stays", get("Connection: keep-alive\r\n", "HTTP/1.0"), {"GET /? "}, true},
        {"close", get("Host: h\r\nConnection: Close\r\n"), {"GET /? "}, false},
        {"close among others", get("Host: h\r\nConnection: x, close\r\n"), {"GET /? "}, false},
        {"a query", get("Host: h\r\n", "HTTP/1.1", "/a/b?c=d?e"), {"GET /a/b?c=d?e "}, true},
        {"an absolute target", get("Host: H:1\r\n", "HTTP/1.1", "http://h:1/a?b"), {"GET /a?b "}, true},
        {"an absolute target without path", get("Host: h\r\n", "HTTP/1.1", "HTTP://h"), {"GET /? "}, true},
        {"an absolute target, query alone", get("Host: h\r\n", "HTTP/1.1", "http://h?q"), {"GET /?q "}, true},
        {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", {"OPTIONS *? "}, true},
        {"values with other octets", get("Host: h\r\nX: \xc3\xa4\t\xff\r\n"), {"GET /? "}, true},
        {"no space after the colon", get("Host:h\r\nX:y\r\n"), {"GET /? "}, true},
        {"a body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello", {"POST /? hello"}, true},
        {"no body", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", {"POST /? "}, true},
        {"leading zeros",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 005\r\n\r\nhello",
         {"POST /? hello"},
         true},
        {"a large body",
         "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + large,
         {"POST /? " + large},
         true},
        {"chunks",
         chunked("5\r\nhello\r\n1 ;a=b;c=\"d;\\\"e\"\r\n \r\n005\r\nworld\r\n0\r\nX-T: y\r\n\r\n"),
         {"POST /? hello world"},
         true},
        {"chunk extensions of every kind",
         chunked("1;a\r\nx\r\n1;a;b=c\r\ny\r\n1 ; a\t= \"\\\"\xc3\xa4;\" ;b\r\nz\r\n0;a=b\r\n\r\n"),
         {"POST /? xyz"},
         true},
        {"an empty chunked body", chunked("0\r\n\r\n"), {"POST /? "}, true},
        {"large chunks",
         chunked("4\r\nhead\r\n11170\r\n" + large + "\r\n0\r\n\r\n"),
         {"POST /? head" + large},
         true},
        {"two requests",
         get("Host: h\r\n") + get("Host: h\r\n", "HTTP/1.1", "/2"),
         {"GET /? ", "GET /2? "},
         true},
        {"a body, chunks, a large body and none",
         "POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello" + chunked("2\r\nhi\r\n0\r\n\r\n") +
             "POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 70000\r\n\r\n" + large +
             get("Host: h\r\n", "HTTP/1.1", "/4"),
         {"POST /1? hello", "POST /? hi", "POST /3? " + large, "GET /4? "},
         true},
    };
    for (const auto& row : table)
        for (const std::size_t piece :
             {std::string::npos, std::size_t{1}, std::size_t{2}, std::size_t{13}, std::size_t{4'096}}) {
            CAPTURE(row.why);
            CAPTURE(piece);
            const outcome o = read(row.octets, {.piece = piece});
            CHECK(o.status == 0);
            CHECK(o.requests == row.requests);
            CHECK(o.keep_alive == row.keep_alive);
        }
}

TEST_CASE("a hundred requests that meet the buffer's end at every place") {
    std::string octets;
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < 300; ++i) {
        const std::string body(i, 'x');
        octets += "POST /" + std::to_string(i) +
                  " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(i) + "\r\n\r\n" + body;
        expected.push_back("POST /" + std::to_string(i) + "? " + body);
        octets += chunked("1\r\na\r\n0\r\n\r\n");
        expected.emplace_back("POST /? a");
    }
    CHECK(read(octets).requests == expected);
    CHECK(read(octets, {.piece = 1'000}).requests == expected);
}

TEST_CASE("headers up to their limit are read, also over the first buffer's size") {
    for (const std::size_t limit :
         {std::size_t{1'024}, std::size_t{8'128}, std::size_t{16'384}, std::size_t{65'536}}) {
        const std::string rest = get("Host: h\r\nX: \r\n");
        const std::string fits = get("Host: h\r\nX: " + std::string(limit - rest.size(), 'a') + "\r\n");
        REQUIRE(fits.size() == limit);
        CHECK(read(fits, {.limits = {limit, 1}}).requests.size() == 1);
        CHECK(read(fits, {.limits = {limit, 1}, .piece = 1}).requests.size() == 1);
        const std::string over = get("Host: h\r\nX: " + std::string(limit + 1 - rest.size(), 'a') + "\r\n");
        CHECK(read(over, {.limits = {limit, 1}}).status == 431);
    }
}

TEST_CASE("a chunked body behind headers that fill the buffer") {
    const std::string octets = "POST / HTTP/1.1\r\nHost: h\r\nX: " + std::string(8'000, 'a') +
                               "\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    CHECK(read(octets, {.limits = {16'384, 100}}).requests == std::vector<std::string>{"POST /? abc"});
}

TEST_CASE("framing that is mostly padding is refused") {
    std::string padded;
    std::string plain;
    for (int i = 0; i < 2'000; ++i) {
        padded += "1;padding=0123456789\r\nx\r\n";
        plain += "1\r\nx\r\n";
    }
    CHECK(read(chunked(padded + "0\r\n\r\n")).status == 431);
    CHECK(read(chunked(plain + "0\r\n\r\n")).requests.size() == 1);
}

TEST_CASE("bodies count until they are answered, and only where they take memory of their own") {
    const auto sized = [](std::size_t n) {
        return "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(n) + "\r\n\r\n" +
               std::string(n, 'x');
    };
    CHECK(read(sized(7'000)).most_buffered == 0);
    CHECK(read(sized(60'000)).most_buffered == 60'000);
    CHECK(read(sized(100'000)).most_buffered == 100'000);
    CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n").most_buffered == 65'536);
    CHECK(read(sized(60'000), {.budget = 60'000}).requests.size() == 1);
    const outcome over = read(sized(60'000), {.budget = 59'999});
    CHECK(over.status == 503);
    CHECK(over.code == "overloaded");
    CHECK(read(sized(100'000), {.budget = 70'000}).status == 503);
    CHECK(read(chunked("186A0\r\n" + std::string(100'000, 'x')), {.budget = 70'000}).status == 503);
}

TEST_CASE("a client that expects 100 Continue is told once, and only while it waits") {
    std::atomic<std::uint64_t> used{0};
    body_budget budget(1'000, used);
    const auto asks = [&](std::string_view octets) {
        message_reader reader({1'024, 1'000}, budget);
        const std::span<char> room = reader.prepare();
        std::memcpy(room.data(), octets.data(), octets.size());
        reader.commit(octets.size());
        reader.advance();
        const bool first = reader.take_continue();
        CHECK(!reader.take_continue());
        return first;
    };
    CHECK(asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"));
    CHECK(asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nx"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n"));
    CHECK(!asks("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n"));
}
