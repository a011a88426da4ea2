// A table of events in a database: batches go in, each in one transaction, and an outcome comes back.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/sql/row.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace boost::asio {
class io_context;
}

namespace millrace::sql {

/// What became of a batch. Only `stored` says that anything is in the table; after `later` it may be, and to
/// write the same rows again changes nothing.
enum class verdict : std::uint8_t {
    stored,  ///< committed
    later,   ///< the database is away, busy or full: nothing is wrong with the rows
    refused, ///< a row has a value that the database never takes
    suspect, ///< it failed for no reason that is known to be one or the other: look at the rows one by one
};

struct outcome {
    verdict what = verdict::stored;
    std::size_t added = 0;              ///< rows that were not there before
    std::string error_class;            ///< short and stable: "sqlstate_22", "sqlite_busy"
    std::string message;                ///< for people; without secrets
    std::optional<std::size_t> culprit; ///< the row that failed, where it is known
};

struct store_state {
    std::string_view name; ///< "connected", "connecting", "disconnected"
    std::size_t connections = 0;
    std::string last_error; ///< why it is not connected; empty while it is
};

/// Lives on one loop; every call is made there, and every callback comes there. Nothing is called back after
/// its destruction.
class store {
  public:
    using written = std::function<void(const outcome&)>;

    virtual ~store() = default;

    /// Batches that it takes now.
    virtual std::size_t free() const = 0;

    /// All rows in one transaction; those that are there already stay as they are. The rows stay where they
    /// are until `done` is called, never from within, or the store is destroyed. Only while `free() > 0`.
    virtual void write(std::vector<const row*> rows, written done) = 0;

    virtual store_state state() const = 0;
};

struct sqlite_options {
    std::string path;
    std::string table = "millrace_events";
    milliseconds busy_timeout{5'000}; ///< how long another writer is waited for at a time
};

/// Opens the file, makes what is missing, and writes on a thread of its own. `on_free` is called when
/// `free()` may have grown. Throws std::runtime_error, which says what to do, where the file cannot be used.
/// Blocks the caller meanwhile, at most `busy_timeout`. Its destruction waits for a write of the disk that is
/// under way.
std::unique_ptr<store> open_sqlite(boost::asio::io_context& loop, sqlite_options options,
                                   std::function<void()> on_free);

struct postgres_options {
    std::string url; ///< postgresql://…, as libpq reads it
    std::string table = "millrace_events";
    std::size_t connections = 1;
    milliseconds connect_timeout{10'000};
    milliseconds statement_timeout{30'000};
    /// How long to wait after so many failures in a row to connect, from 1.
    std::function<milliseconds(std::uint64_t failures)> backoff;
};

/// Connects, and connects again whenever that is lost, for ever; makes what is missing in the database. Never
/// blocks. `on_free` as above. Throws std::runtime_error where the URL is none; the message does not repeat
/// it.
std::unique_ptr<store> open_postgres(boost::asio::io_context& loop, postgres_options options,
                                     std::function<void()> on_free);

} // namespace millrace::sql
