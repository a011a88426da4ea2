// Whether a target that fails should be left alone for a while. No I/O; the time is the caller's.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <string_view>

namespace millrace::processor {

/// Closed: all attempts go. After `failures` in a row it opens, and none goes; after `open` one may, the
/// probe (half open). It closes when the probe succeeds, and opens for twice as long, up to `max_open`, when
/// it fails. Attempts that began before it opened say nothing any more.
class circuit_breaker {
  public:
    struct rule {
        std::uint64_t failures; ///< 0: it never opens
        milliseconds open;
        milliseconds max_open;
    };
    enum class state : std::uint8_t { closed, open, half_open };

    /// Which period an attempt belongs to.
    using period = std::uint64_t;

    explicit circuit_breaker(const rule& r) : rule_(r), pause_(first_pause()) {}

    state at(steady_time now) const noexcept;

    /// Whether an attempt may begin.
    bool admits(steady_time now) const noexcept;

    /// One begins, which was admitted.
    period begin() noexcept;
    void succeeded(period of) noexcept;
    void failed(period of, steady_time now) noexcept;

    /// How long nothing is admitted, at least; 0 unless it is open.
    milliseconds closed_for(steady_time now) const noexcept;

    std::uint64_t failures_in_a_row() const noexcept { return failures_; }
    std::uint64_t times_opened() const noexcept { return times_opened_; }

  private:
    milliseconds first_pause() const noexcept {
        return rule_.open < rule_.max_open ? rule_.open : rule_.max_open;
    }
    void open(steady_time now) noexcept;

    rule rule_;
    bool closed_ = true;
    bool probing_ = false;
    steady_time probe_at_;
    milliseconds pause_; ///< of this opening
    period period_ = 0;
    std::uint64_t failures_ = 0;
    std::uint64_t times_opened_ = 0;
};

std::string_view to_string(circuit_breaker::state s) noexcept;

} // namespace millrace::processor
