// The idempotency window of an instance: the first answer to a request or event, for as long as it may be
// sent again. Contract section 2.2, docs/adr/0007.
#pragma once

#include "idempotency_table.hpp"

#include <cstdint>
#include <deque>
#include <mutex>

namespace millrace::ingress {

struct idempotency_limits {
    std::chrono::seconds window{600};
    std::uint64_t max_entries = 100'000;
    std::uint64_t max_bytes = 67'108'864;
};

/// Shared by all loops; every function may be called from any of them, and never blocks for longer than a
/// table look-up takes. With one loop there are no locks.
class idempotency_window {
  public:
    using verdict = idempotency_table::verdict;

    /// An entry that a request holds until it knows what became of its event.
    struct hold {
        std::uint32_t shard = 0;
        std::uint32_t entry = idempotency_table::none;

        explicit operator bool() const noexcept { return entry != idempotency_table::none; }
    };

    struct found {
        verdict is = verdict::untracked;
        hold held;                ///< of verdict::first
        kafka::delivery delivery; ///< of verdict::stored
    };

    /// Off where one of the limits leaves no room.
    idempotency_window(const idempotency_limits& limits, std::uint64_t loops);

    bool on() const noexcept { return !shards_.empty(); }
    const hash_secret& secret() const noexcept { return secret_; }

    /// As idempotency_table's.
    found claim(const identity& of, steady_time now, twin* waiting);
    twin* settle(hold held, const kafka::delivery& outcome);

    std::uint64_t size() const noexcept;
    std::uint64_t capacity() const noexcept { return capacity_; }
    std::uint64_t bytes() const noexcept { return capacity_ * idempotency_table::bytes_per_entry; }
    std::uint64_t
    evicted_early() const noexcept; ///< before the window's end: max_entries is too low for the load

  private:
    struct alignas(64) shard {
        shard(std::uint32_t entries, steady_clock::duration window) : table(entries, window) {}

        std::unique_lock<std::mutex> lock(bool needed) {
            return needed ? std::unique_lock(mutex) : std::unique_lock<std::mutex>();
        }

        std::mutex mutex;
        idempotency_table table;
    };

    hash_secret secret_;
    bool shared_;
    std::uint64_t capacity_ = 0;
    std::deque<shard> shards_; ///< fixed after construction
};

} // namespace millrace::ingress
