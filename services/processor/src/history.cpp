#include "millrace/processor/history.hpp"

#include <algorithm>
#include <numeric>

namespace millrace::processor {

void history::add(const reading& now) noexcept {
    readings_[count_ % kept] = now;
    ++count_;
}

// The reading of that many seconds ago, or the oldest one.
const reading* history::before(std::size_t seconds) const noexcept {
    if (count_ < 2)
        return nullptr;
    const std::size_t back = std::min({seconds, count_ - 1, kept - 1});
    return &readings_[(count_ - 1 - back) % kept];
}

std::optional<double> history::rate(std::uint64_t reading::* total, std::size_t seconds) const noexcept {
    const reading* const then = before(seconds);
    if (then == nullptr)
        return std::nullopt;
    const reading& now = readings_[(count_ - 1) % kept];
    const std::chrono::duration<double> span = now.at - then->at;
    if (span.count() <= 0)
        return std::nullopt;
    return static_cast<double>(now.*total - then->*total) / span.count();
}

std::optional<double> history::received_per_second(std::size_t seconds) const noexcept {
    return rate(&reading::received, seconds);
}

std::optional<double> history::processed_per_second(std::size_t seconds) const noexcept {
    return rate(&reading::processed, seconds);
}

percentiles history::spread(latency_buckets reading::* buckets) const noexcept {
    const reading* const then = before(kept - 1);
    if (then == nullptr)
        return {};
    const reading& now = readings_[(count_ - 1) % kept];
    latency_buckets recent{};
    for (std::size_t i = 0; i < recent.size(); ++i)
        recent[i] = (now.*buckets)[i] - (then->*buckets)[i];
    return {quantile_ms(recent, 0.5), quantile_ms(recent, 0.9), quantile_ms(recent, 0.99)};
}

percentiles history::end_to_end() const noexcept {
    return spread(&reading::end_to_end);
}

percentiles history::handler() const noexcept {
    return spread(&reading::handler);
}

std::optional<double> quantile_ms(const latency_buckets& buckets, double q) noexcept {
    constexpr auto& bounds = runtime::latency_histogram::bounds_us;
    const std::uint64_t total = std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0});
    if (total == 0)
        return std::nullopt;
    const double rank = q * static_cast<double>(total);
    double seen = 0;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
        const auto in_bucket = static_cast<double>(buckets[i]);
        if (in_bucket > 0 && seen + in_bucket >= rank) {
            const double low = i == 0 ? 0 : static_cast<double>(bounds[i - 1]);
            const double share = (rank - seen) / in_bucket;
            return (low + share * (static_cast<double>(bounds[i]) - low)) / 1000.0;
        }
        seen += in_bucket;
    }
    return static_cast<double>(bounds.back()) / 1000.0; // beyond the last bound there is no telling
}

} // namespace millrace::processor
