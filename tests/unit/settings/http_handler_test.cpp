// What the handlers need, and what they cannot have.
#include "environment.hpp"

#include <doctest/doctest.h>

using namespace millrace::settings;
using namespace millrace::settings::test;

namespace {

const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

std::string section(const std::string& lines) {
    return "[handlers.http]\n" + lines;
}

} // namespace

TEST_CASE("[handlers.http], whole") {
    const temporary_file other(secret + "\n");
    const auto l = load_text("[processor]\nhandler = \"http\"\n" +
                             section("url = \"https://shop.example:8443/hook?token=x\"\n"
                                     "signing_secret = \"" +
                                     secret +
                                     "\"\n"
                                     "signing_secret_files = [\"" +
                                     other.path() +
                                     "\"]\n"
                                     "max_connections = 4\n"
                                     "[handlers.http.headers]\nAuthorization = \"Bearer abc\"\n"));
    REQUIRE_MESSAGE(l.settings, l.text);
    const http_handler& h = l.settings->handlers.http;
    CHECK(h.url == "https://shop.example:8443/hook?token=x");
    CHECK(h.signing_secret == secret);
    CHECK(h.signing_secrets == std::vector<std::string>{secret});
    CHECK(h.headers.at("Authorization") == "Bearer abc");
    CHECK(h.max_connections == 4);
    CHECK(h.retry_after_max_ms == 60'000);
}

TEST_CASE("secrets are not printed, and may come from the environment and from files") {
    const temporary_file file(secret + "\n");
    const auto l = load_text(
        section("signing_secrets = [\"" + secret + "\"]\n[handlers.http.headers]\nX-Key = \"abcdef\"\n"),
        {"MILLRACE_HANDLERS_HTTP_SIGNING_SECRET_FILE=" + file.path(),
         "MILLRACE_HANDLERS_HTTP_HEADERS_X_API_KEY=ghijkl"},
        {"--print-config"});
    CHECK_MESSAGE(l.exit_code == 0, l.text);
    for (const std::string& hidden : {secret, std::string("abcdef"), std::string("ghijkl")})
        CHECK(l.text.find(hidden) == std::string::npos);
    CHECK(l.text.find("\nx-api-key = \"********\"\n") != std::string::npos);
    CHECK(l.text.find("\nX-Key = \"********\"\n") != std::string::npos);
    const auto read = load_text("", {"MILLRACE_HANDLERS_HTTP_SIGNING_SECRET_FILE=" + file.path()});
    REQUIRE(read.settings);
    CHECK(read.settings->handlers.http.signing_secret == secret);
}

TEST_CASE("mistakes") {
    struct row {
        std::string toml;
        std::string message;
    };
    const temporary_file wrong("secret\n");
    const row rows[] = {
        {"[processor]\nhandler = \"http\"",
         "2: processor.handler: the handler http needs handlers.http.url, where events are delivered to"},
        {section("url = \"ftp://x\""), "2: handlers.http.url: \"ftp://x\" is not an http:// or https:// URL"},
        {section("url = \"http://u:p@h/\""),
         "2: handlers.http.url: \"http://u:p@h/\" has no host, or a port"},
        {section("url = \"http://h/#a\""), "2: handlers.http.url: \"http://h/#a\" has a fragment"},
        {section("signing_secret = \"secret\""), "2: handlers.http.signing_secret: is not whsec_ and base64"},
        {section("signing_secret = \"whsec_\""), "2: handlers.http.signing_secret: is not whsec_ and base64"},
        {section("signing_secrets = [\"whsec_abc\"]"), "2: handlers.http.signing_secrets: "},
        {section("signing_secret_files = [\"/nowhere\"]"),
         "2: handlers.http.signing_secret_files: cannot read \"/nowhere\""},
        {section("signing_secret_files = [\"" + wrong.path() + "\"]"),
         "2: handlers.http.signing_secret_files: one holds what is not whsec_ and base64"},
        {section("timeout_ms = 0"), "2: handlers.http.timeout_ms: 0 is out of range: 10 to 3600000 ms"},
        {section("max_connections = 0"), "2: handlers.http.max_connections: 0 is out of range: 1 to 10000"},
        {section("client_key_file = \"x\""),
         "2: handlers.http.client_key_file: handlers.http.client_certificate_file and"},
        {section("url = \"http://h\"\nca_file = \"x\""),
         "3: handlers.http.ca_file: has no effect with a URL that is not https://"},
        {section("[handlers.http.headers]\n\"ce-id\" = \"x\""),
         "3: handlers.http.headers.ce-id: is a header that each delivery sets itself"},
        {section("[handlers.http.headers]\nHost = \"x\""),
         "3: handlers.http.headers.Host: is a header that each delivery sets itself"},
        {section("[handlers.http.headers]\n\"a b\" = \"x\""),
         "3: handlers.http.headers.a b: is not the name of a header"},
        {section("[handlers.http.headers]\nX = \"a\\r\\nb\""),
         "3: handlers.http.headers.X: has control characters, which no header can have"},
    };
    for (const row& r : rows) {
        CAPTURE(r.toml);
        const auto l = load_text(r.toml);
        CHECK(l.exit_code == 2);
        CHECK_MESSAGE(l.text.starts_with(r.message), l.text);
        CHECK_MESSAGE(l.text.find("1 error in the configuration") != std::string::npos, l.text);
        CHECK(l.text.find("secret\"") == std::string::npos);
    }
}
