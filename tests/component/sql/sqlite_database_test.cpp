// The table in a file: made, versioned, written to once an event, whatever goes wrong.
#include "fixture.hpp"
#include "schema.hpp"
#include "sqlite_database.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <thread>

using namespace millrace;
using namespace millrace::sql;
using namespace millrace::test;
using namespace std::chrono_literals;
using namespace std::string_literals;

namespace {

sqlite_options at(const std::string& path) {
    return {path, "millrace_events", 10s};
}

std::int64_t number(sqlite_database& db, const std::string& sql) {
    sqlite_statement s(db.handle(), sql);
    REQUIRE(s.step());
    return s.number(0);
}

std::string text(sqlite_database& db, const std::string& sql) {
    sqlite_statement s(db.handle(), sql);
    REQUIRE(s.step());
    return s.text(0);
}

std::int64_t count(sqlite_database& db) {
    return number(db, "SELECT count(*) FROM millrace_events");
}

std::string problem_of(const sqlite_options& options) {
    try {
        const sqlite_database db(options, {});
        return "";
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

} // namespace

TEST_CASE("every column holds what the event had, octet by octet") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    row r = event_row("a", 42);
    r.subject = "s\xc3\xbc"s;
    r.time = "2026-01-01T00:00:00.123456789+01:00";
    r.key = "\0k"s;
    r.content_type = "application/json";
    r.extensions = R"({"region": "eu"})";
    r.data = "{\"n\": 1.0, \"\0\": 2}"s;
    const row* rows[] = {&r};
    const outcome o = db.write(rows);
    CHECK(o.what == verdict::stored);
    CHECK(o.added == 1);
    CHECK(text(db, "SELECT topic || ' ' || partition || ' ' || record_offset FROM millrace_events") ==
          "orders 1 42");
    CHECK(text(db, "SELECT recorded_at FROM millrace_events") == to_rfc3339({1'764'000'000'123}));
    CHECK(text(db, "SELECT source || ' ' || id || ' ' || type FROM millrace_events") ==
          "/shop a order.created");
    CHECK(text(db, "SELECT subject FROM millrace_events") == *r.subject);
    CHECK(text(db, "SELECT time FROM millrace_events") == *r.time);
    CHECK(text(db, "SELECT partition_key FROM millrace_events") == *r.key);
    CHECK(text(db, "SELECT content_type FROM millrace_events") == *r.content_type);
    CHECK(text(db, "SELECT json_extract(extensions, '$.region') FROM millrace_events") == "eu");
    CHECK(text(db, "SELECT data FROM millrace_events") == r.data);
    CHECK(text(db, "SELECT stored_at FROM millrace_events").size() == 24);
    CHECK(text(db, "PRAGMA journal_mode") == "wal");
    CHECK(number(db, "PRAGMA synchronous") == 2);
}

TEST_CASE("absent and empty are told apart") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    std::vector<row> rows = {event_row("none"), event_row("empty")};
    rows[0].data = "";
    rows[1].key = "";
    rows[1].subject = "";
    REQUIRE(db.write(pointers(rows)).what == verdict::stored);
    CHECK(number(db, "SELECT count(*) FROM millrace_events WHERE id = 'none' AND partition_key IS NULL AND "
                     "subject IS NULL AND time IS NULL AND content_type IS NULL AND length(data) = 0") == 1);
    CHECK(number(db, "SELECT count(*) FROM millrace_events WHERE id = 'empty' AND length(partition_key) = 0 "
                     "AND subject = ''") == 1);
}

TEST_CASE("what is written again changes nothing") {
    const temporary_folder folder;
    std::vector<row> rows = {event_row("a", 1), event_row("b", 2)};
    {
        sqlite_database db(at(folder.file()), {});
        CHECK(db.write(pointers(rows)).added == 2);
    }
    sqlite_database db(at(folder.file()), {}); // after a crash: the offset was not committed
    rows.push_back(event_row("c", 3));
    rows.push_back(event_row("c", 4)); // of a client that tried again
    rows[0].data = "other";
    CHECK(db.write(pointers(rows)).added == 1);
    CHECK(count(db) == 3);
    CHECK(text(db, "SELECT data FROM millrace_events WHERE id = 'a'") == "{}");
    CHECK(number(db, "SELECT record_offset FROM millrace_events WHERE id = 'c'") == 3);
}

TEST_CASE("a new record at the place of an old one is another event") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    std::vector<row> rows = {event_row("orders/1/0"), event_row("orders/1/0"), event_row("orders/1/0")};
    for (row& r : rows)
        r.cloud_event = false;
    rows[1].timestamp.value += 1;
    CHECK(db.write(pointers(rows)).added == 2);
    CHECK(count(db) == 2);
}

TEST_CASE("a row that is refused is named, and nothing of its batch is there") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    execute(db.handle(), "CREATE TRIGGER no_b BEFORE INSERT ON millrace_events WHEN new.id = 'b' "
                         "BEGIN SELECT raise(ABORT, 'no b'); END");
    const std::vector<row> rows = {event_row("a"), event_row("b"), event_row("c")};
    const outcome o = db.write(pointers(rows));
    CHECK(o.what == verdict::refused);
    CHECK(o.error_class == "sqlite_constraint");
    CHECK(o.message == "no b");
    CHECK(o.culprit == 1);
    CHECK(count(db) == 0);
    CHECK(db.write(pointers({event_row("a"), event_row("c")})).added == 2);
}

TEST_CASE("a table that is gone or changed is no row's fault; a row that a trigger fails on is suspected") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    const std::vector<row> rows = {event_row("a"), event_row("b")};
    REQUIRE(db.write(pointers({event_row("first")})).what == verdict::stored);
    SUBCASE("gone") {
        execute(db.handle(), "DROP TABLE millrace_events");
    }
    SUBCASE("changed") {
        execute(db.handle(), "ALTER TABLE millrace_events RENAME COLUMN type TO kind");
    }
    SUBCASE("there, but a trigger fails") {
        execute(db.handle(), "CREATE TRIGGER no_b BEFORE INSERT ON millrace_events WHEN new.id = 'b' "
                             "BEGIN SELECT json('no JSON'); END");
        const outcome o = db.write(pointers(rows));
        CHECK(o.what == verdict::suspect);
        CHECK(o.culprit == 1);
        CHECK(db.usable());
        return;
    }
    const outcome o = db.write(pointers(rows));
    CHECK(o.what == verdict::later);
    CHECK(o.error_class == "sqlite_error");
    CHECK_FALSE(o.culprit);
    CHECK_FALSE(db.usable()); // it is opened anew
}

TEST_CASE("a full disk is nobody's fault, and goes on when there is room again") {
    const temporary_folder folder;
    sqlite_database db(at(folder.file()), {});
    execute(db.handle(), "PRAGMA max_page_count = " + std::to_string(number(db, "PRAGMA page_count") + 2));
    row large = event_row("large");
    large.data = std::string(100'000, 'x');
    const row* rows[] = {&large};
    const outcome o = db.write(rows);
    CHECK(o.what == verdict::later);
    CHECK(o.error_class == "sqlite_full");
    CHECK_FALSE(o.culprit);
    CHECK(db.usable());
    CHECK(count(db) == 0);
    execute(db.handle(), "PRAGMA max_page_count = 100000");
    CHECK(db.write(rows).added == 1);
}

TEST_CASE("who holds the file is waited for, and then it is tried later") {
    const temporary_folder folder;
    sqlite_database other(at(folder.file()), {});
    execute(other.handle(), "BEGIN IMMEDIATE");
    const row r = event_row("a");
    const row* rows[] = {&r};
    SUBCASE("until the timeout") {
        sqlite_options impatient = at(folder.file());
        impatient.busy_timeout = 20ms;
        sqlite_database db(impatient, {});
        const outcome o = db.write(rows);
        CHECK(o.what == verdict::later);
        CHECK(o.error_class == "sqlite_busy");
        execute(other.handle(), "COMMIT");
        CHECK(db.write(rows).added == 1);
    }
    SUBCASE("until there is no time left at all") {
        sqlite_options patient = at(folder.file());
        patient.busy_timeout = 1h;
        std::stop_source stop;
        sqlite_database db(patient, stop.get_token());
        std::jthread ends([&] { stop.request_stop(); });
        CHECK(db.write(rows).what == verdict::later);
    }
    SUBCASE("in vain not, where it lets go in time") {
        sqlite_database db(at(folder.file()), {});
        std::jthread ends([&] { execute(other.handle(), "COMMIT"); });
        CHECK(db.write(rows).added == 1);
    }
}

TEST_CASE("versions: made, found, and refused where a later release made it") {
    const temporary_folder folder;
    const int known = known_version(dialect::sqlite);
    {
        sqlite_database db(at(folder.file()), {});
        CHECK(number(db, select_version("millrace_events")) == known);
        sqlite_options second = at(folder.file());
        second.table = "more_events";
        sqlite_database more(second, {});
        CHECK(number(db, select_version("more_events")) == known);
        execute(db.handle(), set_version("millrace_events", known + 1));
    }
    const std::string text = problem_of(at(folder.file()));
    CHECK_MESSAGE(text.find("version " + std::to_string(known + 1)) != std::string::npos, text);
    CHECK(text.find("run the release that made it") != std::string::npos);
}

TEST_CASE("several that start at once make one table") {
    const temporary_folder folder;
    std::vector<std::jthread> starting;
    std::vector<std::string> problems(4);
    for (std::string& p : problems)
        starting.emplace_back([&] { p = problem_of(at(folder.file())); });
    starting.clear();
    CHECK(problems == std::vector<std::string>(4));
}

TEST_CASE("a path that cannot be used says why, and what to do") {
    const temporary_folder folder;
    std::ofstream(folder.file("text")) << std::string(5'000, 'x');
    struct row {
        std::string path;
        std::string wanted;
    };
    std::vector<row> rows = {{folder.file("no/such/folder.db"), "its folder has to be there"},
                             {folder.file(""), "its folder has to be there"},
                             {folder.file("text"), "give another path"},
                             {":memory:", "on a disk of this machine"}};
    if (::geteuid() != 0) { // whom nothing is read-only for
        std::ofstream(folder.file("locked.db")).close();
        std::filesystem::permissions(folder.file("locked.db"), std::filesystem::perms::owner_read);
        rows.push_back({folder.file("locked.db"), "allowed to write to the file"});
    }
    for (const row& r : rows) {
        const std::string text = problem_of(at(r.path));
        CAPTURE(text);
        CHECK(text.starts_with("handlers.sqlite.path: \"" + r.path + "\" cannot be used: "));
        CHECK(text.find(r.wanted) != std::string::npos);
    }
}
