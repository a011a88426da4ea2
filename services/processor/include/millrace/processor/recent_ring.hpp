// The most recent entries of a stream, found by a hash. No I/O.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace millrace::processor {

/// A ring of entries in the order in which they came, each with the number of the one before it in its hash
/// bucket. To remember one is a write at the ring's end and one to its bucket, whatever is in there; an entry
/// is forgotten when the ring comes round to it, or when nobody reaches back that far any more, and nothing
/// has to be taken out for that.
///
/// `Entry` has a member `Number before`, which is the ring's own. Memory is taken at the start. Where
/// somebody else may choose what is hashed, the hash has to be keyed with a secret.
template <class Entry, std::unsigned_integral Number = std::uint32_t>
class recent_ring {
  public:
    /// Room for at least so many entries, and for half of what a Number counts at most; 0: for none, and
    /// nothing may be pushed. With more buckets (a power of two times as many as entries, 4 bytes each) a
    /// search finds fewer entries of other hashes.
    explicit recent_ring(std::size_t entries = 0, std::size_t buckets_per_entry = 1)
        : ring_(entries == 0 ? 0 : std::bit_ceil(entries)),
          buckets_(ring_.size() * buckets_per_entry),
          next_(static_cast<Number>(ring_.size() + 1)) {}

    std::size_t capacity() const noexcept { return ring_.size(); }

    void push(std::uint64_t hash, Entry e) noexcept {
        Number& newest = buckets_[bucket_of(hash)];
        e.before = newest;
        ring_[place_of(next_)] = e;
        newest = next_++;
    }

    /// The one that came as the `age`-th last: 1 is the most recent. Not more than have come.
    const Entry& back(std::size_t age) const noexcept {
        return ring_[place_of(static_cast<Number>(next_ - age))];
    }

    /// Tells `visit` of all entries of the hash, and perhaps of others, the most recent first, among the
    /// `reach` most recent ones, until it says true. Whether it did.
    template <class Visit>
    bool find(std::uint64_t hash, std::size_t reach, Visit visit) const {
        if (reach == 0)
            return false;
        Number at = buckets_[bucket_of(hash)];
        for (Number younger = 0;;) {
            const auto age = static_cast<Number>(next_ - at);
            if (age <= younger || age > reach)
                return false; // written over since: so is what lies before it
            younger = age;
            const Entry& e = ring_[place_of(at)];
            if (visit(e))
                return true;
            at = e.before;
        }
    }

  private:
    std::size_t bucket_of(std::uint64_t hash) const noexcept { return hash & (buckets_.size() - 1); }
    std::size_t place_of(Number number) const noexcept { return number & (ring_.size() - 1); }

    std::vector<Entry> ring_;     ///< a power of two, so that numbers may wrap
    std::vector<Number> buckets_; ///< number of the most recent one
    Number next_;                 ///< at first too far from the buckets' zeros for them to lead anywhere
};

} // namespace millrace::processor
