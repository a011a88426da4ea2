// The spool's database: events that wait, and for a while where those that left it lie in Kafka. SQLite,
// write-ahead log, synchronised at every commit. docs/spool.md
#pragma once

#include "spooled_event.hpp"
#include "sqlite.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

struct receipt_limits {
    std::uint64_t max_receipts = 100'000;
    milliseconds kept{86'400'000};
};

/// What is to be written in one transaction.
struct spool_batch {
    std::vector<std::span<spooled_event>> added; ///< get their `seq`
    std::span<const settled_event> settled;
};

/// One thread at a time; every function blocks. After the constructor they throw sqlite_error.
class spool_store {
  public:
    /// Opens the file, or makes it. Throws std::runtime_error that says what to do: the file is another
    /// process's, is damaged, is no spool, or cannot be made.
    spool_store(const std::string& path, receipt_limits limits);
    ~spool_store();

    /// All of it is on the disk when it returns, or nothing of it is in the spool.
    void write(const spool_batch& what, unix_ms now);

    /// Writes a little that changes nothing: whether the disk takes it.
    void probe();

    /// At most so many events of a topic that come after `after`; ends early once they have so many bytes.
    std::vector<spooled_event> read(std::string_view topic, std::uint64_t after, std::size_t most_events,
                                    std::size_t most_bytes);

    /// Every event that waits, in order.
    void each(const std::function<void(const spooled_event&)>& visit);

    /// The newest event of that id, and of that source where there is one: first among those stored.
    std::optional<spool_receipt> find(std::string_view id, std::optional<std::string_view> source,
                                      unix_ms now);

    /// When the first of those that wait was received; nothing where none does.
    std::optional<unix_ms> oldest();

    /// Receipts that have had their time go, some at a call.
    void forget_receipts(unix_ms now);

    std::uint64_t receipts() const noexcept { return receipts_; }

  private:
    void add(spooled_event& e);
    void settle(const settled_event& e, unix_ms now);
    void forget_excess();

    receipt_limits limits_;
    sqlite_database db_;
    struct statements;
    std::unique_ptr<statements> sql_;
    std::uint64_t next_seq_ = 1;
    std::uint64_t receipts_ = 0;
};

} // namespace millrace::ingress
