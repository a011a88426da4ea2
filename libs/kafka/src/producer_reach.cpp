// The rules of the header, one event at a time.
#include "producer_reach.hpp"

#include <utility>

namespace millrace::kafka {

reach::phase reach::phase_of(std::string_view state) noexcept {
    if (state == "UP" || state == "UPDATE" || state == "REAUTH")
        return phase::up;
    if (state == "INIT" || state == "DOWN")
        return phase::idle;
    return phase::trying; // TRY_CONNECT, CONNECT, SSL_HANDSHAKE, APIVERSION_QUERY, AUTH_…
}

void reach::on_change(const connection_change& change) {
    phase& known = connections_.try_emplace(change.broker, phase::idle).first->second;
    const phase before = std::exchange(known, phase_of(change.state));
    up_ += static_cast<int>(known == phase::up) - static_cast<int>(before == phase::up);
    if (up_ > 0) {
        failed_ = all_down_ = false;
        since_.reset();
        verdict_ = verdict::reachable;
        return;
    }
    if (known == phase::trying && !since_)
        since_ = change.at;
    if (before == phase::trying && change.state == "DOWN")
        failed_ = true;
    judge();
}

void reach::on_all_down() noexcept {
    if (up_ > 0) // it was reported before the connection that is there now
        return;
    all_down_ = true;
    judge();
}

void reach::on_tick(steady_time now) noexcept {
    if (since_ && now - *since_ >= patience)
        verdict_ = verdict::away;
}

void reach::judge() noexcept {
    if (all_down_ && failed_)
        verdict_ = verdict::away;
}

} // namespace millrace::kafka
