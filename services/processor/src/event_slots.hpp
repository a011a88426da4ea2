// The events that were fetched and are not final yet, each with its place; and the working memory of
// attempts.
#pragma once

#include "millrace/core/field.hpp"
#include "millrace/event/record.hpp"
#include "millrace/kafka/record.hpp"
#include "millrace/processor/event_hash.hpp"
#include "millrace/processor/handler.hpp"
#include "millrace/processor/partition.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace millrace::processor {

/// What an attempt needs while a handler has the event: what its delivery's views point to.
struct attempt {
    event::record_reader reader;
    std::vector<field> headers;
    std::string plain_id; ///< of an event that brought none
    event::event event;
    event_hash hash; ///< of the event, at its first attempt; another's later
    delivery view;
    steady_time began;
};

/// A fetched event until it is final.
struct slot {
    enum class phase : std::uint8_t { free, waiting, running, retrying, dead_lettering };

    kafka::message record; ///< gone to the dead letters while `dead_lettering`
    partition* from = nullptr;
    std::uint32_t term = 0;       ///< of the partition, when the event was fetched
    std::uint32_t generation = 0; ///< of the slot: what was planned for an earlier event is void
    offset_tracker::sequence sequence = 0;
    record_offset offset{};
    unsigned attempts = 0;  ///< begun
    unsigned postponed = 0; ///< of them, those that the handler did not make
    phase now = phase::free;
    std::optional<bool> duplicate; ///< where that was judged when it was fetched
    steady_time fetched;
    std::unique_ptr<attempt> running; ///< while `running`

    unsigned tries() const noexcept { return attempts - postponed; }

    /// Whether the partition is still this member's, as it was when the event was fetched.
    bool ours() const noexcept { return from->term() == term && from->owned(); }
};

/// Slots and attempts are used again: in a steady state nothing is allocated. A reference to a slot is valid
/// until the next `take`.
class event_slots {
  public:
    using ticket = std::uint32_t;

    ticket take() {
        if (free_.empty()) {
            slots_.emplace_back();
            free_.reserve(slots_.capacity());
            return static_cast<ticket>(slots_.size() - 1);
        }
        const ticket t = free_.back();
        free_.pop_back();
        return t;
    }

    void give_back(ticket t) noexcept {
        slot& s = slots_[t];
        end_attempt(s);
        s.record = kafka::message();
        s.now = slot::phase::free;
        s.attempts = 0;
        s.postponed = 0;
        s.duplicate.reset();
        ++s.generation;
        free_.push_back(t); // never allocates: reserved in `take`
    }

    attempt& begin_attempt(slot& s) {
        if (idle_.empty()) {
            s.running = std::make_unique<attempt>();
        } else {
            s.running = std::move(idle_.back());
            idle_.pop_back();
        }
        return *s.running;
    }

    void end_attempt(slot& s) {
        if (s.running)
            idle_.push_back(std::move(s.running));
    }

    /// Lets go of all records, which must not outlive their consumer.
    void clear() noexcept {
        slots_.clear();
        free_.clear();
    }

    slot& operator[](ticket t) noexcept { return slots_[t]; }
    const slot& operator[](ticket t) const noexcept { return slots_[t]; }
    std::size_t size() const noexcept { return slots_.size(); } ///< with the free ones

  private:
    std::vector<slot> slots_;
    std::vector<ticket> free_;
    std::vector<std::unique_ptr<attempt>> idle_;
};

} // namespace millrace::processor
