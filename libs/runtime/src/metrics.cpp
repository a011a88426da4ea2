// What is counted: histograms and the numbers of the process itself.
#include "millrace/runtime/metrics.hpp"

#include <algorithm>
#include <numeric>

namespace millrace::runtime {

void latency_histogram::record_us(std::uint64_t us) noexcept {
    // A bound belongs to its bucket: `le` is "less or equal". From the lowest one on, since most times are
    // short.
    const auto bound = std::ranges::find_if(bounds_us, [us](std::uint64_t b) { return us <= b; });
    buckets_[static_cast<std::size_t>(bound - bounds_us.begin())].add();
    sum_us_.add(us);
}

std::array<std::uint64_t, latency_histogram::bounds_us.size() + 1>
latency_histogram::buckets() const noexcept {
    std::array<std::uint64_t, bounds_us.size() + 1> out{};
    std::transform(buckets_.begin(), buckets_.end(), out.begin(), [](const counter& c) { return c.value(); });
    return out;
}

std::uint64_t latency_histogram::sum_us() const noexcept {
    return sum_us_.value();
}

std::uint64_t latency_histogram::count() const noexcept {
    const auto counts = buckets();
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void latency_histogram::merge(const latency_histogram& other) noexcept {
    const auto counts = other.buckets();
    for (std::size_t i = 0; i < counts.size(); ++i)
        buckets_[i].add(counts[i]);
    sum_us_.add(other.sum_us());
}

double latency_histogram::quantile_ms(double q) const noexcept {
    const auto counts = buckets();
    const auto total = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    if (total == 0)
        return -1.0;
    const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(total);
    double below = 0.0;
    for (std::size_t i = 0; i < bounds_us.size(); ++i) {
        const auto inside = static_cast<double>(counts[i]);
        if (inside > 0.0 && below + inside >= rank) {
            const double low = i == 0 ? 0.0 : static_cast<double>(bounds_us[i - 1]);
            const double high = static_cast<double>(bounds_us[i]);
            return (low + (high - low) * (rank - below) / inside) / 1000.0;
        }
        below += inside;
    }
    return static_cast<double>(bounds_us.back()) / 1000.0; // over the highest bound: that is all we know
}

} // namespace millrace::runtime
