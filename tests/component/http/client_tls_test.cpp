// The client under TLS: whom it believes.
#include "certificates.hpp"
#include "client_fixture.hpp"
#include "fixture.hpp"

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

struct fixture {
    certificates made;
    test_server server;

    fixture() {
        made.make("ca", {.common_names = {"CA"}, .authority = true});
        made.make("other", {.common_names = {"Other CA"}, .authority = true});
        made.make("good",
                  {.common_names = {"x"}, .issuer = "ca", .alternative_names = "DNS:localhost,IP:127.0.0.1"});
    }

    void serve(const certificate_wish& wish) {
        made.make("server", wish);
        server.use(made.context("server"));
    }

    client_config config(const std::string& host, const std::string& ca = "ca", const std::string& own = {}) {
        client_config c = to("https://" + host + ":" + std::to_string(server.port()) + "/echo");
        std::string problem;
        c.tls = tls_context::load_client({ca.empty() ? "" : made.path(ca + ".pem"),
                                          own.empty() ? "" : made.path(own + ".pem"),
                                          own.empty() ? "" : made.path(own + ".key")},
                                         problem);
        REQUIRE_MESSAGE(c.tls, problem);
        return c;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "a good certificate, by name and by address; the connection is kept") {
    server.use(made.context("good"));
    for (const char* host : {"localhost", "127.0.0.1"}) {
        CAPTURE(host);
        client_on_loop c(config(host));
        for (int i = 0; i < 3; ++i) {
            const delivered& answer = c.ask("under TLS");
            CHECK_MESSAGE(answer.status == 200, answer.detail);
            CHECK(answer.body == "under TLS");
        }
        CHECK(c->stats().opened == 1);
        CHECK(c->stats().idle == 1);
    }
}

TEST_CASE_FIXTURE(fixture, "large bodies, both ways") {
    server.use(made.context("good"));
    client_on_loop c(config("localhost"));
    const delivered& answer = c.ask(std::string(900'000, 'x'));
    CHECK_MESSAGE(answer.status == 200, answer.detail);
    CHECK(answer.body == std::string(512, 'x'));
}

TEST_CASE_FIXTURE(fixture, "certificates that are not accepted") {
    struct row {
        certificate_wish wish;
        const char* host;
        const char* ca;
        const char* why;
    };
    const row rows[] = {
        {{.common_names = {"x"}, .issuer = "other", .alternative_names = "DNS:localhost"},
         "localhost",
         "ca",
         "unable to get local issuer certificate"},
        {{.common_names = {"localhost"}, .issuer = "", .alternative_names = "DNS:localhost"},
         "localhost",
         "ca",
         "self-signed certificate"},
        {{.common_names = {"x"}, .issuer = "ca", .alternative_names = "DNS:localhost"},
         "localhost",
         "",
         "unable to get local issuer certificate"}, // whom the system believes
        {{.common_names = {"localhost"}, .issuer = "ca", .alternative_names = "DNS:elsewhere"},
         "localhost",
         "ca",
         "hostname mismatch"},
        {{.common_names = {"127.0.0.1"}, .issuer = "ca", .alternative_names = "DNS:127.0.0.1"},
         "127.0.0.1",
         "ca",
         "IP address mismatch"},
        {{.common_names = {"x"}, .issuer = "ca", .alternative_names = "DNS:localhost", .from_s = 3'600},
         "localhost",
         "ca",
         "certificate is not yet valid"},
        {{.common_names = {"x"},
          .issuer = "ca",
          .alternative_names = "DNS:localhost",
          .purpose = "clientAuth"},
         "localhost",
         "ca",
         "purpose"},
    };
    for (const row& r : rows) {
        CAPTURE(r.why);
        serve(r.wish);
        client_on_loop c(config(r.host, r.ca));
        const delivered& answer = c.ask();
        CHECK(answer.error == client_errc::tls_refused);
        CHECK(answer.error == condition::unavailable);
        CHECK_MESSAGE(answer.detail.find(r.why) != std::string::npos, answer.detail);
        CHECK(answer.detail.find("its certificate is not accepted") != std::string::npos);
        CHECK(c->stats().connections == 0);
    }
}

TEST_CASE_FIXTURE(fixture, "an expired certificate") {
    // The server refuses to load one, so it expires while it is served.
    serve({.common_names = {"x"}, .issuer = "ca", .alternative_names = "DNS:localhost", .until_s = 1});
    REQUIRE(eventually([&] {
        client_on_loop c(config("localhost"));
        return c.ask().detail.find("certificate has expired") != std::string::npos;
    }));
}

TEST_CASE_FIXTURE(fixture, "a server that wants a certificate of the client") {
    made.make("own", {.common_names = {"millrace"}, .issuer = "ca"});
    server.use(made.context("good", "ca"));
    client_on_loop with(config("localhost", "ca", "own"));
    CHECK(with.ask().status == 200);
    client_on_loop without(config("localhost"));
    const delivered& answer = without.ask();
    CHECK_MESSAGE(answer.error == client_errc::tls_refused, answer.detail);
    CHECK_MESSAGE(answer.detail.find("certificate required") != std::string::npos, answer.detail);
}

TEST_CASE_FIXTURE(fixture, "plain HTTP where TLS is spoken, and the other way round") {
    client_on_loop https(config("localhost"));
    CHECK(https.ask().error == client_errc::tls_refused);
    server.use(made.context("good"));
    client_on_loop plain(to("http://127.0.0.1:" + std::to_string(server.port()) + "/echo"));
    CHECK(plain.ask().status == 400);
}

TEST_CASE_FIXTURE(fixture, "destroyed within a handshake, a request and an idle moment") {
    server.use(made.context("good"));
    for (const int steps : {0, 1, 2, 3, 4, 5, 6, 8, 10}) {
        CAPTURE(steps);
        client_on_loop c(config("127.0.0.1"));
        c.post(std::string(900'000, 'x'));
        for (int i = 0; i < steps; ++i)
            c.loop.run_one_for(5s);
        c.destroy();
        c.loop.run();
    }
    client_on_loop idle(config("127.0.0.1"));
    idle.ask();
    idle.destroy();
    idle.loop.run();
}

TEST_CASE_FIXTURE(fixture, "files that cannot be used are named") {
    std::string problem;
    CHECK_FALSE(tls_context::load_client({.ca = "/nowhere.pem"}, problem));
    CHECK(problem == "/nowhere.pem cannot be read: No such file or directory.");
    made.write("empty.pem", "");
    CHECK_FALSE(tls_context::load_client({.ca = made.path("empty.pem")}, problem));
    CHECK(problem.find("empty.pem has no certificate in PEM") != std::string::npos);
    CHECK_FALSE(tls_context::load_client({.certificate = made.path("good.pem"), .key = made.path("ca.key")},
                                         problem));
    CHECK(problem.find("ca.key is not the key of the certificate.") != std::string::npos);
}
