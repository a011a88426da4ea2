#include "circuit_breaker.hpp"

#include <algorithm>
#include <array>

namespace millrace::processor {

circuit_breaker::state circuit_breaker::at(steady_time now) const noexcept {
    if (closed_)
        return state::closed;
    return probing_ || now >= probe_at_ ? state::half_open : state::open;
}

bool circuit_breaker::admits(steady_time now) const noexcept {
    return closed_ || (!probing_ && now >= probe_at_);
}

circuit_breaker::period circuit_breaker::begin() noexcept {
    probing_ = !closed_;
    return period_;
}

void circuit_breaker::succeeded(period of) noexcept {
    if (of != period_)
        return;
    failures_ = 0;
    if (closed_)
        return;
    closed_ = true;
    probing_ = false;
    pause_ = first_pause();
    ++period_;
}

void circuit_breaker::failed(period of, steady_time now) noexcept {
    if (of != period_)
        return;
    ++failures_;
    if (!closed_) {
        pause_ = std::min(pause_ * 2, rule_.max_open);
        open(now);
    } else if (rule_.failures != 0 && failures_ >= rule_.failures) {
        ++times_opened_;
        open(now);
    }
}

void circuit_breaker::open(steady_time now) noexcept {
    closed_ = false;
    probing_ = false;
    probe_at_ = now + pause_;
    ++period_;
}

milliseconds circuit_breaker::closed_for(steady_time now) const noexcept {
    if (at(now) != state::open)
        return milliseconds{0};
    return std::chrono::ceil<milliseconds>(probe_at_ - now);
}

std::string_view to_string(circuit_breaker::state s) noexcept {
    constexpr std::array<std::string_view, 3> names = {"closed", "open", "half_open"};
    return names[static_cast<std::size_t>(s)];
}

} // namespace millrace::processor
