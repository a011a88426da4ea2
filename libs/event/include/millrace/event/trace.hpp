// W3C Trace Context (level 1): which traceparent goes on, and a new one where there is none.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace millrace::event {

/// Section 3.2.2: version 00 has exactly four fields of lower-case hexadecimal digits; trace-id and parent-id
/// are not all zero; ff is not a version; a higher version may have more after a dash.
bool is_valid_traceparent(std::string_view text) noexcept;

/// Section 3.3.1, as far as a vendor-neutral hop must look: not empty, at most 512 characters of printable
/// ASCII, at most 32 members of the form key=value.
bool is_valid_tracestate(std::string_view text) noexcept;

/// "00-<trace-id>-<parent-id>-01" from 192 random bits, of which none of the two ids may be zero.
std::array<char, 55> make_traceparent(std::uint64_t random1, std::uint64_t random2,
                                      std::uint64_t random3) noexcept;

} // namespace millrace::event
