// The events of one partition that were seen lately, by source and id: a retry that the ingress could not
// recognise lies there twice. Contract section 1.3. No I/O, no clock: time is that of the records.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/keyed_hash.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace millrace::processor {

struct dedup_limits {
    milliseconds window{0};      ///< by the records' timestamps; 0: nothing is remembered
    std::size_t max_entries = 0; ///< the oldest goes for one more
    hash_secret secret;          ///< so that nobody can choose two names of one hash
};

/// Grows as it fills, to 32 bytes an entry (40 while it grows), and never beyond `max_entries`.
class dedup_window {
  public:
    dedup_window() = default; ///< remembers nothing
    explicit dedup_window(const dedup_limits& limits) : limits_(limits) {}

    /// Whether an event of that name came within the window before this one; if not, it is remembered.
    bool seen_before(std::string_view source, std::string_view id, unix_ms timestamp);

    std::size_t size() const noexcept { return count_; }

  private:
    struct entry {
        hash128 name{};
        std::int64_t timestamp_ms = 0;
    };
    static constexpr std::uint32_t empty = UINT32_MAX;

    void forget_oldest() noexcept;
    void grow();
    std::size_t home_of(const hash128& name) const noexcept { return name.low & (index_.size() - 1); }
    std::size_t slot_of(const hash128& name) const noexcept; ///< where it is, or would be
    std::size_t after(std::size_t slot) const noexcept { return (slot + 1) & (index_.size() - 1); }
    std::size_t place_at(std::size_t slot) const noexcept { return index_[slot] & place_mask_; }
    std::uint32_t pointer_to(std::size_t place) const noexcept;
    static std::uint32_t tag_of(const hash128& name) noexcept {
        return static_cast<std::uint32_t>(name.high);
    }

    dedup_limits limits_;
    std::vector<entry> ring_; ///< in the order in which they came
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    /// Open addressing, linear probing; half full at most. A place in the ring in the lower bits, and in
    /// those that it leaves a part of the name.
    std::vector<std::uint32_t> index_;
    std::uint32_t place_mask_ = 0;
};

} // namespace millrace::processor
