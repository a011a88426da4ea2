// Both clocks from one reading: wall time is steady time plus an offset that is renewed now and then.
#pragma once

#include "millrace/core/clock.hpp"

namespace millrace::processor {

struct moment {
    steady_time steady;
    unix_ms wall;
};

class loop_clock {
  public:
    loop_clock() { renew(); }

    /// To be called about once a second, so that a clock that is set takes effect.
    void renew() noexcept { offset_ = system_now().value - in_ms(steady_clock::now()); }

    moment now() const noexcept {
        const steady_time t = steady_clock::now();
        return {t, unix_ms{in_ms(t) + offset_}};
    }

  private:
    static std::int64_t in_ms(steady_time t) noexcept {
        return std::chrono::duration_cast<milliseconds>(t.time_since_epoch()).count();
    }

    std::int64_t offset_ = 0;
};

} // namespace millrace::processor
