// How much one client may send: GCRA, the leaky bucket as one number (ITU-T I.371). Lock-free, so that all
// loops share the buckets; no clock, no I/O.
#pragma once

#include "client_address.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/core/keyed_hash.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace millrace::ingress {

/// `per_second` requests a second, and as many at once after a second of silence. 0: no limit.
struct rate {
    std::uint64_t per_second = 0;
};

/// How long to wait until a request will be taken; zero: it is taken now, and counted.
using wait_time = std::chrono::nanoseconds;

/// Retry-After: whole seconds, at least 1.
unsigned retry_after_s(wait_time wait) noexcept;

/// What one client has used. Any thread.
class rate_bucket {
  public:
    wait_time take(rate allowed, steady_time now) noexcept;

    /// When all that was taken will have been forgotten, in the clock's nanoseconds.
    std::int64_t empty_at() const noexcept { return empty_at_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::int64_t> empty_at_{std::numeric_limits<std::int64_t>::min()};
};

/// A bucket for each address, in a table of fixed size. Of IPv6 the first 64 bits count: who has one address
/// has them all. Where more clients are active than there is room for, a new one takes over the bucket of the
/// one that used least, with what was used of it (Metwally's Space-Saving): all together never get more than
/// the table's buckets allow, however many addresses they have. Any thread.
class rate_table {
  public:
    /// 2^16 buckets, 1 MiB.
    rate_table();
    rate_table(std::size_t sets, const hash_secret& secret); ///< `sets` is a power of two

    wait_time take(const ip_address& client, rate allowed, steady_time now) noexcept;

    static constexpr std::size_t ways = 4;

  private:
    struct way {
        std::atomic<std::uint64_t> tag{0}; ///< hash of whose it is; 0: never used
        rate_bucket bucket;
    };
    struct alignas(64) set {
        std::array<way, ways> all;
    };

    std::size_t sets_;
    hash_secret secret_; ///< so that nobody can choose addresses that share a set with another's
    std::unique_ptr<set[]> table_;
};

} // namespace millrace::ingress
