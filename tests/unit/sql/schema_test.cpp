// The statements that make the tables: whole, and of the right names.
#include "schema.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace millrace::sql;

TEST_CASE("versions are kept beside the table that they are of") {
    CHECK(version_table("millrace_events") == "millrace_schema");
    CHECK(version_table("app.events") == "app.millrace_schema");
    CHECK(select_version("app.events") ==
          "SELECT version FROM app.millrace_schema WHERE table_name = 'events'");
    CHECK(set_version("events", 3) ==
          "INSERT INTO millrace_schema (table_name, version) VALUES ('events', 3) "
          "ON CONFLICT (table_name) DO UPDATE SET version = 3");
}

TEST_CASE("every step names the table and nothing else is left to fill in") {
    for (const dialect d : {dialect::sqlite, dialect::postgres}) {
        REQUIRE(known_version(d) >= 1);
        for (int v = 1; v <= known_version(d); ++v) {
            const std::string sql = migration(d, v, "app.events");
            CHECK(sql.find("app.events") != std::string::npos);
            CHECK(sql.find('{') == std::string::npos);
        }
        const std::string first = migration(d, 1, "events");
        CHECK(first.find("PRIMARY KEY (" + std::string(identity_columns) + ")") != std::string::npos);
    }
}

TEST_CASE("a table from the future says what to do") {
    const std::string text = newer_version_problem("events", 7, 1);
    CHECK(text.find("version 7") != std::string::npos);
    CHECK(text.find("a later one") != std::string::npos);
}
