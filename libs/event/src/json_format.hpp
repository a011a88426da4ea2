// CloudEvents JSON format 1.0.2, reading: one event out of an object that is known to be JSON.
#pragma once

#include "event_builder.hpp"
#include "text_arena.hpp"

#include <string_view>

namespace millrace::event {

/// Reads into `to`'s current event. Its data is a slice of `object`, or in `arena` where it was base64 or
/// text. Returns whether it was base64: whether such octets under a JSON content type are JSON is not
/// checked.
bool read_json_format(std::string_view object, event_builder& to, text_arena& arena);

} // namespace millrace::event
