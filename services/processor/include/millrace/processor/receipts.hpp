// What became of the most recent events of one partition: the receipts that clients follow. No I/O.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"
#include "millrace/processor/name_table.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// In the order in which an event can go through them.
enum class event_state : std::uint8_t {
    pending,
    in_flight,
    retrying,
    processed,
    duplicate,
    dead_lettered,
    no_event
};

constexpr bool is_final(event_state s) noexcept {
    return s >= event_state::processed;
}

/// As docs and JSON spell it.
std::string_view to_string(event_state s) noexcept;

/// A copy, so that it can outlive the ring's entry.
struct receipt {
    coordinates where;
    event_state state = event_state::pending;
    std::string id;     ///< empty where it is not known
    std::string source; ///< empty where it is not known
    unsigned attempts = 0;
    std::string error_class; ///< of the last failed attempt; empty where none failed
    std::string error_message;
    std::optional<unix_ms> updated;
    bool unclear = false; ///< final, but not how: there are too many letters to look through
};

/// A ring of fixed entries, indexed by offset: recording allocates nothing for an id of up to 48 octets and a
/// known source. The newest `capacity` offsets are kept, and older ones only while they are not final.
class receipts {
  public:
    /// `sources` outlives it. `capacity` is a power of two.
    receipts(name_table& sources, std::size_t capacity);

    /// An attempt at the event begins.
    void start(record_offset at, std::string_view id, std::string_view source, unsigned attempt, unix_ms now);

    /// The event goes on to another state; nothing happens where it was never started.
    void move(record_offset at, event_state to, unix_ms now);

    /// Why the last attempt failed. At most 512 octets of the message are kept.
    void blame(record_offset at, std::string_view error_class, std::string_view message);

    /// Without topic and partition, which the owner knows.
    std::optional<receipt> find(record_offset at) const;

  private:
    struct detail {
        std::string id; // where it is too long for the entry
        std::string source;
        std::string error_class;
        std::string error_message;
    };
    struct entry {
        std::int64_t offset = -1;
        unix_ms updated;
        std::unique_ptr<detail> more; // what is rare
        name_table::index source = name_table::other;
        std::uint16_t attempts = 0;
        event_state state = event_state::pending;
        std::uint8_t id_size = 0;
        std::array<char, 48> id{};
    };

    entry* get(record_offset at) noexcept;
    const entry* get(record_offset at) const noexcept;
    entry& slot(record_offset at) noexcept;
    static detail& more(entry& e);

    name_table& sources_;
    std::vector<entry> ring_;
    std::map<std::int64_t, entry> displaced_; // not final when a newer offset took their place
};

} // namespace millrace::processor
