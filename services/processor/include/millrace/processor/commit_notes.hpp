// What is kept with a commit, for whoever goes on from there: Kafka stores a short text with each committed
// offset. docs/adr/0010. No I/O.
#pragma once

#include "millrace/core/types.hpp"
#include "millrace/processor/log_identity.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// Offsets from `from` up to, and without, `to`.
struct offset_run {
    record_offset from{};
    record_offset to{};

    friend bool operator==(const offset_run&, const offset_run&) = default;
};

/// Ascending, apart from each other.
using offset_runs = std::vector<offset_run>;

bool contains(const offset_runs& runs, record_offset at) noexcept;

struct commit_notes {
    std::optional<witness> seen;
    /// Where the events begin that a second one would be a duplicate of.
    std::optional<record_offset> tail;
    /// Finished already, beyond the committed offset: not to be handled again.
    offset_runs finished;

    friend bool operator==(const commit_notes&, const commit_notes&) = default;
};

/// At most what a broker takes by default (offset.metadata.max.bytes is 4096), with something to spare.
inline constexpr std::size_t max_notes_bytes = 3'500;

/// `seen=… tail=… done=…`, each only where there is something to say. Of `finished` as many runs as there is
/// room for, the nearest first; without room for anything, nothing.
std::string to_metadata(const commit_notes& notes, record_offset committed,
                        std::size_t max_bytes = max_notes_bytes);

/// What of the text is ours, whole and of a commit of that offset: another program's notes, damaged ones and
/// those that were carried over to another offset say nothing.
commit_notes parse_notes(std::string_view metadata, record_offset committed);

} // namespace millrace::processor
