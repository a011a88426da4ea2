// What a request or event was answered before: a flat table that is bounded by entries and time, and
// allocates once. No I/O, no clock, no threads. docs/adr/0007
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/keyed_hash.hpp"
#include "millrace/kafka/publisher.hpp"

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace millrace::ingress {

/// By what a retry is known.
struct identity {
    hash128 name{}; ///< of who posts what id where: equal for a retry
    std::uint64_t content =
        0; ///< of what a retry has to repeat; differs where the id was used for another event
};

/// An event that waits for what becomes of the same event of another request; told once. Owned by that
/// request.
struct twin : kafka::delivery_listener {
    boost::asio::io_context* loop = nullptr; ///< where it is to be told
    twin* next = nullptr;

  protected:
    ~twin() = default;
};

class idempotency_table {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    enum class verdict : std::uint8_t {
        first,     ///< not seen within the window: the caller holds the entry and settles it
        untracked, ///< not seen, and no room to remember it: every entry is under way
        stored,    ///< seen, and stored: its delivery is the answer
        under_way, ///< seen, its outcome is not known yet: the twin will be told
        reused,    ///< seen with other content
    };

    struct found {
        verdict is = verdict::untracked;
        std::uint32_t entry = none; ///< of verdict::first
        kafka::delivery delivery;   ///< of verdict::stored
    };

    /// At most 2^30 entries of `bytes_per_entry`, allocated here.
    idempotency_table(std::uint32_t entries, steady_clock::duration window);
    ~idempotency_table();
    idempotency_table(const idempotency_table&) = delete;
    idempotency_table& operator=(const idempotency_table&) = delete;

    /// `waiting`, where given, is told by whoever settles the entry, on verdict::under_way.
    found claim(const identity& of, steady_time now, twin* waiting);

    /// What became of an entry that `claim` said is the first: a stored one is kept until the window's end,
    /// or the room is needed; any other is forgotten, so that a retry publishes again. Returns the list of
    /// those who waited, for the caller to tell.
    twin* settle(std::uint32_t entry, const kafka::delivery& outcome);

    /// Any thread.
    std::uint32_t size() const noexcept { return size_.load(std::memory_order_relaxed); }
    std::uint64_t evicted_early() const noexcept { return evicted_early_.load(std::memory_order_relaxed); }

    static const std::size_t bytes_per_entry;

  private:
    struct entry;
    struct bucket {
        std::uint32_t tag;
        std::uint32_t entry;
    };

    std::uint32_t home(std::uint32_t tag) const noexcept;
    std::uint32_t next_bucket(std::uint32_t b) const noexcept { return b + 1 == buckets_ ? 0 : b + 1; }
    std::uint32_t find(const hash128& name) const noexcept;
    void index(std::uint32_t entry) noexcept;
    void unindex(std::uint32_t entry) noexcept;
    bool expired(const entry& e, steady_time now) const noexcept;
    std::uint32_t allocate(steady_time now) noexcept;
    std::uint32_t pop_oldest() noexcept;
    void release(std::uint32_t entry) noexcept;
    void release_expired(steady_time now) noexcept;
    void count(std::int32_t change) noexcept;

    std::uint32_t capacity_;
    std::uint32_t buckets_;
    std::int64_t window_;
    std::unique_ptr<entry[]> entries_;
    std::unique_ptr<bucket[]> index_;

    std::uint32_t touched_ = 0;   ///< entries beyond were never used: their memory is not resident yet
    std::uint32_t free_ = none;   ///< list
    std::uint32_t oldest_ = none; ///< list of the stored, in the order in which they were
    std::uint32_t newest_ = none;
    std::atomic<std::uint32_t> size_{0};
    std::atomic<std::uint64_t> evicted_early_{0};
};

} // namespace millrace::ingress
