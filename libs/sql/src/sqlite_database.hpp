// A table of events in an SQLite file, blocking. Not part of the interface.
#pragma once

#include "millrace/sql/store.hpp"
#include "sqlite_statement.hpp"

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace millrace::sql {

/// Lives on one thread at a time. The file is in WAL mode with synchronous = FULL: what is committed outlives
/// the machine's power.
class sqlite_database {
  public:
    /// Opens the file and brings the table to the version that is known. Throws std::runtime_error, which
    /// says what to do. Once `stop` is requested no other writer is waited for any more.
    sqlite_database(const sqlite_options& options, std::stop_token stop);
    ~sqlite_database();
    sqlite_database(const sqlite_database&) = delete;
    sqlite_database& operator=(const sqlite_database&) = delete;

    /// All rows in one transaction. After `later`, `usable` tells whether it is worth to go on with this one.
    outcome write(std::span<const row* const> rows);

    bool usable() const noexcept { return usable_; }

    sqlite3& handle() noexcept { return *db_; }

  private:
    struct busy_wait; // how long another writer is waited for

    void open(const sqlite_options& options);
    void migrate(const std::string& table);
    std::optional<int> version(const std::string& table);
    void bind(const row& r);
    bool fits_the_table() const noexcept;
    outcome failure(const sqlite_error& e, std::optional<std::size_t> culprit);

    std::unique_ptr<busy_wait> busy_;
    sqlite_handle db_;
    std::string insert_sql_;
    std::optional<sqlite_statement> insert_; ///< after db_: finalized before it is closed
    bool usable_ = true;
};

} // namespace millrace::sql
