// What happened in the last minute: rates and latency percentiles from one reading a second. No I/O, no
// clock.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/runtime/metrics.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace millrace::processor {

using latency_buckets = std::array<std::uint64_t, runtime::latency_histogram::bounds_us.size() + 1>;

/// The running totals at one moment.
struct reading {
    steady_time at;
    std::uint64_t received = 0;
    std::uint64_t processed = 0;
    latency_buckets end_to_end{};
    latency_buckets handler{};
};

struct percentiles {
    std::optional<double> p50_ms, p90_ms, p99_ms;
};

class history {
  public:
    void add(const reading& now) noexcept;

    /// Per second over the last `seconds`, or as much of them as there is; none before the second reading.
    std::optional<double> received_per_second(std::size_t seconds) const noexcept;
    std::optional<double> processed_per_second(std::size_t seconds) const noexcept;

    /// Of the last minute; none where nothing happened in it.
    percentiles end_to_end() const noexcept;
    percentiles handler() const noexcept;

  private:
    static constexpr std::size_t kept = 61; // a minute lies between the first and the last

    const reading* before(std::size_t seconds) const noexcept;
    std::optional<double> rate(std::uint64_t reading::* total, std::size_t seconds) const noexcept;
    percentiles spread(latency_buckets reading::* buckets) const noexcept;

    std::array<reading, kept> readings_{};
    std::size_t count_ = 0; // all that were ever added
};

/// By linear interpolation within the bucket; none where the buckets are empty.
std::optional<double> quantile_ms(const latency_buckets& buckets, double q) noexcept;

} // namespace millrace::processor
