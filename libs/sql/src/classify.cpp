#include "classify.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <utility>

namespace millrace::sql {
namespace {

using namespace std::string_view_literals;

constexpr std::array never = {
    "22"sv, // data exception: what text or a number cannot be
    "23"sv, // a constraint that somebody added to the table
    "44"sv, // WITH CHECK OPTION
    "54"sv, // program limit exceeded: too large
    "P0"sv, // a trigger's RAISE
};

constexpr std::array not_the_rows = {
    "08"sv,         // connection exception
    "25"sv,         // read-only transaction: the server is a standby now
    "28"sv,         // authorization
    "3D"sv, "3F"sv, // no such database, no such schema
    "40"sv,         // serialization failure, deadlock
    "42"sv,         // no such table, no right to it
    "53"sv,         // disk full, out of memory, too many connections
    "55"sv,         // locked
    "57"sv,         // shut down, cancelled, cannot connect now
    "58"sv,         // the server's own I/O
};

bool has(const auto& list, std::string_view code) noexcept {
    return std::ranges::find(list, code.substr(0, 2)) != list.end();
}

} // namespace

verdict of_sqlstate(std::string_view code) noexcept {
    if (has(never, code))
        return verdict::refused;
    return has(not_the_rows, code) ? verdict::later : verdict::suspect;
}

std::string class_of_sqlstate(std::string_view code) {
    return "sqlstate_" + std::string(code.substr(0, 2));
}

verdict of_sqlite_code(int code) noexcept {
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
        return verdict::refused;
    case SQLITE_ERROR: // a trigger's own, for one
        return verdict::suspect;
    default:
        return verdict::later;
    }
}

std::string class_of_sqlite_code(int code) {
    constexpr std::array<std::pair<int, std::string_view>, 12> names = {{{SQLITE_BUSY, "busy"},
                                                                         {SQLITE_LOCKED, "locked"},
                                                                         {SQLITE_FULL, "full"},
                                                                         {SQLITE_IOERR, "io"},
                                                                         {SQLITE_READONLY, "readonly"},
                                                                         {SQLITE_CANTOPEN, "cantopen"},
                                                                         {SQLITE_CORRUPT, "corrupt"},
                                                                         {SQLITE_NOTADB, "notadb"},
                                                                         {SQLITE_INTERRUPT, "interrupted"},
                                                                         {SQLITE_CONSTRAINT, "constraint"},
                                                                         {SQLITE_TOOBIG, "toobig"},
                                                                         {SQLITE_MISMATCH, "mismatch"}}};
    const auto found = std::ranges::find(names, code & 0xff, &std::pair<int, std::string_view>::first);
    return "sqlite_" + std::string(found == names.end() ? "error"sv : found->second);
}

} // namespace millrace::sql
