// Which fetched event may be handled now: in order within a lane, side by side across lanes, at most so many
// at once. No I/O, no clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace millrace::processor {

/// A lane is a key of a partition, or the whole partition, or nothing at all (`unordered`): as the caller
/// hashes. Two keys with one hash share a lane, which costs time, never order. An event keeps its lane closed
/// until it is finished, also while it waits for a retry; but then it holds no permit, so that it delays its
/// own lane only. Tickets are small numbers of the caller's, indices into its own table. Memory grows with
/// the highest ticket.
class key_scheduler {
  public:
    using ticket = std::uint32_t;
    using group = std::uint32_t; ///< the partition: lanes of two groups are never the same
    using lane = std::uint64_t;
    static constexpr lane unordered = 0;

    explicit key_scheduler(std::size_t concurrency) : permits_(concurrency < 1 ? 1 : concurrency) {}

    /// A new event. True: it holds a permit and is to run now. Otherwise `next` will name it.
    bool offer(ticket t, group g, lane l);

    /// An event that may run now; it holds a permit.
    std::optional<ticket> next() noexcept;

    /// A running event gives its permit back and keeps its lane.
    void suspend(ticket t) noexcept;

    /// A suspended event wants to run again; `next` will name it.
    void resume(ticket t) noexcept;

    /// The event leaves, whatever it was doing; the next of its lane may run.
    void finish(ticket t) noexcept;

    std::size_t running() const noexcept { return running_; }
    std::size_t ready() const noexcept { return ready_; } ///< only a permit is missing
    /// Events of the group that wait for their lane or for a retry: no permit would help them.
    std::size_t held_back(group g) const noexcept { return g < held_back_.size() ? held_back_[g] : 0; }

  private:
    static constexpr ticket none = UINT32_MAX;
    enum class state : std::uint8_t { absent, blocked, ready, running, suspended };

    struct node {
        lane key = unordered;
        ticket before = none; // in its lane
        ticket after = none;
        ticket last = none;      // of the lane; of a lane's first event only
        ticket next_lane = none; // in the bucket; of a lane's first event only
        ticket ready_before = none;
        ticket ready_after = none;
        group of = 0;
        state now = state::absent;
    };

    void make_room(ticket t, group g);
    ticket& bucket(group g, lane l) noexcept;
    ticket find_lane(group g, lane l) noexcept;
    void enlist(ticket t) noexcept;
    void push_ready(ticket t) noexcept;
    void pop_ready(ticket t) noexcept;
    void enter(ticket t, state to) noexcept;
    void leave_state(ticket t) noexcept;
    void leave_lane(ticket t) noexcept;

    std::vector<node> nodes_;
    std::vector<ticket> buckets_; // heads of lanes, chained by next_lane; a power of two
    std::vector<std::size_t> held_back_;
    std::size_t permits_;
    std::size_t running_ = 0;
    std::size_t ready_ = 0;
    ticket ready_first_ = none;
    ticket ready_last_ = none;
};

} // namespace millrace::processor
