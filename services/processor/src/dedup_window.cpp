#include "millrace/processor/dedup_window.hpp"

#include <algorithm>

namespace millrace::processor {
namespace {

constexpr std::size_t first_size = 256;
constexpr std::size_t buckets_per_entry = 2; // each look at the ring is likely to miss the caches

} // namespace

bool dedup_window::seen_before(const hash128& name, unix_ms timestamp) {
    if (limits_.window.count() == 0 || limits_.max_entries == 0)
        return false;
    const std::int64_t oldest = timestamp.value - limits_.window.count();
    while (count_ > 0 && ring_.back(count_).timestamp_ms < oldest)
        --count_;
    const auto high = static_cast<std::uint32_t>(name.high);
    if (ring_.find(name.low, count_, [&](const entry& e) { return e.low == name.low && e.high == high; }))
        return true;
    if (count_ == limits_.max_entries)
        --count_;
    if (count_ == ring_.capacity())
        grow();
    ring_.push(name.low, {name.low, timestamp.value, high, 0});
    ++count_;
    return false;
}

void dedup_window::grow() {
    recent_ring<entry> larger(std::max(first_size, ring_.capacity() * 2), buckets_per_entry);
    for (std::size_t age = count_; age > 0; --age)
        larger.push(ring_.back(age).low, ring_.back(age));
    ring_ = std::move(larger);
}

} // namespace millrace::processor
