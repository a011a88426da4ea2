// Whether the spool takes more: bounded in bytes and in age. No I/O, no clock. docs/spool.md
#pragma once

#include "millrace/core/clock.hpp"
#include "spool_error.hpp"

#include <atomic>
#include <cstdint>

namespace millrace::ingress {

/// Every function may be called from any thread.
class spool_room {
  public:
    spool_room(std::uint64_t max_bytes, std::chrono::seconds max_age) noexcept
        : max_bytes_(max_bytes), max_age_(max_age) {}

    /// Why nothing more is taken, or nothing. Age refuses what is new and drops nothing of what is there.
    error_code refusal(unix_ms now) const noexcept {
        if (disk_failing_.load(std::memory_order_relaxed))
            return spool_errc::no_disk;
        const auto oldest = oldest_ms_.load(std::memory_order_relaxed);
        if (oldest > 0 && now.value - oldest > max_age_.count())
            return spool_errc::too_old;
        if (bytes() >= max_bytes_)
            return spool_errc::full;
        return {};
    }

    /// All of it or nothing. A failing disk is tried: it may have recovered.
    error_code take(std::uint64_t bytes, unix_ms now) noexcept {
        if (const error_code why = refusal(now); why && why != spool_errc::no_disk)
            return why;
        if (bytes_.fetch_add(bytes, std::memory_order_relaxed) + bytes <= max_bytes_)
            return {};
        give_back(bytes);
        return spool_errc::full;
    }

    /// What is there already, over the bound or not.
    void found(std::uint64_t bytes) noexcept { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
    void give_back(std::uint64_t bytes) noexcept { bytes_.fetch_sub(bytes, std::memory_order_relaxed); }

    /// When the oldest event that waits was received; 0: none does.
    void set_oldest(unix_ms received) noexcept {
        oldest_ms_.store(received.value, std::memory_order_relaxed);
    }
    void set_disk_failing(bool failing) noexcept { disk_failing_.store(failing, std::memory_order_relaxed); }

    bool disk_failing() const noexcept { return disk_failing_.load(std::memory_order_relaxed); }
    unix_ms oldest() const noexcept { return {oldest_ms_.load(std::memory_order_relaxed)}; }
    std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
    std::uint64_t max_bytes() const noexcept { return max_bytes_; }

  private:
    std::uint64_t max_bytes_;
    milliseconds max_age_;
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::int64_t> oldest_ms_{0};
    std::atomic<bool> disk_failing_{false};
};

} // namespace millrace::ingress
