// Base64 as RFC 4648, section 4, has it: padded, no white space, no bits left over.
#pragma once

#include "text_arena.hpp"

#include <optional>
#include <string_view>

namespace millrace::event {

/// The octets in `arena`; nothing where the text is not base64.
std::optional<std::string_view> decode_base64(std::string_view text, text_arena& arena);

} // namespace millrace::event
