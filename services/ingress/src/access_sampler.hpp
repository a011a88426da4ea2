// Which requests get a line in the access log: all while there are few of them, a sample of many, and those
// that failed for as long as that is bearable. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <optional>

namespace millrace::ingress {

/// A second begins with every request; after each `lines_per_second` lines only half as many of the requests
/// that follow get one. So R requests in a second make about L + L * log2(R / L) lines, spread over it. One
/// that failed and is not of the sample gets a line nevertheless, up to L more of them in a second.
class access_sampler {
  public:
    /// 0: no lines at all.
    explicit access_sampler(std::uint64_t lines_per_second) noexcept : most_(lines_per_second) {}

    bool on() const noexcept { return most_ > 0; }

    /// Whether this request gets a line; if so, how many got none since the last one that did.
    std::optional<std::uint64_t> take(steady_time now, bool failed) noexcept {
        if (now - second_ >= std::chrono::seconds(1) || step_ == 0)
            begin(now);
        if (!in_sample() && !(failed && failures_++ < most_)) {
            ++left_out_;
            return std::nullopt;
        }
        const std::uint64_t said = left_out_;
        left_out_ = 0;
        return said;
    }

  private:
    void begin(steady_time now) noexcept {
        second_ = now;
        step_ = 1;
        passed_ = lines_ = failures_ = 0;
    }

    bool in_sample() noexcept {
        if (++passed_ < step_)
            return false;
        passed_ = 0;
        if (++lines_ == most_) {
            lines_ = 0;
            step_ *= 2;
        }
        return true;
    }

    std::uint64_t most_;
    steady_time second_{};
    std::uint64_t step_ = 0;     ///< one of so many is in the sample; 0: before the first
    std::uint64_t passed_ = 0;   ///< since the last one that was in the sample
    std::uint64_t lines_ = 0;    ///< of the sample, at this step
    std::uint64_t failures_ = 0; ///< of this second that the sample had no line for
    std::uint64_t left_out_ = 0;
};

} // namespace millrace::ingress
