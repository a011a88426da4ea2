// HTTPS: what is agreed on, what is refused, and how a connection begins and ends.
#include "certificates.hpp"
#include "tls_client.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

/// A server with a certificate for 127.0.0.1, and the authority that signed it.
struct https {
    explicit https(server_config config = {}) {
        made.make("ca", {.common_names = {"Test CA"}, .authority = true});
        made.make("server", {.common_names = {"server"},
                             .issuer = "ca",
                             .alternative_names = "IP:127.0.0.1",
                             .purpose = "serverAuth"});
        config.tls = made.context("server");
        server.emplace(std::move(config));
    }
    std::uint16_t port() const { return server->port(); }
    tls_wish wish() const { return {.trust = made.path("ca.pem")}; }
    const server_stats& stats() const { return server->stats(); }

    certificates made;
    std::optional<test_server> server;
};

} // namespace

TEST_CASE("requests over TLS 1.2 and 1.3 are answered as over TCP") {
    https s;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_wish wish = s.wish();
        wish.least_version = wish.most_version = version;
        tls_client c(s.port(), wish);
        REQUIRE(c.agreed());
        c.send(get("/hello") + post("/echo", "abc") + get("/peer") + get("/subject"));
        CHECK(c.read().body == "hello");
        CHECK(c.read().body == "abc");
        CHECK(c.read().body == "127.0.0.1");
        CHECK(c.read().body.empty());
        const std::string large(1'000'000, 'x');
        c.send(post("/size", large));
        CHECK(c.read().body == "1000000");
        c.send(get("/large") + get("/hello"));
        CHECK(c.read().body.size() == 16'777'216);
        CHECK(c.read().body == "hello");
        c.send("POST /echo HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
        CHECK(c.read_line() == "HTTP/1.1 100 Continue");
        c.send("abc");
        CHECK(c.read().body == "abc");
    }
    CHECK(s.stats().tls_handshake_failures == 0);
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
}

TEST_CASE("a stream over TLS goes on while its client is listened to, and ends in order") {
    https s;
    tls_client c(s.port(), s.wish());
    c.send(get("/feed"));
    CHECK(c.read_head().status == 200);
    s.server->publish("one");
    CHECK(c.read_until("data: one\n\n\r\n").find("event: news") != std::string::npos);
    CHECK(s.server->followers() == 1);
    s.server->close_feed();
    CHECK(c.read_until("0\r\n\r\n").empty());
    CHECK(c.ended());
    CHECK(c.said_goodbye());
}

TEST_CASE("an answer given later, octet by octet requests, many clients at once") {
    https s;
    tls_client slow(s.port(), s.wish());
    for (const char octet : get("/hello"))
        slow.send({&octet, 1});
    CHECK(slow.read().body == "hello");
    slow.send(post("/later", "x"));
    CHECK(eventually([&] { return s.server->waiting() == 1; }));
    std::vector<std::unique_ptr<tls_client>> many;
    for (int i = 0; i < 50; ++i)
        many.push_back(std::make_unique<tls_client>(s.port(), s.wish()));
    for (const auto& c : many)
        c->send(get("/hello"));
    for (const auto& c : many)
        CHECK(c->read().body == "hello");
    s.server->answer_one("later ");
    CHECK(slow.read().body == "later x");
}

TEST_CASE("older versions and weaker suites are refused") {
    https s;
    tls_wish old = s.wish();
    old.most_version = TLS1_1_VERSION;
    CHECK(!tls_client(s.port(), old).agreed());
    tls_wish weak = s.wish();
    weak.most_version = TLS1_2_VERSION;
    weak.suites = "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA";
    CHECK(!tls_client(s.port(), weak).agreed());
    weak.suites = "ECDHE-ECDSA-AES128-GCM-SHA256";
    CHECK(tls_client(s.port(), weak).agreed());
    CHECK(eventually([&] { return s.stats().tls_handshake_failures == 2; }));
    CHECK(s.server->observed().empty());
}

TEST_CASE("ALPN knows http/1.1 alone") {
    https s;
    const struct {
        std::string offered;
        bool agreed;
        const char* chosen;
    } table[] = {
        {"", true, ""},        {"\x08http/1.1", true, "http/1.1"}, {"\x02h2\x08http/1.1", true, "http/1.1"},
        {"\x02h2", false, ""}, {"\x08http/1.0", false, ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.offered);
        tls_wish wish = s.wish();
        wish.protocols = row.offered;
        const tls_client c(s.port(), wish);
        CHECK(c.agreed() == row.agreed);
        CHECK(c.protocol() == row.chosen);
    }
}

TEST_CASE("a session is resumed under the same context and not under another") {
    https s;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_wish wish = s.wish();
        wish.least_version = wish.most_version = version;
        std::shared_ptr<ssl_session_st> session;
        {
            tls_client c(s.port(), wish);
            c.send(get("/hello"));
            CHECK(c.read().status == 200);
            session = c.session();
        }
        wish.session = session.get();
        {
            tls_client again(s.port(), wish);
            CHECK(again.resumed());
            again.send(get("/hello"));
            CHECK(again.read().status == 200);
        }
        s.server->use(s.made.context("server"));
        tls_client other(s.port(), wish);
        CHECK(!other.resumed());
        CHECK(other.agreed());
    }
}

TEST_CASE("a client does not make the server negotiate again") {
    https s;
    tls_wish wish = s.wish();
    wish.most_version = TLS1_2_VERSION;
    tls_client c(s.port(), wish);
    c.send(get("/hello"));
    CHECK(c.read().status == 200);
    CHECK(!c.renegotiate());
}

TEST_CASE("a new certificate is for new connections") {
    https s;
    tls_client before(s.port(), s.wish());
    s.made.make("ca2", {.common_names = {"Other CA"}, .authority = true});
    s.made.make("server2", {.common_names = {"server"}, .issuer = "ca2"});
    s.server->use(s.made.context("server2"));
    before.send(get("/hello"));
    CHECK(before.read().body == "hello");
    CHECK(!tls_client(s.port(), s.wish()).agreed());
    CHECK(ask(s.port(), tls_wish{.trust = s.made.path("ca2.pem")}, get("/hello")).body == "hello");
    before.send(get("/hello"));
    CHECK(before.read().body == "hello");
}

TEST_CASE("the end of a connection is said, so that it cannot be forged") {
    SUBCASE("after an answer that closes") {
        https s;
        tls_client c(s.port(), s.wish());
        c.send(get("/close"));
        CHECK(c.read().body == "bye");
        CHECK(c.ended());
        CHECK(c.said_goodbye());
    }
    SUBCASE("after a malformed request") {
        https s;
        tls_client c(s.port(), s.wish());
        c.send("nonsense\r\n\r\n");
        CHECK(c.read().status == 400);
        CHECK(c.ended());
        CHECK(c.said_goodbye());
    }
    SUBCASE("when it is idle") {
        https s({.idle_timeout = 100ms});
        tls_client c(s.port(), s.wish());
        c.send(get("/hello"));
        CHECK(c.read().body == "hello");
        CHECK(c.ended());
        CHECK(c.said_goodbye());
    }
    SUBCASE("by a drain") {
        https s;
        tls_client c(s.port(), s.wish());
        c.send(get("/hello"));
        CHECK(c.read().body == "hello");
        client silent(s.port()); // has not begun its handshake
        CHECK(eventually([&] { return s.stats().connections_open == 2; }));
        auto done = s.server->drain(20s);
        CHECK(c.ended());
        CHECK(c.said_goodbye());
        CHECK(silent.ended());
        CHECK(done.wait_for(20s) == std::future_status::ready);
    }
}

TEST_CASE("a handshake has as long as headers have") {
    https s({.header_timeout = 100ms});
    client silent(s.port());
    CHECK(silent.ended());
    client halting(s.port());
    halting.send(std::string("\x16\x03\x01\x02\x00\x01", 6));
    CHECK(halting.ended());
    tls_client agreed(s.port(), s.wish());
    CHECK(agreed.agreed());
    CHECK(agreed.read().code() == "request_timeout");
    CHECK(s.stats().timeouts == 3);
    CHECK(s.stats().tls_handshake_failures == 2);
}

TEST_CASE("plain HTTP on the port of TLS is told so") {
    https s;
    client c(s.port());
    c.send(get("/hello", "X: " + std::string(5'000, 'x') + "\r\n"));
    const answer a = c.read();
    CHECK(a.status == 400);
    CHECK(a.code() == "malformed_request");
    CHECK(a.body.find("https://") != std::string::npos);
    CHECK(c.ended());
    c.finish();
    CHECK(s.stats().tls_handshake_failures == 1);
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
}

TEST_CASE("what is no TLS at all, and who says nothing") {
    https s;
    client c(s.port());
    c.send("\x01\x02\x03 nonsense that is longer than a record's head");
    c.finish();
    CHECK(eventually([&] { return s.stats().tls_handshake_failures == 1; }));
    {
        const client probe(s.port());
    }
    {
        client(s.port()).reset();
    }
    CHECK(eventually([&] { return s.stats().connections_accepted == 3 && s.stats().connections_open == 0; }));
    CHECK(s.stats().tls_handshake_failures == 1);
}

TEST_CASE("one connection over the cap is closed before its handshake") {
    https s({.max_connections = 1});
    tls_client first(s.port(), s.wish());
    CHECK(!tls_client(s.port(), s.wish()).agreed());
    CHECK(s.stats().connections_refused == 1);
    first.send(get("/hello"));
    CHECK(first.read().status == 200);
}

TEST_CASE("several loops share a context") {
    certificates made;
    made.make("server", {.common_names = {"server"}});
    const auto context = made.context("server");
    test_server one({.tls = context});
    test_server other({.tls = context});
    const auto ask_often = [](std::uint16_t port) {
        int answered = 0;
        for (int i = 0; i < 50; ++i)
            answered += ask(port, tls_wish{}, get("/hello")).status == 200 ? 1 : 0;
        return answered;
    };
    auto meanwhile = std::async(std::launch::async, ask_often, other.port());
    CHECK(ask_often(one.port()) == 50);
    CHECK(meanwhile.get() == 50);
}

TEST_CASE("a client that goes away while its answer is written") {
    https s;
    {
        tls_client c(s.port(), s.wish());
        c.send(get("/large"));
        c.reset();
    }
    CHECK(eventually([&] { return s.stats().connections_open == 0; }));
    CHECK(s.server->observed().size() == 1);
}
