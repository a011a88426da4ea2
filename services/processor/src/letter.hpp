// What lies in a dead-letter topic: letters, and the marks of those that were redriven. docs/dead-letters.md
#pragma once

#include "dead_letters.hpp"
#include "millrace/core/field.hpp"
#include "millrace/event/record.hpp"
#include "millrace/kafka/record.hpp"
#include "millrace/settings/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace millrace::processor {

/// The headers of a mark: an empty record in the partition of the letter, written in one transaction with the
/// event's copy.
namespace mark_header {
inline constexpr std::string_view offset = "millrace_dlq_redriven_offset"; ///< of the letter
inline constexpr std::string_view event =
    "millrace_dlq_redriven_event"; ///< topic/partition/offset of the event
inline constexpr std::string_view timestamp_ms =
    "millrace_dlq_redriven_timestamp_ms"; ///< of the event's record
inline constexpr std::string_view at = "millrace_dlq_redriven_at";
inline constexpr std::string_view to = "millrace_dlq_redriven_to"; ///< topic/partition/offset of the copy
} // namespace mark_header

/// The headers of an event's copy.
namespace redriven_header {
inline constexpr std::string_view letter = "millrace_redriven"; ///< topic/partition/offset of the letter
/// The id of an event whose record brings none: the coordinates of its first record.
inline constexpr std::string_view id = "millrace_redriven_id";
} // namespace redriven_header

/// The value of the last header of that name, or empty: an event that was dead-lettered twice, by whatever
/// program, has the first letter's headers too.
std::string_view last_header(std::span<const field> headers, std::string_view name) noexcept;

std::string to_text(const coordinates& place); ///< topic/partition/offset
std::optional<coordinates> parse_coordinates(std::string_view text);

/// An event that could not be handled, as its letter tells; without its data.
struct letter {
    coordinates event; ///< where it was
    unix_ms timestamp; ///< of its record: in a topic that was made again another event has those coordinates
    coordinates place; ///< of the letter
    unix_ms stored;
    std::string id, source, type; ///< empty where they are not known
    bool plain = false;           ///< its record brings no id
    std::optional<unsigned> attempts;
    std::string error_class, error_message, failed_at; ///< empty where they are not known
};

/// Says that the event was redriven. A letter may be there twice, since what may or may not have been stored
/// is stored again; an event is one.
struct mark {
    record_offset letter{}; ///< in the partition of the mark
    coordinates event;
    unix_ms timestamp; ///< of the event's record
    unix_ms at;
};

/// Where a letter is in its dead-letter partition, and which event it is of.
struct letter_place {
    record_offset letter{};
    coordinates event;
    unix_ms timestamp; ///< of the event's record
};

inline letter_place place_of(const letter& l) {
    return {l.place.offset, l.event, l.timestamp};
}

/// Somebody else's: another group's letter, or a record that is none at all.
struct foreign {};

using letter_record = std::variant<foreign, letter, mark>;

/// Reads what lies in dead-letter topics. Reuses its memory; one a thread.
class letter_reader {
  public:
    /// `topics` outlives it: what plain events have for source and type.
    letter_reader(std::string group, const std::map<std::string, settings::topic>& topics)
        : group_(std::move(group)), topics_(topics) {}

    letter_record read(const kafka::message& m);
    /// The headers of what was read last; views live as long as the message.
    std::span<const field> headers() const noexcept { return headers_; }

  private:
    void name(letter& l, const kafka::message& m);

    std::string group_;
    const std::map<std::string, settings::topic>& topics_;
    event::record_reader events_;
    std::vector<field> headers_;
};

} // namespace millrace::processor
