// Where a client sends its requests: a URL, taken apart. RFC 3986; RFC 9110, section 4.2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::http {

struct target_url {
    bool tls = false;
    std::string host; ///< a name or an address, without brackets
    std::uint16_t port = 0;
    std::string authority; ///< for the header Host: without the scheme's own port
    std::string target;    ///< path and query; "/" where there is none
    std::string origin;    ///< "https://host:port"
};

/// Nothing where it is not http(s)://host[:port][/path][?query]. A fragment is left out, since it is not
/// sent; a user is refused, since it would be lost.
std::optional<target_url> parse_target_url(std::string_view url);

} // namespace millrace::http
