// Entries never move. An index of twice as many buckets, linearly probed, leads to them; the stored ones form
// a list from the oldest to the newest, the unused ones another.
#include "idempotency_table.hpp"

namespace millrace::ingress {
namespace {

constexpr std::uint32_t buckets_per_entry = 2;

// More than one claim can add, so that what has expired gets less with every claim, and few enough for a turn
// of the loop.
constexpr int released_per_claim = 2;

std::int64_t ticks(steady_time t) noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(t.time_since_epoch()).count();
}

std::uint32_t tag_of(const hash128& name) noexcept {
    return static_cast<std::uint32_t>(name.low);
}

} // namespace

// Without initialisers: pages of entries that were never used are never touched.
struct idempotency_table::entry {
    enum class state : std::uint8_t {
        under_way,
        stored,
        replaced, ///< had expired when its name came again; unused once it is the oldest
    };

    hash128 name;
    std::uint64_t content;
    std::int64_t claimed; ///< nanoseconds of the steady clock
    union {
        twin* twins;          ///< while under way
        record_offset offset; ///< once stored
    };
    unix_ms timestamp;
    partition_id partition;
    std::uint32_t next; ///< in the list of the stored, or of the unused
    state is;
};

const std::size_t idempotency_table::bytes_per_entry = sizeof(entry) + buckets_per_entry * sizeof(bucket);

idempotency_table::idempotency_table(std::uint32_t entries, steady_clock::duration window)
    : capacity_(entries),
      buckets_(entries * buckets_per_entry),
      window_(std::chrono::duration_cast<std::chrono::nanoseconds>(window).count()),
      entries_(std::make_unique_for_overwrite<entry[]>(entries)),
      index_(std::make_unique_for_overwrite<bucket[]>(buckets_)) {
    for (std::uint32_t b = 0; b < buckets_; ++b)
        index_[b] = {0, none};
}

idempotency_table::~idempotency_table() = default;

idempotency_table::found idempotency_table::claim(const identity& of, steady_time now, twin* waiting) {
    release_expired(now);
    if (const std::uint32_t known = find(of.name); known != none) {
        entry& e = entries_[known];
        if (e.is == entry::state::under_way) {
            if (e.content != of.content)
                return {.is = verdict::reused};
            if (waiting != nullptr) {
                waiting->next = e.twins;
                e.twins = waiting;
            }
            return {.is = verdict::under_way};
        }
        if (!expired(e, now)) {
            if (e.content != of.content)
                return {.is = verdict::reused};
            return {.is = verdict::stored, .delivery = {{}, e.partition, e.offset, e.timestamp}};
        }
        unindex(known);
        e.is = entry::state::replaced;
        count(-1);
    }
    const std::uint32_t fresh = allocate(now);
    if (fresh == none)
        return {.is = verdict::untracked};
    entry& e = entries_[fresh];
    e.name = of.name;
    e.content = of.content;
    e.claimed = ticks(now);
    e.twins = nullptr;
    e.is = entry::state::under_way;
    index(fresh);
    count(1);
    return {.is = verdict::first, .entry = fresh};
}

twin* idempotency_table::settle(std::uint32_t settled, const kafka::delivery& outcome) {
    entry& e = entries_[settled];
    twin* const waited = e.twins;
    if (outcome.error) {
        unindex(settled);
        release(settled);
        count(-1);
        return waited;
    }
    e.is = entry::state::stored;
    e.offset = outcome.offset;
    e.partition = outcome.partition;
    e.timestamp = outcome.timestamp;
    e.next = none;
    (newest_ != none ? entries_[newest_].next : oldest_) = settled;
    newest_ = settled;
    return waited;
}

bool idempotency_table::expired(const entry& e, steady_time now) const noexcept {
    return ticks(now) - e.claimed >= window_;
}

// An unused entry; where there is none, that of the oldest answer, whose time had not come yet.
std::uint32_t idempotency_table::allocate(steady_time now) noexcept {
    if (free_ != none) {
        const std::uint32_t taken = free_;
        free_ = entries_[taken].next;
        return taken;
    }
    if (touched_ < capacity_)
        return touched_++;
    if (oldest_ == none)
        return none;
    if (entries_[oldest_].is == entry::state::stored && !expired(entries_[oldest_], now))
        evicted_early_.store(evicted_early_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    return pop_oldest();
}

std::uint32_t idempotency_table::pop_oldest() noexcept {
    const std::uint32_t popped = oldest_;
    oldest_ = entries_[popped].next;
    if (oldest_ == none)
        newest_ = none;
    if (entries_[popped].is == entry::state::stored) {
        unindex(popped);
        count(-1);
    }
    return popped;
}

void idempotency_table::release(std::uint32_t unused) noexcept {
    entries_[unused].next = free_;
    free_ = unused;
}

void idempotency_table::release_expired(steady_time now) noexcept {
    for (int i = 0; i < released_per_claim && oldest_ != none && expired(entries_[oldest_], now); ++i)
        release(pop_oldest());
}

void idempotency_table::count(std::int32_t change) noexcept {
    size_.store(size_.load(std::memory_order_relaxed) + static_cast<std::uint32_t>(change),
                std::memory_order_relaxed);
}

std::uint32_t idempotency_table::home(std::uint32_t tag) const noexcept {
    return static_cast<std::uint32_t>((std::uint64_t{tag} * buckets_) >> 32);
}

std::uint32_t idempotency_table::find(const hash128& name) const noexcept {
    const std::uint32_t tag = tag_of(name);
    for (std::uint32_t b = home(tag); index_[b].entry != none; b = next_bucket(b))
        if (index_[b].tag == tag && entries_[index_[b].entry].name == name)
            return index_[b].entry;
    return none;
}

void idempotency_table::index(std::uint32_t added) noexcept {
    const std::uint32_t tag = tag_of(entries_[added].name);
    std::uint32_t b = home(tag);
    while (index_[b].entry != none)
        b = next_bucket(b);
    index_[b] = {tag, added};
}

// Moves up what was pushed on by the one that goes, so that no gap comes between an entry and its home.
void idempotency_table::unindex(std::uint32_t gone) noexcept {
    std::uint32_t gap = home(tag_of(entries_[gone].name));
    while (index_[gap].entry != gone)
        gap = next_bucket(gap);
    for (std::uint32_t b = next_bucket(gap); index_[b].entry != none; b = next_bucket(b)) {
        const std::uint32_t wanted = home(index_[b].tag);
        const bool between = gap <= b ? wanted > gap && wanted <= b : wanted > gap || wanted <= b;
        if (between)
            continue; // it could not be found from its home where the gap is
        index_[gap] = index_[b];
        gap = b;
    }
    index_[gap] = {0, none};
}

} // namespace millrace::ingress
