// When to try an event again, and when to stop trying: exponential backoff with full jitter. No I/O.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <optional>

namespace millrace::processor {

struct retry_policy {
    std::uint64_t max_attempts = 5; ///< the first one counts; at least 1
    milliseconds initial_backoff{200};
    milliseconds max_backoff{30'000};
    milliseconds max_retry_after{60'000}; ///< what a handler may ask for at most

    /// The longest pause after that many attempts: initial * 2^(attempts - 1), capped.
    milliseconds ceiling(std::uint64_t attempts) const noexcept;

    /// How long to wait after `attempts` failed ones: evenly spread between nothing and the ceiling, so that
    /// events that failed together do not come back together, but no sooner than `after` (Retry-After).
    /// Nothing: no more attempts. `random` is any 64 random bits.
    std::optional<milliseconds> pause(std::uint64_t attempts, std::optional<milliseconds> after,
                                      std::uint64_t random) const noexcept;
};

} // namespace millrace::processor
