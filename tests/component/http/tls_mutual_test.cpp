// Clients that need a certificate: whose is taken, whose is not, and what the handler learns of it.
#include "certificates.hpp"
#include "tls_client.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include <iterator>
#include <set>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

constexpr long day_s = 86'400;

struct mutual {
    mutual() {
        made.make("ca", {.common_names = {"Clients CA"}, .authority = true});
        made.make("server", {.common_names = {"server"}, .issuer = "ca", .purpose = "serverAuth"});
        made.make("client", {.common_names = {"alice"}, .issuer = "ca", .purpose = "clientAuth"});
        server.emplace(server_config{.tls = made.context("server", "ca")});
    }

    tls_wish wish(const std::string& name) const {
        return {.trust = made.path("ca.pem"),
                .certificate = name.empty() ? "" : made.path(name + ".pem"),
                .key = name.empty() ? "" : made.path(name + ".key")};
    }
    std::string subject(const std::string& name) {
        return ask(server->port(), wish(name), get("/subject")).body;
    }

    certificates made;
    std::optional<test_server> server;
};

} // namespace

TEST_CASE("a client with a certificate of the authority is served") {
    mutual m;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        tls_wish wish = m.wish("client");
        wish.least_version = wish.most_version = version;
        tls_client c(m.server->port(), wish);
        c.send(get("/subject") + get("/hello"));
        CHECK(c.read().body == "alice");
        CHECK(c.read().body == "hello");
    }
    CHECK(m.server->stats().tls_handshake_failures == 0);
}

TEST_CASE("a client without, or with one that the authority does not vouch for, is refused") {
    mutual m;
    m.made.make("other-ca", {.common_names = {"Clients CA"}, .authority = true}); // by the same name
    m.made.make("of-other", {.common_names = {"alice"}, .issuer = "other-ca"});
    m.made.make("self-signed", {.common_names = {"alice"}});
    m.made.make("expired", {.common_names = {"alice"}, .issuer = "ca", .from_s = -2 * day_s, .until_s = -60});
    m.made.make("not-yet",
                {.common_names = {"alice"}, .issuer = "ca", .from_s = day_s, .until_s = 2 * day_s});
    m.made.make("for-servers", {.common_names = {"alice"}, .issuer = "ca", .purpose = "serverAuth"});
    m.made.make("of-a-client", {.common_names = {"alice"}, .issuer = "client"}); // which is no authority
    m.made.make("small", {.common_names = {"alice"}, .issuer = "ca", .rsa_bits = 1024});
    std::uint64_t refused = 0;
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION})
        for (const std::string name :
             {"", "of-other", "self-signed", "expired", "not-yet", "for-servers", "of-a-client", "small"}) {
            CAPTURE(version);
            CAPTURE(name);
            tls_wish wish = m.wish(name);
            wish.least_version = wish.most_version = version;
            CHECK(ask(m.server->port(), wish, get("/hello")).status == 0);
            ++refused;
            CHECK(eventually([&] { return m.server->stats().tls_handshake_failures == refused; }));
        }
    CHECK(m.server->observed().empty());
    CHECK(m.subject("client") == "alice");
}

TEST_CASE("the subject is the one common name, or else the first alternative name") {
    mutual m;
    const struct {
        certificate_wish wish;
        const char* subject;
    } table[] = {
        {{.common_names = {"b\xc3\xb6"
                           "b"},
          .issuer = "ca",
          .alternative_names = "DNS:other"},
         "b\xc3\xb6"
         "b"},
        {{.common_names = {}, .issuer = "ca", .alternative_names = "DNS:a.example,DNS:b.example"},
         "a.example"},
        {{.common_names = {}, .issuer = "ca", .alternative_names = "IP:127.0.0.1,email:a@b.example"},
         "a@b.example"},
        {{.common_names = {}, .issuer = "ca", .alternative_names = "URI:spiffe://a/b"}, "spiffe://a/b"},
        {{.common_names = {"one", "two"}, .issuer = "ca", .alternative_names = "DNS:three"}, "three"},
    };
    for (const auto& row : table) {
        CAPTURE(row.subject);
        m.made.make("row", row.wish);
        const answer a = ask(m.server->port(), m.wish("row"), get("/subject"));
        CHECK(a.status == 200);
        CHECK(a.body == row.subject);
    }
}

TEST_CASE("a certificate without a name that could be told goes by its fingerprint") {
    mutual m;
    std::set<std::string> subjects;
    const certificate_wish table[] = {
        {.common_names = {}, .issuer = "ca"},
        {.common_names = {"one", "two"}, .issuer = "ca"},
        {.common_names = {"line\nbreak"}, .issuer = "ca"},
        {.common_names = {}, .issuer = "ca", .alternative_names = "IP:127.0.0.1"},
    };
    for (const certificate_wish& wish : table) {
        m.made.make("row", wish);
        const std::string subject = m.subject("row");
        CHECK(subject.starts_with("sha256:"));
        CHECK(subject.size() == 7 + 64);
        CHECK(subject.find_first_not_of("0123456789abcdef", 7) == std::string::npos);
        CHECK(m.subject("row") == subject);
        subjects.insert(subject);
    }
    CHECK(subjects.size() == std::size(table));
}

TEST_CASE("who needs a certificate shows it at each connection: no session is resumed, none outlives its "
          "authority") {
    mutual m;
    {
        tls_client c(m.server->port(), m.wish("client"));
        c.send(get("/hello"));
        CHECK(c.read().status == 200);
        tls_wish again = m.wish("client");
        const auto session = c.session();
        again.session = session.get();
        tls_client second(m.server->port(), again);
        second.send(get("/subject"));
        CHECK(second.read().body == "alice");
        CHECK_FALSE(second.resumed());
    }
    m.made.make("ca2", {.common_names = {"New CA"}, .authority = true});
    m.made.make("client2", {.common_names = {"carol"}, .issuer = "ca2"});
    tls_client open(m.server->port(), m.wish("client"));
    m.server->use(m.made.context("server", "ca2"));
    CHECK(ask(m.server->port(), m.wish("client"), get("/hello")).status == 0);
    CHECK(m.subject("client2") == "carol");
    open.send(get("/subject"));
    CHECK(open.read().body == "alice");
}

TEST_CASE("without an authority nobody is asked for a certificate, nor believed") {
    mutual m;
    m.server->use(m.made.context("server"));
    const answer a = ask(m.server->port(), m.wish("client"), get("/subject"));
    CHECK(a.status == 200);
    CHECK(a.body.empty());
}
