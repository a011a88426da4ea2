// What a request shows of who sent it: Authorization: Bearer (RFC 6750, section 2.1) or X-API-Key.
#pragma once

#include "millrace/http/request.hpp"

#include <string_view>

namespace millrace::http {

struct credential {
    std::string_view text;  ///< key or token; empty: there is none to use
    bool bearer = false;    ///< from Authorization, so that it may be a token
    std::string_view wrong; ///< why there is none although something was sent
};

credential credential_of(const request& shown) noexcept;

/// Whether the host of `host`, `host:port` or `[v6]:port` is this machine and no other can reach it.
bool is_loopback(std::string_view host) noexcept;

} // namespace millrace::http
