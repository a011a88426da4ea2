// Which form a POST to events has: contract of the wire, forms of an event.
#pragma once

#include "millrace/core/field.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace millrace::event {

enum class form {
    plain,            ///< one JSON value
    lines,            ///< NDJSON: a JSON value a line
    binary,           ///< CloudEvents, one, attributes in headers
    structured,       ///< CloudEvents, one, in a JSON object
    structured_batch, ///< CloudEvents, any number, in a JSON array
};

/// A CloudEvents media type wins over ce- headers (HTTP binding, section 3), and these win over any other
/// media type. None of the forms where an answer of 415 is due.
std::optional<form> form_of(std::string_view content_type, std::span<const field> headers) noexcept;

/// Why there was none, and what to send instead.
std::string problem_of_form(std::string_view content_type);

} // namespace millrace::event
