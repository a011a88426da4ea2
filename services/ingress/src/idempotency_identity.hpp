// By what a retry is known: of which poster and topic it is, under which id, and what it has to repeat. No
// I/O.
#pragma once

#include "idempotency_table.hpp"
#include "millrace/event/event.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace millrace::ingress {

/// Names of one poster and topic. The views have to outlive it. What was stored before a topic went from
/// Kafka is gone with it: `losses` tells how often that was, so that a retry is not answered with the place
/// of a record that is no more.
class identities {
  public:
    identities(const hash_secret& secret, std::string_view topic, std::string_view poster,
               std::uint32_t losses = 0) noexcept
        : secret_(secret), topic_(topic), poster_(poster), losses_(losses) {}

    /// Of an event by its source and id, whatever form it came in.
    identity of_event(const event::event& e) const noexcept;

    /// Of a request whose one event is known by its Idempotency-Key.
    identity of_request(std::string_view key, const event::event& only) const noexcept;

    /// Of a request with an Idempotency-Key whose events are known by themselves.
    identity of_request(std::string_view key, std::span<const identity> events, bool batch) const noexcept;

  private:
    hash128 name(std::uint64_t kind, std::string_view source, std::string_view id) const noexcept;
    std::uint64_t content(const event::event& e) const noexcept;

    const hash_secret& secret_;
    std::string_view topic_;
    std::string_view poster_;
    std::uint32_t losses_;
};

} // namespace millrace::ingress
