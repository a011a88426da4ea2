// What the observer learns of an exchange, and headers that every answer of one gets.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

TEST_CASE("notes and added headers are of one exchange") {
    test_server s;
    client c(s.port());
    c.send(get("/noted") + get("/hello"));
    const answer noted = c.read();
    CHECK(noted.body == "noted");
    CHECK(noted.header("Vary") == "Origin");
    CHECK(noted.header("X-Quoted") == "a  b");
    const answer plain = c.read();
    CHECK(plain.body == "hello");
    CHECK(plain.header("Vary").empty());
    REQUIRE(eventually([&] { return s.observed().size() == 2; }));
    CHECK(s.observed()[0].events == 7);
    CHECK(s.observed()[0].poster == "somebody");
    CHECK(s.observed()[1].events == 0);
    CHECK(s.observed()[1].poster.empty());
}

TEST_CASE("the size of a request counts all of it, and its times are in order") {
    const std::string chunks =
        "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n0\r\nT: u\r\n\r\n";
    const std::vector<std::string> requests = {get("/hello"), post("/size", std::string(100, 'x')),
                                               post("/size", std::string(100'000, 'x')), chunks};
    test_server s;
    std::size_t asked = 0;
    SUBCASE("one connection each") {
        for (const std::string& r : requests) {
            CHECK(ask(s.port(), r).status == 200);
            ++asked;
        }
    }
    SUBCASE("pipelined") {
        client c(s.port());
        for (const std::string& r : requests)
            c.send(r);
        for (; asked < requests.size(); ++asked)
            CHECK(c.read().status == 200);
    }
    REQUIRE(eventually([&] { return s.observed().size() == asked; }));
    for (std::size_t i = 0; i < asked; ++i) {
        CHECK(s.observed()[i].request_bytes == requests[i].size());
        CHECK(s.observed()[i].in_order);
    }
}

TEST_CASE("of a request that is refused, what was read counts") {
    test_server s;
    const std::string refused = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\nabc";
    CHECK(ask(s.port(), refused).status == 413);
    REQUIRE(eventually([&] { return s.observed().size() == 1; }));
    CHECK(s.observed()[0].request_bytes == refused.size());
    CHECK(s.observed()[0].in_order);
}
