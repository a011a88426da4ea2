// One value of a JSON text, found by its JSON pointer (RFC 6901) without making a tree of all the others. No
// I/O.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// "/a~1b/0" as {"a/b", "0"}; the pointer is well-formed.
std::vector<std::string> pointer_tokens(std::string_view pointer);

/// What the string or number at that place says: a number as it is written. Nothing where there is no such
/// place, where it holds anything else, or where a name on the way is there twice: readers differ in which of
/// the two they take. `json` is known to be JSON; given anything else this stays within the text.
std::optional<std::string> json_text_at(std::string_view json, std::span<const std::string> tokens);

} // namespace millrace::ingress
