// Where the events of an id lie, for the most recent events: what receipts by id are found with. No I/O.
#pragma once

#include "millrace/core/types.hpp"
#include "millrace/processor/event_hash.hpp"
#include "millrace/processor/recent_ring.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace millrace::processor {

/// Ids and sources are known by a part of their hashes only: whoever asks looks at the place whether they are
/// there. Memory is taken at the start: 32 bytes an entry, and 4 for its bucket.
class recent_ids {
  public:
    struct place {
        record_offset offset{};
        std::uint32_t partition = 0; ///< a number of the owner's
        std::uint32_t term = 0;      ///< of the partition's assignment: a place of an earlier one is void

        bool operator==(const place&) const = default;
    };

    /// How many places a search looks at, at most.
    static constexpr std::size_t max_steps = 1'024;

    /// 0 entries: nothing is remembered.
    explicit recent_ids(std::size_t max_entries) : ring_(max_entries) {}

    std::size_t capacity() const noexcept { return ring_.capacity(); }

    void add(const event_hash& of, const place& at) noexcept {
        if (ring_.capacity() > 0)
            ring_.push(of.id.low, {at, tag_of(of.id), tag_of(of.source), 0});
    }

    /// Tells `visit` of places where an event of that id (and of that source, where one is given) may lie,
    /// the most recent first, until it says true.
    template <class Visit>
    void find(const hash128& id, const std::optional<hash128>& source, Visit visit) const {
        const std::uint32_t from = source ? tag_of(*source) : 0;
        std::size_t steps = 0;
        ring_.find(id.low, ring_.capacity(), [&](const entry& e) {
            if (e.tag == tag_of(id) && (!source || e.source == from) && visit(e.at))
                return true;
            return ++steps == max_steps;
        });
    }

  private:
    struct entry {
        place at;
        std::uint32_t tag = 0;
        std::uint32_t source = 0;
        std::uint32_t before = 0;
    };

    static std::uint32_t tag_of(const hash128& hash) noexcept {
        return static_cast<std::uint32_t>(hash.high);
    }

    recent_ring<entry> ring_;
};

} // namespace millrace::processor
