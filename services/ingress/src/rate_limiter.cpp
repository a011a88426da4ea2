#include "rate_limiter.hpp"

#include <algorithm>
#include <cstring>

namespace millrace::ingress {
namespace {

constexpr std::int64_t second_ns = 1'000'000'000;
constexpr std::size_t default_sets = 16'384;

std::int64_t nanoseconds_of(steady_time t) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

std::uint64_t word_of(const ip_address& a, std::size_t at) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, a.bytes.data() + at, sizeof word);
    return word;
}

} // namespace

unsigned retry_after_s(wait_time wait) noexcept {
    return static_cast<unsigned>(
        std::max<std::int64_t>(1, std::chrono::ceil<std::chrono::seconds>(wait).count()));
}

wait_time rate_bucket::take(rate allowed, steady_time now) noexcept {
    if (allowed.per_second == 0)
        return wait_time::zero();
    const std::int64_t cost = second_ns / static_cast<std::int64_t>(allowed.per_second);
    const std::int64_t latest = nanoseconds_of(now) + cost * static_cast<std::int64_t>(allowed.per_second);
    std::int64_t before = empty_at_.load(std::memory_order_relaxed);
    while (true) { // another loop's request may come between; each turn somebody gets on
        const std::int64_t after = std::max(before, nanoseconds_of(now)) + cost;
        if (after > latest)
            return wait_time(after - latest);
        if (empty_at_.compare_exchange_weak(before, after, std::memory_order_relaxed))
            return wait_time::zero();
    }
}

rate_table::rate_table() : rate_table(default_sets, hash_secret::random()) {}

rate_table::rate_table(std::size_t sets, const hash_secret& secret)
    : sets_(sets), secret_(secret), table_(std::make_unique<set[]>(sets)) {}

wait_time rate_table::take(const ip_address& client, rate allowed, steady_time now) noexcept {
    if (allowed.per_second == 0)
        return wait_time::zero();
    const hash128 hash =
        keyed_hash(secret_).word(word_of(client, 0)).word(client.is_v4() ? word_of(client, 8) : 0).finish();
    const std::uint64_t tag = hash.low | 1U; // never that of an unused one
    auto& all = table_[hash.high & (sets_ - 1)].all;
    way* least = &all.front();
    for (way& w : all) {
        if (w.tag.load(std::memory_order_relaxed) == tag)
            return w.bucket.take(allowed, now);
        if (w.bucket.empty_at() < least->bucket.empty_at())
            least = &w;
    }
    // Two loops may take over the same bucket, or one for two addresses: both count on a bucket all the same.
    least->tag.store(tag, std::memory_order_relaxed);
    return least->bucket.take(allowed, now);
}

} // namespace millrace::ingress
