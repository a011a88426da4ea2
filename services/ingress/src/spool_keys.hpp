// For which keys the spool holds events: what comes later for one of them has to go behind. Fixed memory, no
// locks, no I/O.
#pragma once

#include "millrace/event/partition.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

namespace millrace::ingress {

/// Counts events by the hash of their topic and key. Two keys of one hash are taken for one, which costs
/// them a way through the spool and never their order. Every function may be called from any thread.
class spool_keys {
  public:
    static constexpr std::size_t slots = 65'536;

    void add(std::string_view topic, std::string_view key) noexcept {
        counts_[slot_of(topic, key)].fetch_add(1, std::memory_order_relaxed);
    }

    /// Once for each `add`.
    void remove(std::string_view topic, std::string_view key) noexcept {
        counts_[slot_of(topic, key)].fetch_sub(1, std::memory_order_relaxed);
    }

    bool holds(std::string_view topic, std::string_view key) const noexcept {
        return counts_[slot_of(topic, key)].load(std::memory_order_relaxed) > 0;
    }

  private:
    static std::size_t slot_of(std::string_view topic, std::string_view key) noexcept {
        return (event::murmur2(key) ^ std::hash<std::string_view>{}(topic)) % slots;
    }

    std::array<std::atomic<std::uint32_t>, slots> counts_{};
};

} // namespace millrace::ingress
