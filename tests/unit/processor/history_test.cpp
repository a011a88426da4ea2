// Rates over windows, percentiles of the last minute, and silence where nothing is known.
#include "millrace/processor/history.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::processor;

namespace {

reading second(int n, std::uint64_t processed) {
    reading r;
    r.at = steady_time{} + std::chrono::seconds{n};
    r.received = processed * 2;
    r.processed = processed;
    return r;
}

} // namespace

TEST_CASE("nothing is known before the second reading") {
    history h;
    CHECK_FALSE(h.processed_per_second(10));
    CHECK_FALSE(h.end_to_end().p50_ms);
    h.add(second(0, 0));
    CHECK_FALSE(h.processed_per_second(10));
    h.add(second(1, 100));
    CHECK(*h.processed_per_second(10) == doctest::Approx(100));
    CHECK(*h.received_per_second(10) == doctest::Approx(200));
    CHECK_FALSE(h.end_to_end().p50_ms);
}

TEST_CASE("each window sees its own seconds") {
    history h;
    std::uint64_t total = 0;
    for (int n = 0; n <= 200; ++n) {
        total += n > 190 ? 1000 : 10; // a burst of ten seconds
        h.add(second(n, total));
    }
    CHECK(*h.processed_per_second(10) == doctest::Approx(1000));
    CHECK(*h.processed_per_second(60) == doctest::Approx((10 * 1000 + 50 * 10) / 60.0));
}

TEST_CASE("percentiles forget what is older than a minute") {
    history h;
    reading r;
    for (int n = 0; n <= 100; ++n) {
        r.at = steady_time{} + std::chrono::seconds{n};
        if (n == 5)
            r.handler[18] += 1'000'000; // terrible, long ago
        r.handler[0] += 10;             // below 100 us ever since
        h.add(r);
    }
    CHECK(*h.handler().p99_ms <= 0.1);
}

TEST_CASE("quantiles interpolate within the bucket") {
    latency_buckets b{};
    CHECK_FALSE(quantile_ms(b, 0.5));
    b[0] = 100; // 0 to 0.1 ms
    CHECK(*quantile_ms(b, 0.5) == doctest::Approx(0.05));
    b[1] = 100; // 0.1 to 0.25 ms
    CHECK(*quantile_ms(b, 0.5) == doctest::Approx(0.1));
    CHECK(*quantile_ms(b, 0.75) == doctest::Approx(0.175));
    latency_buckets beyond{};
    beyond[18] = 1;
    CHECK(*quantile_ms(beyond, 0.5) == doctest::Approx(30'000));
}
