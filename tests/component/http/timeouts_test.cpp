// Clients that are slow, silent or do not read.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

/// Long, but for the one that a case is about.
server_config patient() {
    return {.header_timeout = 60s, .body_timeout = 60s, .idle_timeout = 60s, .write_timeout = 60s};
}

/// Octet by octet until the server answers, so that every wait for one octet is short.
answer trickle(client& c, std::string_view octets) {
    std::atomic<bool> answered{false};
    std::thread sender([&] {
        for (const char octet : octets) {
            if (answered || !c.send({&octet, 1}))
                return;
            eventually([&, until = std::chrono::steady_clock::now() + 10ms] {
                return answered || std::chrono::steady_clock::now() > until;
            });
        }
    });
    const answer a = c.read();
    answered = true;
    sender.join();
    return a;
}

} // namespace

TEST_CASE("headers that do not come in time are answered 408") {
    server_config config = patient();
    config.header_timeout = 100ms;
    test_server s(config);
    SUBCASE("nothing at all") {
        client c(s.port());
        const answer a = c.read();
        CHECK(a.code() == "request_timeout");
        CHECK(a.body.find("\"retryable\":true") != std::string::npos);
        c.finish();
        CHECK(c.ended());
    }
    SUBCASE("octet by octet") {
        client c(s.port());
        CHECK(trickle(c, "GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(10'000, 'x')).code() ==
              "request_timeout");
    }
    SUBCASE("of a second request") {
        client c(s.port());
        c.send(get("/hello"));
        CHECK(c.read().status == 200);
        CHECK(trickle(c, "GET /hello HTTP/1.1\r\nHost: h\r\nX: " + std::string(10'000, 'x')).code() ==
              "request_timeout");
    }
    SUBCASE("of a pipelined request") {
        client c(s.port());
        c.send(get("/hello") + "GET /hel");
        CHECK(c.read().status == 200);
        CHECK(c.read().code() == "request_timeout");
    }
    CHECK(s.stats().timeouts == 1);
}

TEST_CASE("a body that does not come in time is answered 408") {
    server_config config = patient();
    config.body_timeout = 100ms;
    test_server s(config);
    SUBCASE("nothing of it") {
        client c(s.port());
        c.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n");
        CHECK(c.read().code() == "request_timeout");
    }
    SUBCASE("a large one, octet by octet") {
        client c(s.port());
        c.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n");
        CHECK(trickle(c, std::string(10'000, 'x')).code() == "request_timeout");
    }
    SUBCASE("a chunked one") {
        client c(s.port());
        c.send("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab");
        CHECK(c.read().code() == "request_timeout");
    }
    SUBCASE("after 100 Continue") {
        client c(s.port());
        c.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
        CHECK(c.read_line() == "HTTP/1.1 100 Continue");
        CHECK(c.read().code() == "request_timeout");
    }
    CHECK(s.stats().timeouts == 1);
    CHECK(eventually([&] { return s.observed().size() == 1; }));
}

TEST_CASE("an idle connection is closed without a word") {
    server_config config = patient();
    config.idle_timeout = 100ms;
    test_server s(config);
    client c(s.port());
    c.send(get("/hello"));
    CHECK(c.read().status == 200);
    CHECK(c.ended());
    CHECK(s.stats().timeouts == 0);
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
}

TEST_CASE("a client that does not read its answer is cut off") {
    server_config config = patient();
    config.write_timeout = 100ms;
    test_server s(config);
    client c(s.port(), 4'096);
    c.send(get("/large"));
    CHECK(eventually([&] { return s.stats().timeouts == 1; }));
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
    REQUIRE(s.observed().size() == 1);
    CHECK(s.observed()[0].bytes < 16'777'216);
    CHECK(c.read().status == 0);
}

TEST_CASE("a client that reads a large answer gets it all") {
    test_server s(patient());
    client c(s.port(), 4'096);
    c.send(get("/large") + get("/hello"));
    CHECK(c.read().body.size() == 16'777'216);
    CHECK(c.read().body == "hello");
}

TEST_CASE("a handler that takes its time is not timed out") {
    test_server s(
        {.header_timeout = 50ms, .body_timeout = 50ms, .idle_timeout = 50ms, .write_timeout = 50ms});
    client c(s.port());
    c.send(post("/later", "x"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    client other(s.port());
    CHECK(other.read().status == 408); // by now the first would have been, too
    s.answer_one("late ");
    CHECK(c.read().body == "late x");
}

TEST_CASE("hundreds of clients that send nothing useful do not keep one from being served") {
    test_server s;
    std::vector<client> slow;
    for (int i = 0; i < 400; ++i) {
        slow.emplace_back(s.port());
        slow.back().send("G");
    }
    for (int round = 0; round < 5; ++round) {
        for (client& c : slow)
            c.send("E");
        CHECK(ask(s.port(), get("/hello")).body == "hello");
    }
    CHECK(eventually([&] { return s.stats().connections_open >= 400; }));
}
