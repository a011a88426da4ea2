// One event as a row of a table, and what makes two rows the same.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace millrace::sql {

/// Of `id` and `source` together, octets. They are in the primary key, and an entry of PostgreSQL's indexes
/// has to fit into a third of a page, with a topic's name of 249 octets beside them.
inline constexpr std::size_t max_identity_bytes = 2'000;

/// Owns what it holds: another thread may read it while the record it came from is let go. All text is as in
/// the event; nothing is normalised.
struct row {
    coordinates place;
    unix_ms timestamp; ///< of the record
    std::string source;
    std::string id;
    std::string type;
    std::optional<std::string> subject;
    std::optional<std::string> time; ///< the attribute, as sent: RFC 3339 with as many digits as it has
    std::optional<std::string> key;  ///< octets
    std::optional<std::string> content_type;
    std::string extensions = "{}"; ///< the other attributes: a JSON object of text
    std::string data;              ///< octets
    bool cloud_event = true;

    /// Two rows are of one event when topic, source, id and this are equal. A CloudEvent is named by its
    /// source and id wherever it lies (CloudEvents 1.0.2, "id"): 0. A plain record's id is its place, and
    /// when the topic is deleted and made anew another record may have that place: its record's timestamp.
    std::int64_t plain_record_ms() const noexcept { return cloud_event ? 0 : timestamp.value; }

    bool fits_the_key() const noexcept { return id.size() + source.size() <= max_identity_bytes; }

    /// Of memory, nearly: what batches are bounded by.
    std::size_t bytes() const noexcept {
        const auto size = [](const std::optional<std::string>& text) { return text ? text->size() : 0; };
        return sizeof(row) + place.topic.size() + source.size() + id.size() + type.size() + size(subject) +
               size(time) + size(key) + size(content_type) + extensions.size() + data.size();
    }
};

/// The timestamp as databases can hold it: from the year 1 to 9999. A producer may have written anything.
constexpr unix_ms storable(unix_ms t) noexcept {
    constexpr std::int64_t year_1_ms = -62'135'596'800'000;
    constexpr std::int64_t year_9999_end_ms = 253'402'300'799'999;
    return {t.value < year_1_ms ? year_1_ms : t.value > year_9999_end_ms ? year_9999_end_ms : t.value};
}

} // namespace millrace::sql
