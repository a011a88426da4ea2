#include "millrace/processor/dedup_window.hpp"

#include <algorithm>
#include <bit>

namespace millrace::processor {
namespace {

constexpr std::size_t first_size = 256;

} // namespace

bool dedup_window::seen_before(std::string_view source, std::string_view id, unix_ms timestamp) {
    if (limits_.window.count() == 0 || limits_.max_entries == 0)
        return false;
    const std::int64_t oldest = timestamp.value - limits_.window.count();
    while (count_ > 0 && ring_[first_].timestamp_ms < oldest)
        forget_oldest();
    const hash128 name = keyed_hash(limits_.secret).text(source).text(id).finish();
    if (!index_.empty() && index_[slot_of(name)] != empty)
        return true;
    if (count_ == limits_.max_entries)
        forget_oldest();
    if (count_ == ring_.size())
        grow();
    const std::size_t place = (first_ + count_) % ring_.size();
    ring_[place] = {name, timestamp.value};
    index_[slot_of(name)] = pointer_to(place);
    ++count_;
    return false;
}

std::uint32_t dedup_window::pointer_to(std::size_t place) const noexcept {
    return static_cast<std::uint32_t>(place) | (tag_of(ring_[place].name) & ~place_mask_);
}

// The ring is only looked at where the tag says that it is worth it: each look is likely to miss the caches.
std::size_t dedup_window::slot_of(const hash128& name) const noexcept {
    const std::uint32_t tag = tag_of(name);
    std::size_t slot = home_of(name);
    for (; index_[slot] != empty; slot = after(slot))
        if (((index_[slot] ^ tag) & ~place_mask_) == 0 && ring_[place_at(slot)].name == name)
            break;
    return slot;
}

// What was put further along because the slot was taken moves up, so that a search may end at a gap.
void dedup_window::forget_oldest() noexcept {
    std::size_t gap = slot_of(ring_[first_].name);
    for (std::size_t slot = after(gap); index_[slot] != empty; slot = after(slot)) {
        const std::size_t home = home_of(ring_[place_at(slot)].name);
        const std::size_t mask = index_.size() - 1;
        if (((slot - home) & mask) >= ((slot - gap) & mask)) {
            index_[gap] = index_[slot];
            gap = slot;
        }
    }
    index_[gap] = empty;
    first_ = (first_ + 1) % ring_.size();
    --count_;
}

void dedup_window::grow() {
    std::vector<entry> larger;
    larger.reserve(std::min(limits_.max_entries, std::max(first_size, ring_.size() * 2)));
    for (std::size_t i = 0; i < count_; ++i)
        larger.push_back(ring_[(first_ + i) % ring_.size()]);
    larger.resize(larger.capacity());
    ring_ = std::move(larger);
    first_ = 0;
    // One more than the greatest place, so that no pointer has all bits set, which is `empty`.
    place_mask_ = static_cast<std::uint32_t>(std::bit_ceil(ring_.size() + 1) - 1);
    index_.assign(std::bit_ceil(ring_.size() * 2), empty);
    for (std::size_t i = 0; i < count_; ++i)
        index_[slot_of(ring_[i].name)] = pointer_to(i);
}

} // namespace millrace::processor
