// Where the events of an id lie, for the most recent events: what receipts by id are found with. No I/O.
#pragma once

#include "millrace/core/keyed_hash.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// A ring of places in the order in which they came, each with the place before it in its hash bucket. To
/// remember one is a write at the ring's end and one to its bucket, whatever is in there; a place is
/// forgotten when the ring comes round to it, and nothing has to be taken out for that.
///
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
    recent_ids(std::size_t max_entries, const hash_secret& secret);

    std::size_t capacity() const noexcept { return ring_.size(); }

    void add(std::string_view id, std::string_view source, const place& at) noexcept;

    /// Tells `visit` of places where an event of that id (and of that source, where one is given) may lie,
    /// the most recent first, until it says true.
    template <class Visit>
    void find(std::string_view id, std::optional<std::string_view> source, Visit visit) const {
        if (ring_.empty())
            return;
        const std::uint64_t hash = hash_of(id);
        const std::uint32_t from = source ? source_tag_of(*source) : 0;
        std::uint32_t at = buckets_[bucket_of(hash)];
        std::uint32_t younger = 0;
        for (std::size_t step = 0; step < max_steps; ++step) {
            const std::uint32_t age = next_ - at;
            if (age <= younger || age > ring_.size())
                return; // written over since: so is what lies before it
            younger = age;
            const entry& e = ring_[at % ring_.size()];
            if (e.tag == tag_of(hash) && (!source || e.source == from) && visit(e.at))
                return;
            at = e.before;
        }
    }

  private:
    struct entry {
        place at;
        std::uint32_t tag = 0;
        std::uint32_t source = 0;
        std::uint32_t before = 0; ///< number of the one before it in its bucket
    };

    std::uint64_t hash_of(std::string_view id) const noexcept {
        return keyed_hash(secret_).text(id).finish().low;
    }
    std::size_t bucket_of(std::uint64_t hash) const noexcept { return hash & (buckets_.size() - 1); }
    static std::uint32_t tag_of(std::uint64_t hash) noexcept {
        return static_cast<std::uint32_t>(hash >> 32U);
    }
    static std::uint32_t source_tag_of(std::string_view source) noexcept {
        return static_cast<std::uint32_t>(std::hash<std::string_view>{}(source));
    }

    hash_secret secret_; ///< so that nobody can choose ids of one bucket
    std::vector<entry> ring_;
    std::vector<std::uint32_t> buckets_; ///< number of the most recent one
    std::uint32_t next_ = 0;             ///< numbers wrap; only their distances count
};

} // namespace millrace::processor
