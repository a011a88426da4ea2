// Whether the brokers can be reached, judged from the states of a client's connections. Pure rules: no clock,
// no librdkafka.
#pragma once

#include "millrace/core/clock.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::kafka {

/// A change as librdkafka's interceptor tells it, with the state's name ("CONNECT", "UP", "DOWN", …).
struct connection_change {
    std::string broker; ///< host:port
    std::string state;
    steady_time at;
};

/// Brokers close idle connections, and librdkafka opens a connection only when it needs one, so having none
/// is no outage. It is one when, in addition, an attempt to connect failed and librdkafka has no other broker
/// to try, or attempts have led to nothing for `patience`.
class reach {
  public:
    static constexpr milliseconds patience{1'000};

    enum class verdict {
        unknown,   ///< there was no connection yet
        reachable, ///< there is a connection, or it can be presumed that one can be made
        away,
    };

    void on_change(const connection_change& change);

    /// librdkafka's ALL_BROKERS_DOWN: each broker it knows has lost its connection or refused it.
    void on_all_down() noexcept;

    void on_tick(steady_time now) noexcept;

    verdict current() const noexcept { return verdict_; }

  private:
    enum class phase : std::uint8_t { idle, trying, up };

    static phase phase_of(std::string_view state) noexcept;
    void judge() noexcept;

    std::map<std::string, phase, std::less<>> connections_;
    int up_ = 0;
    bool failed_ = false;              ///< an attempt, since the last connection
    bool all_down_ = false;            ///< reported since the last connection
    std::optional<steady_time> since_; ///< when the first attempt without a connection began
    verdict verdict_ = verdict::unknown;
};

} // namespace millrace::kafka
