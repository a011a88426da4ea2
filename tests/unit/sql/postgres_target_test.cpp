// URLs of PostgreSQL: what has to be resolved, what libpq is told, and what is never shown.
#include "postgres_target.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

using namespace millrace::sql;

namespace {

using names = std::vector<std::string>;

postgres_target target(const std::string& url) {
    auto t = postgres_target::parse(url);
    REQUIRE_MESSAGE(t, url);
    return *t;
}

} // namespace

TEST_CASE("names are resolved; addresses, sockets and hosts with an address are not") {
    const std::vector<std::pair<std::string, names>> rows = {
        {"postgresql://db/x", {"db"}},
        {"postgres://user:secret@db.example:5433/x?sslmode=require", {"db.example"}},
        {"postgresql://127.0.0.1/x", {}},
        {"postgresql://[::1]:5432/x", {}},
        {"postgresql://%2Frun%2Fpostgresql/x", {}},
        {"postgresql:///x?host=/tmp/sockets", {}},
        {"postgresql:///x", {}},
        {"postgresql://one,two:5433,127.0.0.1,one/x", {"one", "two"}},
        {"postgresql://db/x?hostaddr=10.0.0.1", {}},
    };
    for (const auto& [url, wanted] : rows) {
        CAPTURE(url);
        CHECK(target(url).names() == wanted);
    }
}

TEST_CASE("every address of every name is tried, with its port") {
    auto t = target("postgresql://one:5433,%2Frun%2Fpg,two:5434/x");
    auto p = t.with_addresses({{"one", {"10.0.0.1", "fd00::1"}}, {"two", {"10.0.0.2"}}});
    REQUIRE(p);
    CHECK(p->at("host") == "one,one,/run/pg,two");
    CHECK(p->at("hostaddr") == "10.0.0.1,fd00::1,,10.0.0.2");
    CHECK(p->at("port").starts_with("5433,5433,"));
    CHECK(p->at("port").ends_with(",5434"));

    p = t.with_addresses({{"two", {"10.0.0.2"}}});
    REQUIRE(p);
    CHECK(p->at("host") == "/run/pg,two");
    CHECK_FALSE(target("postgresql://one,two/x").with_addresses({}));
    CHECK(target("postgresql:///x").with_addresses({}));
}

TEST_CASE("Kerberos, which blocks, is used only where the URL asks for it") {
    CHECK(target("postgresql://db/x").with_addresses({{"db", {"::1"}}})->at("gssencmode") == "disable");
    CHECK(target("postgresql://db/x?gssencmode=prefer").with_addresses({{"db", {"::1"}}})->at("gssencmode") ==
          "prefer");
}

TEST_CASE("no secret is shown, however a message came by it") {
    const std::string url = "postgresql://user:s%40cret@db:5432/x?sslpassword=k3y";
    const auto t = target(url);
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"password authentication failed for user \"user\"\n",
         "password authentication failed for user \"user\""},
        {"cannot parse " + url + " at all", "cannot parse ******** at all"},
        {"as s@cret and as s%40cret and as k3y", "as ******** and as ******** and as ********"},
        {"two\nlines\n", "two lines"},
    };
    for (const auto& [text, wanted] : rows)
        CHECK(t.mask(text) == wanted);
    CHECK(target("postgresql://db/x").mask("nothing to hide") == "nothing to hide");
}

TEST_CASE("what is no URL is refused") {
    for (const char* url : {"postgresql://db/x?nonsense=1", "postgresql://[::1/x"})
        CHECK_FALSE_MESSAGE(postgres_target::parse(url), url);
}
