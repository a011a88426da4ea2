// The client against targets that answer well, badly, in part, or not at all.
#include "client_connection.hpp"
#include "client_fixture.hpp"
#include "scripted_target.hpp"

#include <future>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;
using test::peer;
using test::received_request;
using test::scripted_target;

namespace {

/// A connection to a host of these addresses, and its first request.
class one_connection final : public client_connection::owner {
  public:
    one_connection(name_lookup::endpoints addresses, const std::string& url) {
        client_config config = to(url);
        config.connect_timeout = 200ms;
        setup_ = std::make_shared<const client_setup>(client_setup{config, parse_target_url(url).value()});
        made_ = std::make_shared<client_connection>(
            loop_, setup_, std::make_shared<name_lookup>(loop_, std::move(addresses)), *this);
    }

    delivered ask() {
        made_->begin(std::make_unique<client_exchange>(client_exchange{
            std::make_shared<const std::string>("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n"),
            {},
            steady_clock::now() + 15s}));
        while (!answer_)
            REQUIRE(loop_.run_one_for(20s) > 0);
        made_->abandon();
        return *answer_;
    }

  private:
    void on_answer(client_connection&, std::unique_ptr<client_exchange>, const client_answer& a) override {
        answer_ = delivered{a.error, std::string(a.detail), a.status, {}, {}};
    }
    void on_stale(client_connection&, std::unique_ptr<client_exchange>) override {}
    void on_ended(client_connection&) override {}

    boost::asio::io_context loop_{1};
    std::shared_ptr<const client_setup> setup_;
    std::shared_ptr<client_connection> made_;
    std::optional<delivered> answer_;
};

} // namespace

TEST_CASE("a request: what is sent, octet by octet") {
    std::promise<received_request> got;
    scripted_target target([&](peer& p, std::size_t) {
        got.set_value(p.next().value());
        p.answer(202, "Retry-After: 5\r\n", "thanks");
    });
    client_on_loop c(to(target.url("/hook?token=a")));
    const std::string body = std::string("\0\r\n\xff", 4) + std::string(300'000, 'x');
    const field headers[] = {{"ce-id", "1"}, {"X", "a\r\nInjected: b"}};
    const delivered& answer = c.ask(body, headers);
    CHECK(answer.status == 202);
    CHECK(answer.retry_after == "5");
    CHECK(answer.body == "thanks");
    const received_request sent = got.get_future().get();
    CHECK(sent.head == "POST /hook?token=a HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(target.port()) +
                           "\r\nce-id: 1\r\nX: a  Injected: b\r\nContent-Length: 300004\r\n\r\n");
    CHECK(sent.body == body);
    CHECK(c->origin() == target.url(""));
}

TEST_CASE("answers of every kind") {
    struct row {
        std::string octets;
        unsigned status;
        std::string body;
        bool kept;
    };
    const std::string large(40'000, 'b');
    for (const row& r : {
             row{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true},
             row{"HTTP/1.1 204 x\r\n\r\n", 204, "", true},
             row{"HTTP/1.1 307 x\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n", 307, "", true},
             row{"HTTP/1.1 503 x\r\nContent-Length: 40000\r\n\r\n" + large, 503, large.substr(0, 512), true},
             row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", 200, "ok",
                 true},
             row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 x\r\nContent-Length: 0\r\n\r\n", 201, "", true},
             row{"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", 200, "ok", false},
             // larger than is read: its status counts
             row{"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + large + large, 200,
                 large.substr(0, 512), false},
         }) {
        CAPTURE(r.octets.substr(0, 80));
        scripted_target target(always(r.octets));
        client_on_loop c(to(target.url()));
        for (int i = 0; i < 3; ++i) {
            const delivered& answer = c.ask();
            CHECK_MESSAGE(!answer.error, answer.detail);
            CHECK(answer.status == r.status);
            CHECK(answer.body == r.body);
        }
        CHECK(target.connections() == (r.kept ? 1 : 3));
        CHECK(c->stats().opened == (r.kept ? 1 : 3));
        CHECK(c->stats().idle == (r.kept ? 1 : 0));
    }
}

TEST_CASE("an answer up to the end of the connection") {
    scripted_target target([](peer& p, std::size_t) {
        p.next();
        p.send("HTTP/1.0 200 OK\r\n\r\nto the end");
    });
    client_on_loop c(to(target.url()));
    CHECK(c.ask().body == "to the end");
    CHECK(c->stats().connections == 0);
}

TEST_CASE("no answer, or half of one") {
    struct row {
        const char* octets;
        client_errc error;
        const char* detail;
    };
    for (const row& r :
         {row{"", client_errc::interrupted, "ended without an answer"},
          row{"HTTP/1.1 20", client_errc::interrupted, "ended within the answer"},
          row{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok", client_errc::interrupted,
              "ended within the answer"},
          row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok", client_errc::interrupted,
              "ended within the answer"},
          row{"220 mail.example\r\n\r\n", client_errc::malformed, "is no HTTP"},
          row{"HTTP/1.1 101 x\r\nUpgrade: h2c\r\n\r\n", client_errc::malformed, "which nobody asked for"}}) {
        CAPTURE(r.octets);
        scripted_target target([&](peer& p, std::size_t) {
            p.next();
            p.send(r.octets);
        });
        client_on_loop c(to(target.url()));
        const delivered& answer = c.ask();
        CHECK(answer.error == r.error);
        CHECK_MESSAGE(answer.detail.find(r.detail) != std::string::npos, answer.detail);
        CHECK(answer.status == 0);
        CHECK(target.connections() == 1); // a fresh connection is not tried twice
    }
}

TEST_CASE("headers without end") {
    scripted_target target([](peer& p, std::size_t) {
        p.next();
        p.send("HTTP/1.1 200 OK\r\n");
        const std::string line = "X: " + std::string(1'000, 'x') + "\r\n";
        for (int i = 0; i < 100; ++i)
            p.send(line);
        p.wait_closed();
    });
    client_on_loop c(to(target.url()));
    const delivered& answer = c.ask();
    CHECK(answer.error == client_errc::malformed);
    CHECK(answer.detail.find("headers of more than 16384 bytes") != std::string::npos);
}

TEST_CASE("a target that is slow: at every point the request's time is over") {
    for (const char* octets :
         {"", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok"}) {
        CAPTURE(octets);
        scripted_target target([&](peer& p, std::size_t) {
            p.next();
            p.send(octets);
            p.wait_closed();
        });
        client_config config = to(target.url());
        config.timeout = 50ms;
        client_on_loop c(config);
        const delivered& answer = c.ask();
        CHECK(answer.error == client_errc::timed_out);
        CHECK(answer.error == condition::timed_out);
        CHECK(answer.detail.find(*octets == 0 ? "No answer from" : "No whole answer from") == 0);
        CHECK(c->stats().connections == 0);
    }
}

TEST_CASE("a target that takes nothing") {
    scripted_target target([](peer& p, std::size_t) {
        p.head();
        std::promise<void> never; // reads no more, until the client has given up
        never.get_future().wait_for(500ms);
    });
    client_config config = to(target.url());
    config.timeout = 50ms;
    client_on_loop c(config);
    CHECK(c.ask(std::string(64'000'000, 'x')).error == client_errc::timed_out);
}

TEST_CASE("an answer before the request was read to its end counts") {
    scripted_target target([](peer& p, std::size_t) {
        p.head();
        p.answer(413, "Connection: close\r\n");
        p.wait_closed();
    });
    client_on_loop c(to(target.url()));
    CHECK(c.ask(std::string(64'000'000, 'x')).status == 413);
    CHECK(c->stats().connections == 0);
}

TEST_CASE("nobody listens; nobody is there") {
    const std::string port = std::to_string(test::closed_port());
    client_on_loop refused(to("http://127.0.0.1:" + port));
    const delivered& answer = refused.ask();
    CHECK(answer.error == client_errc::unreachable);
    CHECK(answer.error == condition::unavailable);
    CHECK(answer.detail == "Cannot connect to 127.0.0.1:" + port + ": Connection refused.");
    client_on_loop unknown(to("http://no-such-host.invalid"));
    const delivered& none = unknown.ask();
    CHECK_MESSAGE((none.error == client_errc::unresolved || none.error == client_errc::timed_out),
                  none.detail);
    CHECK(unknown->stats().connections == 0);
}

TEST_CASE("a name") {
    scripted_target target(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    client_on_loop c(to("http://localhost:" + std::to_string(target.port())));
    const delivered& answer = c.ask();
    CHECK_MESSAGE(answer.status == 200, answer.detail);
}

TEST_CASE("all addresses of a name are tried: those that refuse, and those that are silent") {
    using boost::asio::ip::tcp;
    const auto loopback = boost::asio::ip::make_address("127.0.0.1");
    scripted_target target(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const test::silent_listener silent;
    const tcp::endpoint good(loopback, target.port());
    const tcp::endpoint refusing(loopback, test::closed_port());
    const tcp::endpoint mute(loopback, silent.port());
    struct row {
        name_lookup::endpoints addresses;
        unsigned status;
        client_errc error;
    };
    for (const row& r : {row{{refusing, refusing, good}, 200, {}}, row{{mute, good}, 200, {}},
                         row{{refusing, mute, refusing, good}, 200, {}}, row{{good, mute}, 200, {}},
                         row{{mute, refusing}, 0, client_errc::unreachable},
                         row{{refusing, mute}, 0, client_errc::timed_out}}) {
        one_connection c(r.addresses, target.url());
        const delivered answer = c.ask();
        CHECK_MESSAGE(answer.status == r.status, answer.detail);
        if (r.status == 0)
            CHECK_MESSAGE(answer.error == r.error, answer.detail);
    }
}

TEST_CASE("what is no target") {
    boost::asio::io_context loop;
    for (const char* url : {"", "ftp://h", "http://", "https://h"}) // the last one for want of TLS
        CHECK_THROWS_AS(client(loop, to(url)), std::runtime_error);
}
