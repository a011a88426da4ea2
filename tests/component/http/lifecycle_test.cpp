// The cap on connections, answers given later, clients that go away, and the drain.
#include "fixture.hpp"

#include <doctest/doctest.h>

#include <sys/resource.h>
#include <unistd.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

bool ready(std::future<void>& f) {
    return f.wait_for(20s) == std::future_status::ready;
}

} // namespace

TEST_CASE("one connection over the cap is told so, and a free place is taken again") {
    test_server s({.max_connections = 2});
    client first(s.port());
    client second(s.port());
    first.send(get("/hello"));
    CHECK(first.read().status == 200);
    second.send(get("/hello"));
    CHECK(second.read().status == 200);

    client third(s.port());
    const answer refused = third.read();
    CHECK(refused.status == 503);
    CHECK(refused.code() == "overloaded");
    CHECK(refused.header("Retry-After") == "1");
    CHECK(third.ended());
    CHECK(s.stats().connections_refused == 1);
    CHECK(s.stats().connections_open == 2);

    {
        const client gone(std::move(first));
    }
    CHECK(eventually([&] { return s.stats().connections_open == 1; }));
    CHECK(ask(s.port(), get("/hello")).status == 200);
}

TEST_CASE("an answer given later goes to the one who asked") {
    test_server s;
    client a(s.port());
    client b(s.port());
    a.send(post("/later", "a") + post("/later", "a2"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    b.send(post("/later", "b"));
    CHECK(eventually([&] { return s.waiting() == 2; })); // a's second waits for its first
    s.answer_one("1");
    s.answer_one("2");
    s.answer_one("3");
    CHECK(a.read().body == "1a");
    CHECK(b.read().body == "2b");
    CHECK(a.read().body == "3a2");
}

TEST_CASE("answers that one turn of the loop gives are written when all are given") {
    test_server s;
    client a(s.port());
    client b(s.port());
    a.send(post("/later", "a"));
    b.send(post("/later", "b"));
    CHECK(eventually([&] { return s.waiting() == 2; }));
    bool early = true;
    s.on_loop([&] {
        s.answer_all("to ");
        early = a.has_heard() || b.has_heard();
    });
    CHECK_FALSE(early);
    CHECK(a.read().body == "to a");
    CHECK(b.read().body == "to b");
}

TEST_CASE("a connection that is cut off between its answer and the writing of it") {
    test_server s;
    client c(s.port());
    c.send(post("/later", "x"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    std::future<void> done;
    s.on_loop([&] {
        done = s.drain(0ms); // sweeps next
        s.answer_all("too late, ");
    });
    CHECK(ready(done));
    CHECK(c.read().status == 0);
    CHECK(s.stats().connections_open == 0);
    REQUIRE(s.observed().size() == 1);
    CHECK(s.observed()[0].bytes == 0);
}

TEST_CASE("a client that is gone before the answer leaves its exchange valid") {
    test_server s;
    client c(s.port());
    c.send(post("/later", std::string(50'000, 'x')));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    c.reset();
    CHECK(s.stats().connections_open == 1);
    s.answer_one("anyone?");
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
    CHECK(s.observed().size() == 1);
    CHECK(s.stats().buffered_body_bytes == 0);
}

TEST_CASE("the observer is told of every answer once") {
    test_server s;
    ask(s.port(), get("/items/1/2"));
    ask(s.port(), get("/nothing"));
    ask(s.port(), "nonsense\r\n\r\n");
    ask(s.port(), "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n");
    REQUIRE(eventually([&] { return s.observed().size() == 4; }));
    const auto seen = s.observed();
    CHECK(seen[0].status == 200);
    CHECK(seen[0].route == "/items/{a}/{b}");
    CHECK(seen[0].method == "GET");
    CHECK(seen[0].bytes > 3);
    CHECK(seen[1].status == 404);
    CHECK(seen[1].route == "other");
    CHECK(seen[2].status == 400);
    CHECK(seen[2].route == "other");
    CHECK(seen[3].status == 413);
    CHECK(seen[3].route == "/echo");
}

TEST_CASE("a drain with nothing under way is over at once") {
    test_server s;
    auto done = s.drain(20s);
    CHECK(ready(done));
    CHECK_THROWS(client(s.port()));
}

TEST_CASE("a drain closes idle connections and lets requests be answered") {
    test_server s;
    client idle(s.port());
    idle.send(get("/hello"));
    CHECK(idle.read().status == 200);
    client busy(s.port());
    busy.send(post("/later", "x") + get("/hello"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    client half(s.port());
    half.send("GET /hel");
    CHECK(eventually([&] { return s.stats().connections_open == 3; }));

    auto done = s.drain(20s);
    CHECK(idle.ended());
    half.send("lo HTTP/1.1\r\nHost: h\r\n\r\n");
    const answer last_of_half = half.read();
    CHECK(last_of_half.body == "hello");
    CHECK(last_of_half.header("Connection") == "close");
    half.finish();
    s.answer_one("still ");
    const answer last = busy.read();
    CHECK(last.body == "still x");
    CHECK(last.header("Connection") == "close");
    CHECK(busy.ended()); // what was pipelined behind is not answered, and may be sent to another
    busy.finish();
    CHECK(ready(done));
    CHECK(s.stats().connections_open == 0);
}

TEST_CASE("a drain answers the next request of a client that was answered a moment ago") {
    test_server s;
    client active(s.port());
    active.send(get("/hello"));
    CHECK(active.read().header("Connection").empty());
    auto done = s.drain(20s);
    s.on_loop([] {}); // the drain has begun
    active.send(get("/hello"));
    const answer last = active.read();
    CHECK(last.body == "hello");
    CHECK(last.header("Connection") == "close");
    active.finish();
    CHECK(ready(done));
}

TEST_CASE("what the kernel had queued when the drain began is served") {
    test_server s;
    std::vector<client> queued;
    s.on_loop([&] {
        for (int i = 0; i < 20; ++i) { // the loop is busy here: none of them is accepted yet
            queued.emplace_back(s.port());
            queued.back().send(get("/hello"));
        }
    });
    auto done = s.drain(20s);
    for (client& c : queued) {
        CHECK(c.read().body == "hello");
        c.finish();
    }
    CHECK(ready(done));
}

TEST_CASE("a drain cuts off at its deadline what is left") {
    test_server s;
    client silent(s.port());
    silent.send("GET /hel");
    client waits(s.port());
    waits.send(post("/later", "x"));
    CHECK(eventually([&] { return s.waiting() == 1; }));
    auto done = s.drain(100ms);
    CHECK(ready(done));
    CHECK(silent.read().status == 0);
    CHECK(waits.read().status == 0);
    CHECK(s.stats().connections_open == 1); // an exchange is owed its answer, even so
    s.answer_one("");
    CHECK(s.stats().connections_open == 0);
}

TEST_CASE("a server without descriptors waits for them") {
    test_server s;
    CHECK(ask(s.port(), get("/hello")).status == 200);
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{64, before.rlim_max};
    client c(s.port());
    c.send(get("/hello"));
    CHECK(c.read().status == 200);
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &low) == 0);
    std::vector<int> taken;
    for (int fd = ::dup(0); fd >= 0; fd = ::dup(0))
        taken.push_back(fd);
    ::close(taken.back()); // the client's own
    taken.pop_back();
    CHECK(s.stats().accept_failures == 0);
    client starved(s.port());
    starved.send(get("/hello"));
    c.send(get("/hello")); // the others are served meanwhile
    CHECK(c.read().status == 200);
    CHECK(eventually([&] { return s.stats().accept_failures > 0; }));
    for (const int fd : taken)
        ::close(fd);
    ::setrlimit(RLIMIT_NOFILE, &before);
    CHECK(starved.read().body == "hello");
}

TEST_CASE("an address that cannot be listened on is named") {
    test_server s;
    const std::string taken = "127.0.0.1:" + std::to_string(s.port());
    for (const std::string& address : {taken, std::string("nonsense"), std::string("127.0.0.1:99999")}) {
        const std::string message = listen_error_of(address);
        CHECK(message.find(address) != std::string::npos);
    }
}
