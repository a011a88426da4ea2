// Who may post, and webhooks: what the file may say, and the rules between keys.
#include "environment.hpp"

#include <doctest/doctest.h>

using namespace millrace::settings;
using namespace millrace::settings::test;

namespace {

const std::string digest(64, 'a');

struct wrong_file {
    std::string toml;
    std::string error; ///< a part of the message, without the line where that is of no interest
};

} // namespace

TEST_CASE("keys, tokens, TLS and hooks are read") {
    const temporary_file secret("from a file\r\n");
    const auto l = load_text("[auth.keys.checkout]\nsha256 = \"" + digest +
                             "\"\ntopics = [\"events\"]\nrate_per_second = 5\n"
                             "[auth.jwt]\njwks_file = \"keys.json\"\nissuer = \"https://id.example\"\n"
                             "[tls]\ncertificate_file = \"c\"\nkey_file = \"k\"\nclient_ca_file = \"ca\"\n"
                             "[hooks.own]\nscheme = \"hmac\"\nsecrets = [\"a\"]\nsecret_files = [\"" +
                             secret.path() +
                             "\"]\nsignature_header = \"X-Signature\"\nid_from = \"header X-Id\"\n"
                             "[topics.events]\nschema_file = \"schema.json\"\n");
    REQUIRE_MESSAGE(l.settings, l.text);
    const api_key& key = l.settings->auth.keys.at("checkout");
    CHECK(key.sha256 == digest);
    CHECK(key.topics == words{"events"});
    CHECK(key.rate_per_second == 5);
    CHECK(l.settings->auth.jwt.issuer == "https://id.example");
    CHECK(l.settings->tls.client_ca_file == "ca");
    CHECK(l.settings->topics.at("events").schema_file == "schema.json");
    const hook& own = l.settings->hooks.at("own");
    CHECK(own.secrets == words{"a", "from a file"});
    CHECK(own.topic == "events");
    CHECK(own.tolerance_seconds == 300);
}

TEST_CASE("secrets are masked when printed") {
    const auto l = load_text("[auth.keys.checkout]\nsha256 = \"" + digest +
                                 "\"\n[hooks.gh]\nscheme = \"github\"\nsecrets = [\"hush\", \"hush2\"]\n",
                             {}, {"--print-config"});
    CHECK(l.exit_code == 0);
    CHECK(l.text.find(digest) == std::string::npos);
    CHECK(l.text.find("hush") == std::string::npos);
    CHECK(l.text.find("secrets = [\"********\", \"********\"]") != std::string::npos);
}

TEST_CASE("a hook without anything to verify with, a key without a digest: refused, never taken as open") {
    const std::string hook = "[hooks.h]\nscheme = \"hmac\"\nsecrets = [\"s\"]\nsignature_header = \"X-S\"\n";
    const wrong_file table[] = {
        {"[auth.keys.k]\n", "auth.keys.k.sha256: is missing"},
        {"[auth.keys.k]\nsha256 = \"\"\n", "auth.keys.k.sha256: is not 64 hexadecimal digits"},
        {"[auth.keys.k]\nsha256 = \"" + std::string(63, 'a') + "\"\n", "is not 64 hexadecimal digits"},
        {"[auth.keys.k]\nsha256 = \"" + digest + "\"\ntopics = [\"event\"]\n",
         "\"event\" is not one of [topics]; did you mean \"events\"?"},
        {"[auth.keys.\"a b\"]\nsha256 = \"" + digest + "\"\n", "is not a name"},
        {"[auth.jwt]\nissuer = \"x\"\n", "auth.jwt.issuer: has no effect without auth.jwt.jwks_file"},
        {"[auth.jwt]\naudience = \"x\"\n", "auth.jwt.audience: has no effect without auth.jwt.jwks_file"},
        {"[tls]\nkey_file = \"k\"\n", "tls.certificate_file and tls.key_file are needed together"},
        {"[tls]\ncertificate_file = \"c\"\n", "tls.certificate_file and tls.key_file are needed together"},
        {"[tls]\nclient_ca_file = \"c\"\n", "tls.client_ca_file: has no effect without"},
        {"[hooks.h]\nsecrets = [\"s\"]\n", "hooks.h.scheme: is missing"},
        {"[hooks.h]\nscheme = \"githup\"\nsecrets = [\"s\"]\n", "did you mean \"github\"?"},
        {"[hooks.h]\nscheme = \"github\"\n", "hooks.h.secrets: is missing"},
        {"[hooks.h]\nscheme = \"github\"\nsecrets = [\"\"]\n",
         "hooks.h.secrets: element 1 must not be empty"},
        {"[hooks.h]\nscheme = \"github\"\nsecrets = [\"s\", \"s\"]\n", "has element 2 twice"},
        {"[hooks.h]\nscheme = \"github\"\nsecret_files = [\"/nowhere\"]\n", "cannot read \"/nowhere\""},
        {"[hooks.h]\nscheme = \"github\"\nsecret_files = [\"/dev/null\"]\n", "\"/dev/null\" is empty"},
        {"[hooks.h]\nscheme = \"stripe\"\nsecrets = [\"s\"]\npublic_keys = [\"whpk_x\"]\n",
         "only the scheme standard has public keys"},
        {"[hooks.h]\nscheme = \"github\"\nsecrets = [\"s\"]\ntopic = \"x\"\n",
         "\"x\" is not one of [topics]"},
        {hook, "hooks.h.id_from: is missing"},
        {hook + "id_from = \"X-Id\"\n", "is not `header NAME` or `body /json/pointer`"},
        {hook + "id_from = \"header X Id\"\n", "is not `header NAME` or `body /json/pointer`"},
        {hook + "id_from = \"body id\"\n", "is not `header NAME` or `body /json/pointer`"},
        {hook + "id_from = \"body /a~2b\"\n", "is not `header NAME` or `body /json/pointer`"},
        {"[hooks.h]\nscheme = \"hmac\"\nsecrets = [\"s\"]\nid_from = \"header I\"\n",
         "hooks.h.signature_header: is missing"},
        {"[http]\ntrusted_proxies = [\"10.0.0.0/33\"]\n", "has no prefix length from 0 to 32"},
        {"[http]\ntrusted_proxies = [\"proxy\"]\n", "is not an address such as"},
        {"[cors]\nallowed_origins = [\"https://shop.example/\"]\n", "is not * or an origin"},
        {"[cors]\nallowed_origins = [\"shop.example\"]\n", "is not * or an origin"},
    };
    for (const wrong_file& row : table) {
        CAPTURE(row.toml);
        const auto l = load_text(row.toml);
        CHECK(l.exit_code == 2);
        CHECK_MESSAGE(l.text.find(row.error) != std::string::npos, l.text);
    }
}

TEST_CASE("an admin token that no header can carry is refused at the start, not each time it is shown") {
    const temporary_file spaced("two words\n");
    const auto processor = [](const std::string& line) { return "[processor]\n" + line + "\n"; };
    for (const std::string& wrong :
         {processor("admin_token = \"two words\""), processor("admin_token = \"tab\\t\""),
          processor("admin_token = \"Schlüssel\""),
          processor("admin_token = \"" + std::string(8'193, 'a') + "\""),
          processor("admin_token_file = \"" + spaced.path() + "\"")}) {
        CAPTURE(wrong);
        const auto l = load_text(wrong);
        CHECK(l.exit_code == 2);
        CHECK_MESSAGE(l.text.find("is not what Authorization: Bearer can carry") != std::string::npos,
                      l.text);
        CHECK(l.text.find("two words") == std::string::npos);
    }
    const auto right = load_text(processor("admin_token = \"!" + std::string(8'190, 'a') + "~\""));
    CHECK_MESSAGE(right.settings, right.text);
}

TEST_CASE("networks and origins that are right") {
    const auto l =
        load_text("[http]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\", \"fd00::/8\"]\n"
                  "[cors]\nallowed_origins = [\"*\", \"https://shop.example:8443\"]\n"
                  "[hooks.h]\nscheme = \"github\"\nsecrets = [\"s\"]\nkey_from = \"body /a~1b/0\"\n");
    CHECK_MESSAGE(l.settings, l.text);
}

TEST_CASE("a key may come from the environment, its digest from a file") {
    const temporary_file file(digest + "\n");
    const auto l = load_words({}, {"MILLRACE_AUTH_KEYS_CHECKOUT_SHA256_FILE=" + file.path()});
    REQUIRE_MESSAGE(l.settings, l.text);
    CHECK(l.settings->auth.keys.at("checkout").sha256 == digest);
}
