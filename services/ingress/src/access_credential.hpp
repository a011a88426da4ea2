// What a request shows of who sent it: Authorization: Bearer (RFC 6750, section 2.1) or X-API-Key.
#pragma once

#include "millrace/http/request.hpp"

#include <string_view>

namespace millrace::ingress {

struct credential {
    std::string_view text;  ///< key or token; empty: there is none to use
    bool bearer = false;    ///< from Authorization, so that it may be a token
    std::string_view wrong; ///< why there is none although something was sent
};

credential credential_of(const http::request& request) noexcept;

} // namespace millrace::ingress
