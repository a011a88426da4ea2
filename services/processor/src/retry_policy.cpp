#include "millrace/processor/retry_policy.hpp"

#include <algorithm>

namespace millrace::processor {

milliseconds retry_policy::ceiling(std::uint64_t attempts) const noexcept {
    milliseconds pause = std::min(initial_backoff, max_backoff);
    for (std::uint64_t n = 1; n < attempts && pause < max_backoff && pause.count() > 0; ++n)
        pause = std::min(pause * 2, max_backoff);
    return pause;
}

std::optional<milliseconds> retry_policy::pause(std::uint64_t attempts, std::optional<milliseconds> after,
                                                std::uint64_t random) const noexcept {
    if (attempts >= max_attempts)
        return std::nullopt;
    const auto span = static_cast<std::uint64_t>(ceiling(attempts).count()) + 1;
    const milliseconds jittered{static_cast<std::int64_t>(random % span)};
    return std::max(jittered, std::min(after.value_or(milliseconds{0}), max_retry_after));
}

} // namespace millrace::processor
