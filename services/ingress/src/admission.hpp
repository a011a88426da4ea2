// How much may be under way at once: events and bytes between a client and the broker's acknowledgement.
#pragma once

#include <atomic>
#include <cstdint>

namespace millrace::ingress {

/// The budget of one loop. Admits and releases on that loop; read from any thread.
class admission {
  public:
    admission(std::uint64_t max_events, std::uint64_t max_bytes) noexcept
        : max_events_(max_events), max_bytes_(max_bytes) {}

    /// Takes all of it or nothing.
    bool admit(std::uint64_t events, std::uint64_t bytes) noexcept {
        if (events_ + events > max_events_ || bytes_ + bytes > max_bytes_)
            return false;
        events_ += events;
        bytes_ += bytes;
        if (events > 0) // of the last sixteen requests or so
            usual_bytes_ += usual_bytes_ == 0 ? bytes / events : bytes / events / 16 - usual_bytes_ / 16;
        publish();
        return true;
    }

    void release(std::uint64_t events, std::uint64_t bytes) noexcept {
        events_ -= events;
        bytes_ -= bytes;
        publish();
    }

    /// Not even one more event of the size that was usual lately.
    bool full() const noexcept {
        return events_ >= max_events_ || bytes_ >= max_bytes_ || bytes_ + usual_bytes_ > max_bytes_;
    }

    std::uint64_t events() const noexcept { return visible_events_.load(std::memory_order_relaxed); }
    std::uint64_t bytes() const noexcept { return visible_bytes_.load(std::memory_order_relaxed); }
    std::uint64_t max_events() const noexcept { return max_events_; }
    std::uint64_t max_bytes() const noexcept { return max_bytes_; }

  private:
    void publish() noexcept {
        visible_events_.store(events_, std::memory_order_relaxed);
        visible_bytes_.store(bytes_, std::memory_order_relaxed);
    }

    std::uint64_t max_events_;
    std::uint64_t max_bytes_;
    std::uint64_t events_ = 0;
    std::uint64_t bytes_ = 0;
    std::uint64_t usual_bytes_ = 0;
    std::atomic<std::uint64_t> visible_events_{0};
    std::atomic<std::uint64_t> visible_bytes_{0};
};

} // namespace millrace::ingress
