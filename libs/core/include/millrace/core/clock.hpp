// Time as plain numbers, so that rules can be tested without waiting. No function here blocks.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace millrace {

using steady_clock = std::chrono::steady_clock;
using steady_time = steady_clock::time_point;
using std::chrono::milliseconds;

/// Milliseconds since the Unix epoch, UTC; the unit of Kafka's record timestamps.
struct unix_ms {
    std::int64_t value = 0;

    auto operator<=>(const unix_ms&) const = default;
};

unix_ms system_now() noexcept;

/// RFC 3339 in UTC with milliseconds: `2026-11-23T10:00:00.000Z`.
std::string to_rfc3339(unix_ms t);
void append_rfc3339(std::string& to, unix_ms t);

} // namespace millrace
