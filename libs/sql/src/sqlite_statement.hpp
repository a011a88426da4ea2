// A prepared statement of SQLite with an owner, and errors as exceptions; blocking. Not part of the
// interface.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace millrace::sql {

/// An error of SQLite; `code` is the extended one.
class sqlite_error : public std::runtime_error {
  public:
    sqlite_error(int of, const std::string& message) : std::runtime_error(message), code(of) {}

    int code;
};

struct sqlite_close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
};
using sqlite_handle = std::unique_ptr<sqlite3, sqlite_close>;

/// Runs statements, separated by semicolons, that return nothing of interest.
void execute(sqlite3& db, const std::string& sql);

/// Used again and again: bind all, `step`, `reset`. What is bound stays where it is until `reset`.
class sqlite_statement {
  public:
    sqlite_statement(sqlite3& db, const std::string& sql);

    // Parameters are counted from 1.
    void bind(int at, std::int64_t number);
    void bind_text(int at, std::optional<std::string_view> text);
    void bind_blob(int at, std::optional<std::string_view> octets);

    bool step();                           ///< whether there is a row
    std::int64_t number(int column) const; ///< of the row; from 0
    std::string text(int column) const;
    void reset() noexcept;

  private:
    struct finalize {
        void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
    };

    void check(int result) const;

    sqlite3* db_;
    std::unique_ptr<sqlite3_stmt, finalize> statement_;
};

} // namespace millrace::sql
