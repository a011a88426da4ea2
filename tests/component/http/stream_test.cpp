// Answers without end: who follows, what they get, and how it ends.
#include "fixture.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

std::string news(const std::string& data) {
    return "retry: 2000\nevent: news\ndata: " + data + "\n\n";
}

std::string chunk(const std::string& octets) {
    char size[16];
    std::snprintf(size, sizeof size, "%zx", octets.size());
    return std::string(size) + "\r\n" + octets + "\r\n";
}

/// One event with what frames it.
std::string next_of(client& c) {
    const std::string octets = c.read_until("\n\n\r\n");
    return octets.empty() ? octets : octets + "\n\n\r\n";
}

client follow(test_server& s) {
    const std::size_t before = s.followers();
    client c(s.port());
    c.send(get("/feed"));
    CHECK(c.read_head().status == 200);
    CHECK(eventually([&] { return s.followers() == before + 1; }));
    return c;
}

/// Publishes until the predicate holds: what a client does not read fills the kernel's buffers first.
bool publish_until(test_server& s, const std::string& data, const std::function<bool()>& holds) {
    return eventually([&] {
        s.publish(data);
        return holds();
    });
}

} // namespace

TEST_CASE("who follows gets the last event and all that come") {
    test_server s;
    s.publish("old");
    s.publish("one");
    client c(s.port());
    c.send(get("/feed"));
    const answer head = c.read_head();
    CHECK(head.status == 200);
    CHECK(head.header("Content-Type") == "text/event-stream");
    CHECK(head.header("Cache-Control") == "no-store");
    CHECK(head.header("Transfer-Encoding") == "chunked");
    CHECK(head.header("Content-Length").empty());
    CHECK(head.header("Connection") == "close");
    CHECK(next_of(c) == chunk(news("one")));
    client second = follow(s);
    CHECK(next_of(second) == chunk(news("one")));
    s.publish("two");
    CHECK(next_of(c) == chunk(news("two")));
    CHECK(next_of(second) == chunk(news("two")));
    s.publish("three");
    CHECK(next_of(c) == chunk(news("three")));
}

TEST_CASE("before the first event a client learns when to come back") {
    test_server s;
    client c = follow(s);
    CHECK(next_of(c) == chunk("retry: 2000\n\n"));
    s.publish("first");
    CHECK(next_of(c) == chunk(news("first")));
}

TEST_CASE("a client of HTTP/1.0 gets no chunks, and the end of the connection for the end") {
    test_server s;
    s.publish("one");
    client c(s.port());
    c.send("GET /feed HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const answer head = c.read_head();
    CHECK(head.status == 200);
    CHECK(head.header("Transfer-Encoding").empty());
    CHECK(head.header("Content-Length").empty());
    CHECK(head.header("Connection") == "close");
    CHECK(c.read_until("\n\n") + "\n\n" == news("one"));
    s.close_feed();
    CHECK(c.ended());
}

TEST_CASE("HEAD gets the headers and takes no place") {
    test_server s;
    client c(s.port());
    for (int i = 0; i < 3; ++i) {
        c.send("HEAD /feed HTTP/1.1\r\nHost: h\r\n\r\n");
        const answer head = c.read_head();
        CHECK(head.status == 200);
        CHECK(head.header("Content-Type") == "text/event-stream");
        CHECK(head.header("Content-Length").empty());
    }
    CHECK(s.followers() == 0);
    c.send(get("/hello"));
    CHECK(c.read().body == "hello");
}

TEST_CASE("one more than may follow is told so, and a free place is taken again") {
    test_server s;
    std::vector<client> all;
    for (std::size_t i = 0; i < test_server::max_followers; ++i)
        all.push_back(follow(s));
    client over(s.port());
    over.send(get("/feed"));
    const answer refused = over.read();
    CHECK(refused.status == 503);
    CHECK(refused.code() == "overloaded");
    CHECK(refused.header("Retry-After") == "1");
    over.send(get("/hello")); // its connection goes on
    CHECK(over.read().body == "hello");
    all.pop_back();
    CHECK(eventually([&] { return s.followers() == test_server::max_followers - 1; }));
    follow(s);
}

TEST_CASE("a client that goes away is noticed without an event") {
    test_server s;
    client leaves = follow(s);
    client crashes = follow(s);
    SUBCASE("in order") {
        leaves.finish();
        CHECK(eventually([&] { return s.followers() == 1; }));
        CHECK(next_of(leaves) == chunk("retry: 2000\n\n"));
        CHECK(leaves.read_until("0\r\n\r\n").empty());
        CHECK(leaves.ended());
    }
    SUBCASE("without a word") {
        crashes.reset();
        CHECK(eventually([&] { return s.followers() == 1; }));
        CHECK(eventually([&] { return s.stats().connections_open == 1; }));
    }
    CHECK(eventually([&] { return s.observed().size() == 1; }));
    CHECK(s.observed()[0].status == 200);
    CHECK(s.observed()[0].in_order);
    CHECK(s.observed()[0].bytes > 100);
}

TEST_CASE("who reads slowly misses events, and holds up nobody") {
    test_server s;
    client slow(s.port(), 4'096);
    slow.send(get("/feed"));
    CHECK(slow.read_head().status == 200);
    CHECK(next_of(slow) == chunk("retry: 2000\n\n"));
    client quick = follow(s);
    const std::string padding(200'000, 'x');
    const int events = 60; // 12 MB, more than the kernel keeps for one that does not read
    next_of(quick);
    for (int i = 0; i < events; ++i) {
        s.publish(std::to_string(i) + " " + padding);
        CHECK(next_of(quick) == chunk(news(std::to_string(i) + " " + padding)));
    }
    s.publish("last");
    std::vector<std::string> got;
    do
        got.push_back(next_of(slow));
    while (!got.back().empty() && got.back() != chunk(news("last")));
    CHECK(got.back() == chunk(news("last")));
    CHECK(got.size() < events); // some were left out, each of the others is whole
    int before = -1;
    for (std::size_t i = 0; i + 1 < got.size(); ++i) {
        const int number = std::stoi(got[i].substr(got[i].find("data: ") + 6));
        CHECK(number > before);
        before = number;
        CHECK(got[i] == chunk(news(std::to_string(number) + " " + padding)));
    }
}

TEST_CASE("who reads nothing is dropped") {
    test_server s({.write_timeout = 200ms});
    client stuck(s.port(), 4'096);
    stuck.send(get("/feed"));
    CHECK(eventually([&] { return s.followers() == 1; }));
    CHECK(publish_until(s, std::string(500'000, 'x'), [&] { return s.followers() == 0; }));
    CHECK(s.stats().timeouts == 1);
    CHECK(eventually([&] { return s.observed().size() == 1; }));
}

TEST_CASE("who waits for the next event has all the time") {
    test_server s(
        {.header_timeout = 100ms, .body_timeout = 100ms, .idle_timeout = 100ms, .write_timeout = 100ms});
    client c = follow(s);
    next_of(c);
    client idle(s.port());
    idle.send(get("/hello"));
    CHECK(idle.read().status == 200);
    CHECK(idle.ended()); // as long a time has passed
    s.publish("late");
    CHECK(next_of(c) == chunk(news("late")));
}

TEST_CASE("what a client says meanwhile is not heard, up to a bound") {
    test_server s;
    client c = follow(s);
    next_of(c);
    c.send(get("/hello"));
    s.publish("one");
    CHECK(next_of(c) == chunk(news("one")));
    const std::string much(1'048'576, 'x');
    for (int i = 0; i < 6 && c.send(much); ++i) {
    }
    CHECK(eventually([&] { return s.followers() == 0; }));
}

TEST_CASE("a request with a body follows nothing: its memory would be kept") {
    test_server s;
    client c(s.port());
    c.send("GET /feed HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx");
    const answer refused = c.read();
    CHECK(refused.status == 400);
    CHECK(refused.code() == "malformed_request");
    CHECK(s.followers() == 0);
}

TEST_CASE("a feed that is closed ends its streams in order and takes no more") {
    test_server s;
    client c = follow(s);
    next_of(c);
    s.close_feed();
    CHECK(c.read_until("0\r\n\r\n").empty());
    CHECK(c.ended());
    client late(s.port());
    late.send(get("/feed"));
    CHECK(late.read().status == 503);
    CHECK(eventually([&] { return s.observed().size() == 2; }));
}

TEST_CASE("a drain ends streams at once") {
    test_server s;
    client c = follow(s);
    next_of(c);
    client busy(s.port());
    busy.send(post("/later", "x"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    auto done = s.drain(20s);
    CHECK(s.followers() == 0);
    CHECK(c.read_until("0\r\n\r\n").empty());
    CHECK(c.ended());
    c.finish();
    s.answer_one("still ");
    CHECK(busy.read().body == "still x");
    busy.finish();
    CHECK(done.wait_for(20s) == std::future_status::ready);
    CHECK(s.stats().connections_open == 0);
}

TEST_CASE("a drain cuts off a stream that nobody reads") {
    test_server s;
    client stuck(s.port(), 4'096);
    stuck.send(get("/feed"));
    CHECK(eventually([&] { return s.followers() == 1; }));
    for (int i = 0; i < 40; ++i)
        s.publish(std::string(500'000, 'x'));
    auto done = s.drain(100ms);
    CHECK(done.wait_for(20s) == std::future_status::ready);
    CHECK(s.followers() == 0);
}
