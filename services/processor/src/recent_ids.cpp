#include "millrace/processor/recent_ids.hpp"

#include <bit>

namespace millrace::processor {

// The first number is as far from the buckets' zeros as the ring is long: they lead nowhere. The ring's size
// is a power of two, so that numbers may wrap.
recent_ids::recent_ids(std::size_t max_entries, const hash_secret& secret)
    : secret_(secret),
      ring_(max_entries == 0 ? 0 : std::bit_ceil(max_entries)),
      buckets_(ring_.size()),
      next_(static_cast<std::uint32_t>(ring_.size()) + 1) {}

void recent_ids::add(std::string_view id, std::string_view source, const place& at) noexcept {
    if (ring_.empty())
        return;
    const std::uint64_t hash = hash_of(id);
    std::uint32_t& newest = buckets_[bucket_of(hash)];
    ring_[next_ % ring_.size()] = {at, tag_of(hash), source_tag_of(source), newest};
    newest = next_++;
}

} // namespace millrace::processor
