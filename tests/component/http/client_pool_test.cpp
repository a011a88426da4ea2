// The connections that the client keeps, how many, for how long, and what becomes of them at its end.
#include "client_fixture.hpp"
#include "scripted_target.hpp"

#include <atomic>
#include <future>
#include <memory>
#include <string>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;
using test::peer;
using test::scripted_target;

TEST_CASE("connections are kept, and no more than configured") {
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    scripted_target target([&](peer& p, std::size_t) {
        while (p.next()) {
            const int n = ++now;
            for (int seen = most; n > seen && !most.compare_exchange_weak(seen, n);) {
            }
            --now;
            p.answer(200);
        }
    });
    client_config config = to(target.url());
    config.max_connections = 3;
    client_on_loop c(config);
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 3; ++i)
            c.post();
        CHECK(c->full());
        CHECK_THROWS_AS(c.post(), std::logic_error);
        c.run(static_cast<std::size_t>(round + 1) * 3);
        CHECK_FALSE(c->full());
    }
    CHECK(target.connections() == 3);
    CHECK(most <= 3);
    CHECK(c->stats().idle == 3);
}

TEST_CASE("a kept connection that the target has closed") {
    for (const bool reset : {false, true}) {
        CAPTURE(reset);
        scripted_target target([&](peer& p, std::size_t number) {
            p.next();
            p.answer(200);
            if (number != 0 || p.next().has_value() == false)
                return;
            reset ? p.reset() : p.close(); // the second request is taken, and not answered
        });
        client_on_loop c(to(target.url()));
        CHECK(c.ask().status == 200);
        const delivered& second = c.ask();
        CHECK_MESSAGE(second.status == 200, second.detail);
        CHECK(target.connections() == 2);
        CHECK(c->stats().reopened == 1);
    }
}

TEST_CASE("it is replaced once, and not where an answer had begun") {
    scripted_target never([](peer& p, std::size_t number) {
        if (p.next() && number == 0) {
            p.answer(200);
            p.next();
        }
    });
    client_on_loop c(to(never.url()));
    c.ask();
    CHECK(c.ask().error == client_errc::interrupted);
    CHECK(never.connections() == 2);

    scripted_target begun([](peer& p, std::size_t) {
        p.next();
        p.answer(200);
        p.next();
        p.send("HTTP/1.1 2");
    });
    client_on_loop d(to(begun.url()));
    d.ask();
    CHECK(d.ask().error == client_errc::interrupted);
    CHECK(begun.connections() == 1);
}

TEST_CASE("an idle connection that ends is forgotten; one that says something nobody asked for, too") {
    for (const char* octets : {"", "HTTP/1.1 408 Too Late\r\n\r\n"}) {
        CAPTURE(octets);
        scripted_target target([&](peer& p, std::size_t) {
            p.next();
            p.answer(200);
            p.send(octets);
        });
        client_on_loop c(to(target.url()));
        c.ask();
        c.run_until([&] { return c->stats().connections == 0; });
        CHECK(c.ask().status == 200);
        CHECK(c->stats().reopened == 0);
    }
}

TEST_CASE("a connection that is idle for too long is closed") {
    std::promise<bool> closed;
    scripted_target target([&](peer& p, std::size_t) {
        p.next();
        p.answer(200);
        closed.set_value(p.wait_closed());
    });
    client_config config = to(target.url());
    config.idle_timeout = 20ms;
    client_on_loop c(config);
    c.ask();
    c.run_until([&] { return c->stats().connections == 0; });
    CHECK(closed.get_future().get());
}

TEST_CASE("destroyed with requests at every stage, it calls nobody") {
    std::promise<void> there;
    scripted_target target([&](peer& p, std::size_t number) {
        p.next();
        if (number == 2)
            there.set_value();
        if (number == 1)
            p.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok");
        if (number == 2)
            p.answer(200);
        p.wait_closed();
    });
    client_on_loop c(to(target.url()));
    for (int i = 0; i < 3; ++i)
        c.post();
    c.run(1);
    there.get_future().wait();
    c.post(std::string(8'000'000, 'x'));
    c.post(); // not even begun
    c.loop.poll_one();
    c.destroy();
    c.loop.run(); // what was under way ends, and nothing else is left
    CHECK(c.answers.size() == 1);
}

TEST_CASE("destroyed by its own callback") {
    scripted_target target(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    boost::asio::io_context loop;
    auto made = std::make_unique<client>(loop, to(target.url()));
    unsigned status = 0;
    made->post({}, "x", [&](const client_answer& a) {
        status = a.status;
        made.reset();
    });
    loop.run();
    CHECK(status == 200);
}

TEST_CASE("destroyed while a name is looked up") {
    client_on_loop c(to("http://localhost:1"));
    c.post();
    c.destroy();
    c.loop.run();
    CHECK(c.answers.empty());
}
