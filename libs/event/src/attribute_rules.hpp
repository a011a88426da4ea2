// What CloudEvents 1.0.2 says about a single context attribute, as sentences for the one who sent a wrong
// one.
#pragma once

#include <string_view>

namespace millrace::event {

/// Why `name` cannot be that of an attribute; empty where it can.
std::string_view problem_of_name(std::string_view name) noexcept;

/// Why the attribute `name` cannot have that value, given in canonical string form; empty where it can.
std::string_view problem_of_value(std::string_view name, std::string_view value) noexcept;

/// CloudEvents String: UTF-8 without control characters, surrogates and non-characters (section "Type
/// System").
std::string_view problem_of_text(std::string_view value) noexcept;

/// RFC 3339, section 5.6: date-time.
bool is_rfc3339(std::string_view text) noexcept;

/// The characters of a URI-reference (RFC 3986), or beyond ASCII of an IRI-reference (RFC 3987): what the
/// percent decoding of headers makes of a sender's once encoded URI has to pass. The grammar of its parts is
/// not checked.
bool is_uri_reference(std::string_view text) noexcept;

} // namespace millrace::event
