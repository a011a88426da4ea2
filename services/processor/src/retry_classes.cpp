#include "retry_classes.hpp"

namespace millrace::processor {

retry_policies policies_of(const settings::retry& from, milliseconds max_retry_after) {
    const auto or_common = [](std::uint64_t own, std::uint64_t common) { return own != 0 ? own : common; };
    const auto ms = [](std::uint64_t n) { return milliseconds{static_cast<std::int64_t>(n)}; };
    retry_policies all(retry_policy{from.max_attempts, ms(from.initial_backoff_ms), ms(from.max_backoff_ms),
                                    max_retry_after});
    for (const auto& [name, c] : from.classes)
        all.set(name, {c.terminal ? 1 : or_common(c.max_attempts, from.max_attempts),
                       ms(or_common(c.initial_backoff_ms, from.initial_backoff_ms)),
                       ms(or_common(c.max_backoff_ms, from.max_backoff_ms)), max_retry_after});
    return all;
}

} // namespace millrace::processor
