// Requests and their answers over a socket: status, framing, whether the connection stays.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

TEST_CASE("a request, its answer, and whether the connection stays") {
    test_server s;
    const struct {
        const char* why;
        std::string octets;
        int status;
        const char* body; ///< the problem's code where it starts with a colon
        bool stays;
    } table[] = {
        {"GET", get("/hello"), 200, "hello", true},
        {"a query", get("/hello?x=/y"), 200, "hello", true},
        {"an encoded path", get("/%68ello"), 200, "hello", true},
        {"parameters", get("/items/a%2Fb/c"), 200, "a%2Fb,c", true},
        {"absolute form", get("http://h/hello"), 200, "hello", true},
        {"the peer's address", get("/peer"), 200, "127.0.0.1", true},
        {"POST", post("/echo", "body"), 200, "body", true},
        {"a chunked POST",
         "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200,
         "abc", true},
        {"OPTIONS", "OPTIONS /hello HTTP/1.1\r\nHost: h\r\n\r\n", 204, "", true},
        {"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", 204, "", true},
        {"nothing there", get("/nothing"), 404, ":not_found", true},
        {"another method", post("/hello", ""), 405, ":method_not_allowed", true},
        {"close", get("/hello", "Connection: close\r\n"), 200, "hello", false},
        {"a handler that closes", get("/close"), 200, "bye", false},
        {"HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 200, "hello", false},
        {"HTTP/1.0, keep-alive", "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", 200, "hello", true},
        {"no Host", "GET /hello HTTP/1.1\r\n\r\n", 400, ":malformed_request", false},
        {"bare line feeds", "GET /hello HTTP/1.1\nHost: h\n\n", 400, ":malformed_request", false},
        {"two lengths", post("/echo", "", "Content-Length: 1\r\n"), 400, ":malformed_request", false},
        {"a length over the limit", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1048577\r\n\r\n", 413,
         ":too_large", false},
        {"the same, and Expect",
         "POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", 413,
         ":too_large", false},
        {"a long target", "GET /" + std::string(20'000, 'a'), 414, ":uri_too_long", false},
        {"another expectation", get("/hello", "Expect: x\r\n"), 417, ":expectation_failed", false},
        {"long headers", get("/hello", "X: " + std::string(20'000, 'a') + "\r\n"), 431, ":headers_too_large",
         false},
        {"another coding", get("/hello", "Transfer-Encoding: gzip, chunked\r\n"), 501,
         ":transfer_coding_not_implemented", false},
        {"another version", "GET /hello HTTP/3.0\r\nHost: h\r\n\r\n", 505, ":http_version_not_supported",
         false},
    };
    std::size_t asked = 0;
    for (const auto& row : table) {
        CAPTURE(row.why);
        client c(s.port());
        c.send(row.octets);
        const answer a = c.read();
        CHECK(a.status == row.status);
        CHECK(a.header("Date").ends_with(" GMT"));
        CHECK(a.header("Server").empty());
        if (row.body[0] == ':')
            CHECK(":" + a.code() == row.body);
        else
            CHECK(a.body == row.body);
        if (row.stays) {
            CHECK(a.header("Connection") != "close");
            c.send(get("/hello"));
            CHECK(c.read().body == "hello");
            ++asked;
        } else {
            CHECK(a.header("Connection") == "close");
            c.finish();
            CHECK(c.ended());
        }
        ++asked;
    }
    CHECK(eventually([&] { return s.observed().size() == asked; }));
    CHECK(s.stats().requests == asked);
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
}

TEST_CASE("HEAD has the length and no body") {
    test_server s;
    client c(s.port());
    c.send("HEAD /hello HTTP/1.1\r\nHost: h\r\n\r\n" + get("/hello"));
    const answer head = c.read(true);
    CHECK(head.status == 200);
    CHECK(head.header("Content-Length") == "5");
    CHECK(c.read().body == "hello");
}

TEST_CASE("HTTP/1.0 is told that its connection stays") {
    test_server s;
    CHECK(ask(s.port(), "GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("Connection") ==
          "keep-alive");
    CHECK(ask(s.port(), get("/hello")).header("Connection").empty());
}

TEST_CASE("a thousand pipelined requests are answered in order") {
    test_server s;
    client c(s.port());
    std::string octets;
    for (int i = 0; i < 1'000; ++i)
        octets += post("/echo", std::to_string(i));
    auto sent = std::async(std::launch::async, [&] { return c.send(octets); });
    int in_order = 0;
    for (int i = 0; i < 1'000; ++i)
        in_order += c.read().body == std::to_string(i) ? 1 : 0;
    CHECK(in_order == 1'000);
    CHECK(sent.get());
}

TEST_CASE("a request that arrives in two pieces, cut at every octet") {
    test_server s;
    const std::string octets = "\r\nPOST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
                               "chunked\r\n\r\n3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
    client c(s.port());
    for (std::size_t cut = 1; cut < octets.size(); ++cut) {
        CAPTURE(cut);
        c.send(octets.substr(0, cut));
        s.on_loop([] {}); // the server has, most likely, read the first
        c.send(octets.substr(cut));
        CHECK(c.read().body == "abcde");
    }
}

TEST_CASE("a client that closes its side is still answered") {
    test_server s;
    client c(s.port());
    c.send(post("/later", "?"));
    c.finish();
    s.answer_one("yes");
    CHECK(c.read().body == "yes?");
    CHECK(c.ended());

    client cut_short(s.port());
    cut_short.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    cut_short.finish();
    CHECK(cut_short.read().code() == "malformed_request");
    CHECK(cut_short.ended());
}

TEST_CASE("100 Continue comes when the body is wanted, and only then") {
    test_server s;
    client c(s.port());
    c.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
    CHECK(c.read_line() == "HTTP/1.1 100 Continue");
    c.send("abc");
    CHECK(c.read().body == "abc");
    c.send(post("/echo", "here", "Expect: 100-continue\r\n"));
    CHECK(c.read().body == "here");
}
