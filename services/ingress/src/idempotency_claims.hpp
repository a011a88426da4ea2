// What the idempotency window knows of a request's events, and what it will know of them. Contract
// section 2.2.
#pragma once

#include "idempotency_identity.hpp"
#include "idempotency_window.hpp"
#include "millrace/runtime/metrics.hpp"
#include "publication.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// A request as a retry would repeat it.
struct claimant {
    std::string_view topic;
    std::string_view poster;
    std::optional<std::string_view> key; ///< its Idempotency-Key, without the quotes
    std::span<const event::event> events;
    bool batch = false;
    std::uint32_t losses = 0; ///< of the topic
};

/// Something was used before with other content.
struct reuse {
    bool whole_request = false;          ///< the Idempotency-Key
    std::span<const std::size_t> events; ///< else the ids of these; valid until the next claim

    explicit operator bool() const noexcept { return whole_request || !events.empty(); }
};

/// Reuses its memory; one a loop.
class idempotency_claims {
  public:
    /// `awaited` counts the events that wait for their twin.
    idempotency_claims(idempotency_window& window, runtime::counter& awaited)
        : window_(window), awaited_(awaited) {}

    /// Finds out which events are published already, or just being, and tells `p`, in which all of them are
    /// expected. Those to come will find the rest, which `p` holds until it knows what became of them. An
    /// event whose id the ingress made has no part in it.
    reuse claim(publication& p, const claimant& by);

  private:
    bool claim_request(publication& p, const identity& of);
    void claim_event(publication& p, std::size_t index, const identity& of);

    idempotency_window& window_;
    runtime::counter& awaited_;
    std::vector<identity> identities_;
    std::vector<std::size_t> reused_;
};

} // namespace millrace::ingress
