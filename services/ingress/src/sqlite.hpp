// SQLite as owners of its objects: a connection and its statements. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace millrace::ingress {

/// What SQLite says when it cannot do it.
class sqlite_error : public std::runtime_error {
  public:
    /// `code` is SQLite's extended one.
    sqlite_error(int code, const std::string& text) : std::runtime_error(text), code_(code) {}

    bool is_busy() const noexcept;     ///< another process has the file
    bool is_damage() const noexcept;   ///< the file is no database, or a broken one
    bool is_in_doubt() const noexcept; ///< all was written, and nobody knows whether it will stay

  private:
    int code_;
};

class sqlite_database {
  public:
    /// Makes the file, readable by its owner alone, where it is missing. All functions throw sqlite_error.
    explicit sqlite_database(const std::string& path);

    void run(const char* sql);         ///< statements whose rows are of no interest
    std::string text(const char* sql); ///< the first column of the first row, or empty
    bool in_transaction() const noexcept;

    sqlite3* native() const noexcept { return db_.get(); }

  private:
    struct closer {
        void operator()(sqlite3* db) const noexcept;
    };
    std::unique_ptr<sqlite3, closer> db_;
};

/// A prepared statement: bind from 1 on, step, read columns from 0 on. The texts that are bound have to live
/// until the statement is reset; those that are read, until the next step.
class sqlite_statement {
  public:
    sqlite_statement(sqlite_database& db, const char* sql);

    sqlite_statement& bind(int place, std::string_view text);
    sqlite_statement& bind(int place, std::int64_t number);
    sqlite_statement& bind_blob(int place, std::string_view octets);
    sqlite_statement& bind_null(int place);

    bool step(); ///< true: there is a row
    void run();  ///< to its end, then reset
    void reset() noexcept;

    std::int64_t number(int column) const noexcept;
    std::string_view octets(int column) const noexcept;
    bool is_null(int column) const noexcept;

  private:
    struct finalizer {
        void operator()(sqlite3_stmt* s) const noexcept;
    };
    std::unique_ptr<sqlite3_stmt, finalizer> statement_;
    sqlite3* db_;
};

} // namespace millrace::ingress
