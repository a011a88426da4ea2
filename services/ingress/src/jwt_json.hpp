// JSON of tokens and key sets, read so that no two readers can take it for different things. In .cpp files
// only: the parser is a large header.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string_view>

namespace millrace::ingress {

/// An object. Nothing where the text is anything else, is not UTF-8, or has a name twice in one object
/// (RFC 7519, section 4: parsers differ in which of the two they take).
std::optional<nlohmann::json> parse_object(std::string_view text);

/// The member; nothing where it is absent. It is in the object.
const nlohmann::json* member(const nlohmann::json& object, const char* name);

/// The member's text; nothing where it is absent or no string. It is in the object.
const std::string* text_member(const nlohmann::json& object, const char* name);

} // namespace millrace::ingress
