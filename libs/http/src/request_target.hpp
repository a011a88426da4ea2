// The request target (RFC 9112, section 3.2) and hosts as they stand in it and in Host. No memory of its own.
#pragma once

#include <string_view>

namespace millrace::http {

struct request_target {
    std::string_view authority; ///< of the absolute form
    std::string_view path;      ///< "*" of the asterisk form
    std::string_view query;
};

/// Origin, absolute and, with `asterisk`, asterisk form. Returns what is wrong, as a sentence in static
/// storage, or null. A path has the characters of RFC 3986, section 3.3; a query also those that browsers
/// leave in it (WHATWG URL, "query percent-encode set").
const char* split_target(std::string_view target, bool asterisk, request_target& into) noexcept;

/// host [":" port] (RFC 9110, section 7.2), or empty. Without a comma, which RFC 3986 allows: two that were
/// joined are no host.
bool is_authority(std::string_view text) noexcept;

} // namespace millrace::http
