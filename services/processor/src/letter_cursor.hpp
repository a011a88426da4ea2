// Where a listing of dead letters goes on, as text for clients. No I/O.
#pragma once

#include "millrace/core/types.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::processor {

/// For each partition the offset below which letters are still to be listed. New letters come above, so they
/// change no page that follows; a partition that is not named has nothing more to list.
using letter_cursor = std::map<topic_partition, record_offset>;

std::string to_text(const letter_cursor& c);
/// Nothing where the text is none of ours.
std::optional<letter_cursor> parse_cursor(std::string_view text);

} // namespace millrace::processor
