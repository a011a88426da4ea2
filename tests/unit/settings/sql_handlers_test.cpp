// The settings of the handlers that write to a database: the URL is a secret, and needed where it is used.
#include "environment.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

using namespace millrace::settings;
using namespace millrace::settings::test;

namespace {

constexpr std::string_view url = "postgresql://user:s3cret@db:5432/events?sslmode=verify-full";

std::string toml(std::string_view more) {
    return "[processor]\nhandler = \"postgres\"\n[handlers.postgres]\n" + std::string(more) + "\n";
}

} // namespace

TEST_CASE("the URL comes as it is, or from a file, and is never printed") {
    const temporary_file file(std::string(url) + "\n");
    const std::vector<std::pair<std::string, words>> ways = {
        {toml("url = \"" + std::string(url) + "\""), {}},
        {toml("url_file = \"" + file.path() + "\""), {}},
        {toml(""), {"MILLRACE_HANDLERS_POSTGRES_URL=" + std::string(url)}},
        {toml("url_file = \"\""), {"MILLRACE_HANDLERS_POSTGRES_URL_FILE=" + file.path()}},
    };
    for (const auto& [text, variables] : ways) {
        CAPTURE(text);
        const loaded l = load_text(text, variables, {}, service::processor);
        REQUIRE_MESSAGE(l.settings, l.text);
        CHECK(l.settings->handlers.postgres.url == url);
        const loaded printed = load_text(text, variables, {"--print-config"}, service::processor);
        CHECK(printed.text.find("s3cret") == std::string::npos);
        CHECK(printed.text.find("[handlers.postgres]\nurl") != std::string::npos);
    }
}

TEST_CASE("one mistake, one message, and no secret in it") {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {toml(""), "handlers.postgres.url: is missing"},
        {toml("url = \"mysql://user:s3cret@db/events\""),
         "4: handlers.postgres.url: is not a URL like postgresql://"},
        {toml("url = \"host=db password=s3cret\""),
         "4: handlers.postgres.url: is not a URL like postgresql://"},
        {"[handlers.postgres]\ntable = \"a; drop\"",
         "2: handlers.postgres.table: \"a; drop\" is not a name of a table"},
        {"[handlers.postgres]\ntable = \"a.b.c\"", "2: handlers.postgres.table: \"a.b.c\" is not a name"},
        {"[handlers.sqlite]\ntable = \"a.b\"", "2: handlers.sqlite.table: \"a.b\" has a dot"},
        {"[handlers.sqlite]\npath = \"\"", "2: handlers.sqlite.path: "},
    };
    for (const auto& [text, wanted] : rows) {
        CAPTURE(text);
        const loaded l = load_text(text);
        CAPTURE(l.text);
        CHECK_FALSE(l.settings);
        CHECK(l.text.find(wanted) != std::string::npos);
        CHECK(l.text.find("s3cret") == std::string::npos);
    }
    CHECK(load_text("[handlers.postgres]\ntable = \"app.events_2\"").settings);
}
