// "HTTP 1.1 Web Hooks for Event Delivery" of CloudEvents 1.0.2, section 4: a sender asks by OPTIONS whether
// it may deliver here, and how fast. No I/O.
#pragma once

#include "millrace/core/field.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace millrace::ingress {

/// Whose handshakes are agreed to. It is no access control (section 4): deliveries show credentials.
struct handshake_policy {
    std::vector<std::string> origins;  ///< DNS names of senders; "*": any; empty: none
    std::uint32_t rate_per_minute = 0; ///< requests; 0: no limit
};

/// Headers that the answer to this OPTIONS has besides its own (Allow, Accept-Post): WebHook-Allowed-Origin
/// and WebHook-Allowed-Rate where the sender may deliver. None where it may not or does not ask, which is how
/// it knows (section 4.2): the status says nothing. WebHook-Request-Callback is not followed, for the answer
/// is given here, and nobody's request makes this service call a URL of theirs. The names live for ever.
std::vector<std::pair<std::string_view, std::string>>
handshake_headers(std::span<const field> request_headers, const handshake_policy& policy);

} // namespace millrace::ingress
