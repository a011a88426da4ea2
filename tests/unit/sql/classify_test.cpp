// What an error says about the rows that met it.
#include "classify.hpp"

#include <doctest/doctest.h>
#include <sqlite3.h>

#include <string_view>
#include <utility>
#include <vector>

using namespace millrace::sql;
using enum verdict;

TEST_CASE("errors of PostgreSQL") {
    const std::vector<std::pair<std::string_view, verdict>> rows = {
        {"22021", refused}, // a text with U+0000
        {"22P05", refused}, // the same in jsonb
        {"22001", refused}, // longer than a column that somebody changed
        {"23514", refused}, // a CHECK that somebody added
        {"44000", refused}, //
        {"54000", refused}, // larger than an index entry can be
        {"P0001", refused}, // a trigger's RAISE
        {"08006", later},   // the connection
        {"25006", later},   // a standby
        {"28P01", later},   // the password was changed
        {"3D000", later},   // no such database
        {"40001", later},   // serialization
        {"40P01", later},   // deadlock
        {"42P01", later},   // no such table
        {"42501", later},   // no right
        {"53100", later},   // disk full
        {"53300", later},   // too many connections
        {"55P03", later},   // locked
        {"57014", later},   // the statement timeout
        {"57P01", later},   // shut down
        {"57P03", later},   // starting
        {"58030", later},   // the server's disk
        {"XX000", suspect}, // a bug: of the server, or met by one row
        {"0A000", suspect}, //
        {"", suspect},
    };
    for (const auto& [code, wanted] : rows) {
        CAPTURE(code);
        CHECK(of_sqlstate(code) == wanted);
    }
    CHECK(class_of_sqlstate("22021") == "sqlstate_22");
    CHECK(class_of_sqlstate("P0001") == "sqlstate_P0");
}

TEST_CASE("errors of SQLite, plain and extended") {
    struct row {
        int code;
        verdict wanted;
        std::string_view name;
    };
    const std::vector<row> rows = {
        {SQLITE_CONSTRAINT_CHECK, refused, "sqlite_constraint"},
        {SQLITE_CONSTRAINT_TRIGGER, refused, "sqlite_constraint"},
        {SQLITE_TOOBIG, refused, "sqlite_toobig"},
        {SQLITE_MISMATCH, refused, "sqlite_mismatch"},
        {SQLITE_BUSY, later, "sqlite_busy"},
        {SQLITE_BUSY_SNAPSHOT, later, "sqlite_busy"},
        {SQLITE_LOCKED, later, "sqlite_locked"},
        {SQLITE_FULL, later, "sqlite_full"},
        {SQLITE_IOERR_WRITE, later, "sqlite_io"},
        {SQLITE_READONLY_DBMOVED, later, "sqlite_readonly"},
        {SQLITE_CANTOPEN, later, "sqlite_cantopen"},
        {SQLITE_CORRUPT, later, "sqlite_corrupt"},
        {SQLITE_NOMEM, later, "sqlite_error"},
        {SQLITE_ERROR, suspect, "sqlite_error"},
    };
    for (const row& r : rows) {
        CAPTURE(r.code);
        CHECK(of_sqlite_code(r.code) == r.wanted);
        CHECK(class_of_sqlite_code(r.code) == r.name);
    }
}
