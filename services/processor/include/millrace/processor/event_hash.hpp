// By what an event is known where its source and id would take too much room.
#pragma once

#include "millrace/core/keyed_hash.hpp"

#include <string>
#include <string_view>

namespace millrace::processor {

struct event_hash {
    hash128 id{};
    hash128 source{};

    /// Of the two together: that both are the same event (CloudEvents 1.0.2, section 3.1).
    hash128 name() const noexcept { return {id.low ^ source.low, id.high ^ source.high}; }
};

/// Of one process: who does not know its secret cannot choose two events of one hash.
class event_hasher {
  public:
    explicit event_hasher(const hash_secret& secret) noexcept : secret_(secret) {}

    hash128 of_id(std::string_view id) const noexcept;
    hash128 of_source(std::string_view source) const noexcept;
    /// Remembers the last source: most events have that of the one before.
    event_hash of(std::string_view source, std::string_view id);

  private:
    hash_secret secret_;
    std::string last_source_;
    hash128 last_hash_ = of_source({});
};

} // namespace millrace::processor
