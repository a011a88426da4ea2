#include "idempotency_window.hpp"

#include <algorithm>

namespace millrace::ingress {
namespace {

// Enough that two of some tens of loops seldom want the same one at once.
constexpr std::uint64_t most_shards = 64;

// A shard forgets its own oldest: with few entries in each, that would be far from the oldest of all.
constexpr std::uint64_t least_entries_per_shard = 1'024;

constexpr std::uint64_t most_entries = 1ULL << 30;

std::uint64_t shard_count(std::uint64_t entries, std::uint64_t loops) {
    if (loops <= 1)
        return 1;
    return std::clamp<std::uint64_t>(entries / least_entries_per_shard, 1, most_shards);
}

} // namespace

idempotency_window::idempotency_window(const idempotency_limits& limits, std::uint64_t loops)
    : secret_(hash_secret::random()), shared_(loops > 1) {
    if (limits.window <= std::chrono::seconds(0))
        return;
    const std::uint64_t room =
        std::min({limits.max_entries, limits.max_bytes / idempotency_table::bytes_per_entry, most_entries});
    const std::uint64_t count = shard_count(room, loops);
    const std::uint64_t each = room / count;
    if (each == 0)
        return;
    for (std::uint64_t i = 0; i < count; ++i)
        shards_.emplace_back(static_cast<std::uint32_t>(each), limits.window);
    capacity_ = each * count;
}

idempotency_window::found idempotency_window::claim(const identity& of, steady_time now, twin* waiting) {
    const auto number = static_cast<std::uint32_t>(of.name.high % shards_.size());
    shard& s = shards_[number];
    const auto lock = s.lock(shared_);
    const idempotency_table::found f = s.table.claim(of, now, waiting);
    return {f.is, {number, f.entry}, f.delivery};
}

twin* idempotency_window::settle(hold held, const kafka::delivery& outcome) {
    shard& s = shards_[held.shard];
    const auto lock = s.lock(shared_);
    return s.table.settle(held.entry, outcome);
}

std::uint64_t idempotency_window::size() const noexcept {
    std::uint64_t sum = 0;
    for (const shard& s : shards_)
        sum += s.table.size();
    return sum;
}

std::uint64_t idempotency_window::evicted_early() const noexcept {
    std::uint64_t sum = 0;
    for (const shard& s : shards_)
        sum += s.table.evicted_early();
    return sum;
}

} // namespace millrace::ingress
