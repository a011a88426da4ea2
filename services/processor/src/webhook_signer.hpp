// Signs deliveries by Standard Webhooks 1.0. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/crypto/hmac.hpp"
#include "millrace/event/event.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// The event's id where it is made of letters, digits, `-` and `_`; else one derived from source and id, the
/// same for each attempt, at any processor.
std::string webhook_id(const event::event& e);

class webhook_signer {
  public:
    /// Each `whsec_` and base64; all of them sign, so that a receiver may know any one. Throws
    /// std::runtime_error where one is not that.
    explicit webhook_signer(const std::vector<std::string>& secrets);

    bool signs() const noexcept { return !keys_.empty(); }

    /// The value of webhook-signature: of each secret one, separated by spaces. `timestamp` is in seconds, as
    /// in webhook-timestamp.
    std::string sign(std::string_view id, std::string_view timestamp, std::string_view body) const;

  private:
    std::vector<crypto::hmac> keys_;
};

} // namespace millrace::processor
