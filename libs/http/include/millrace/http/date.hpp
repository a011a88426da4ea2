// Times in headers: RFC 9110, section 5.6.7. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"

#include <optional>
#include <string_view>

namespace millrace::http {

/// An HTTP-date, in the form of today or one of the two obsolete ones, which a recipient has to take too.
std::optional<unix_ms> parse_http_date(std::string_view text);

} // namespace millrace::http
