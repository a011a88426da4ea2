// The value of Idempotency-Key: draft-ietf-httpapi-idempotency-key-header, section 2.1.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::event {

/// The key that a header's value says: what a structured-field string (RFC 9651, section 3.3.3) holds, as the
/// draft has it, or else all of the value, as most clients send it. A view of `value`, or of `scratch` where
/// there are backslashes. Nothing where the string is malformed or empty, or the key is not UTF-8 free of
/// control characters: it becomes an event's id.
std::optional<std::string_view> idempotency_key_of(std::string_view value, std::string& scratch);

} // namespace millrace::event
