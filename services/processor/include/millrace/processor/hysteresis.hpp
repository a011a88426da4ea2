// A switch that goes on at one mark and off at a lower one, so that it does not flutter. No I/O.
#pragma once

#include <cstddef>

namespace millrace::processor {

class hysteresis {
  public:
    /// On from `high` upwards, off again from half of it downwards.
    explicit constexpr hysteresis(std::size_t high) noexcept : high_(high < 1 ? 1 : high) {}

    constexpr bool on() const noexcept { return on_; }
    constexpr void set_high(std::size_t high) noexcept { high_ = high < 1 ? 1 : high; }

    /// Whether it turned.
    constexpr bool update(std::size_t level) noexcept {
        const bool was = on_;
        if (level >= high_)
            on_ = true;
        else if (level <= high_ / 2)
            on_ = false;
        return was != on_;
    }

  private:
    std::size_t high_;
    bool on_ = false;
};

} // namespace millrace::processor
