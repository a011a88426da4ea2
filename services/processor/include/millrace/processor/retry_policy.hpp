// When to try an event again, and when to stop trying: exponential backoff with full jitter. No I/O.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

/// A policy for each error class that has one of its own, and one for all others.
class retry_policies {
  public:
    explicit retry_policies(const retry_policy& others) : others_(others) {}

    void set(std::string error_class, const retry_policy& p) { by_class_[std::move(error_class)] = p; }

    /// For an event whose last error was of that class.
    const retry_policy& of(std::string_view error_class) const noexcept {
        const auto own = by_class_.find(error_class);
        return own == by_class_.end() ? others_ : own->second;
    }

  private:
    retry_policy others_;
    std::map<std::string, retry_policy, std::less<>> by_class_;
};

} // namespace millrace::processor
