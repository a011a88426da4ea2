// Values of HTTP headers that carry text: CloudEvents attributes.
#pragma once

#include "text_arena.hpp"

#include <optional>
#include <string_view>

namespace millrace::event {

/// Undoes what CloudEvents' HTTP binding, section 3.1.3.2, does: first double quotes with backslashes, then
/// one round of percent-encoding. The value itself where there is nothing to undo, else in `arena`. Nothing
/// where a quote is not closed or a percent sign is not followed by two hexadecimal digits. UTF-8 is not
/// checked.
std::optional<std::string_view> decode_header_value(std::string_view value, text_arena& arena);

} // namespace millrace::event
