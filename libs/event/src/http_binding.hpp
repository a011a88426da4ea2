// CloudEvents HTTP binding 1.0.2, binary mode: attributes out of the headers of a request.
#pragma once

#include "event_builder.hpp"
#include "millrace/core/field.hpp"
#include "text_arena.hpp"

#include <span>

namespace millrace::event {

/// Whether there is a ce-specversion.
bool has_ce_headers(std::span<const field> headers) noexcept;

/// Reads every header that starts with ce- into `to`'s current event; what is not a slice of a header goes in
/// `arena`.
void read_ce_headers(std::span<const field> headers, event_builder& to, text_arena& arena);

} // namespace millrace::event
