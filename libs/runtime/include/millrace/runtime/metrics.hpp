// Numbers for Prometheus: written by one loop, read by any thread, rendered when somebody asks.
#pragma once

#include "millrace/core/field.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace millrace::runtime {

/// A count that one thread adds to and any thread reads: no locked instruction.
class counter {
  public:
    void add(std::uint64_t n = 1) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// Durations in buckets from 100 us to 30 s. One thread records, any thread reads.
class latency_histogram {
  public:
    static constexpr std::array<std::uint64_t, 18> bounds_us = {
        100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,     50'000,
        100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 20'000'000, 30'000'000};

    void record_us(std::uint64_t us) noexcept;
    /// A time that is less than nothing, of two clocks' readings, counts as nothing.
    void record(std::chrono::steady_clock::duration d) noexcept {
        const auto us = std::chrono::duration_cast<std::chrono::microseconds>(d).count();
        record_us(us > 0 ? static_cast<std::uint64_t>(us) : 0);
    }

    /// Not cumulative; the last one is what is over the highest bound.
    std::array<std::uint64_t, bounds_us.size() + 1> buckets() const noexcept;
    std::uint64_t sum_us() const noexcept;
    std::uint64_t count() const noexcept;

    /// Adds what `other` holds; for several loops.
    void merge(const latency_histogram& other) noexcept;

    /// By linear interpolation within the bucket, in milliseconds; a negative number where nothing was
    /// recorded.
    double quantile_ms(double q) const noexcept;

  private:
    std::array<counter, bounds_us.size() + 1> buckets_;
    counter sum_us_;
};

/// Writes the Prometheus text format 0.0.4, or OpenMetrics 1.0.0. The families are written one after the
/// other: `family`, then its samples. Names follow the conventions: a base unit, `_total` for counters.
class exposition {
  public:
    enum class format { prometheus, openmetrics };
    enum class kind { counter, gauge, histogram };

    /// A family: static text, so that a page of all of them can be made of it too.
    struct metric {
        exposition::kind kind;
        std::string_view name;   ///< without `_total`
        std::string_view labels; ///< their names, separated by ", "
        std::string_view help;
    };

    explicit exposition(format f);

    /// What the Accept header of a scrape asks for: OpenMetrics where it is named and preferred to text.
    static format negotiate(std::string_view accept) noexcept;

    /// `name` without `_total`.
    void family(kind k, std::string_view name, std::string_view help);
    void family(const metric& m) { family(m.kind, m.name, m.help); }
    void sample(std::uint64_t value, std::initializer_list<field> labels = {});
    void sample(double value, std::initializer_list<field> labels = {});
    void sample(const latency_histogram& value, std::initializer_list<field> labels = {}); ///< in seconds

    std::string_view content_type() const noexcept;
    std::string finish() &&;

  private:
    void write_name(std::string_view suffix, std::span<const field> labels, std::string_view le);

    format format_;
    kind kind_ = kind::gauge;
    std::string name_;
    std::string text_;
};

using metric = exposition::metric;

/// Resident memory, CPU time, open descriptors, start time, by Prometheus' conventional names (process_*).
void write_process_metrics(exposition& to);

/// What the above writes.
std::span<const metric> process_metrics() noexcept;

} // namespace millrace::runtime
