// The spool of an instance: where events go that Kafka cannot take now. Answered 202 once they are on the
// disk, published when the broker is back. docs/spool.md, docs/adr/0016
#pragma once

#include "idempotency_window.hpp"
#include "millrace/kafka/publisher.hpp"
#include "millrace/settings/settings.hpp"
#include "spool_disk.hpp"
#include "spool_drain.hpp"
#include "spool_keys.hpp"
#include "spool_room.hpp"
#include "topics.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// Shared by all loops; every function may be called from any of them, and none blocks, but for the
/// constructor and `stop`.
class spool {
  public:
    /// Opens the file and reads it through; what waits in it is in the window, and holds its keys, before the
    /// first request comes. Throws std::runtime_error that says what to do.
    spool(const settings::file& from, const topics& known, idempotency_window& window);
    ~spool();

    /// Whether an event of that key would pass one that waits here.
    bool holds(std::string_view topic, std::string_view key) const noexcept {
        return keys_.holds(topic, key);
    }

    /// Whether nothing waits, here or on its way through.
    bool empty() const noexcept {
        return drained_.waiting.load(std::memory_order_relaxed) == 0 &&
               drained_.passing.load(std::memory_order_relaxed) == 0;
    }

    /// Whether what waits is about to be sent, so that events may go to Kafka right behind it.
    bool takes_passengers() const noexcept { return drain_.takes_passengers(); }

    /// They go behind what is there, of one topic, and are told each by itself, on another thread. Nothing of
    /// them is on the disk.
    void pass(std::vector<spool_passenger> events);

    /// Why nothing is taken now, or nothing.
    error_code refusal() const noexcept { return room_.refusal(system_now()); }

    /// Takes all of them, in one transaction behind those before, or says at once why not. `done` is called
    /// once they are on the disk, or are not, on another thread.
    error_code add(std::vector<spooled_event> events, std::function<void(error_code)> done);

    /// What is known of an id. False: too many ask. `done` is called on another thread.
    bool find(std::string id, std::optional<std::string> source,
              std::function<void(std::optional<spool_receipt>)> done);

    /// Publishes for as long as the broker is there, at most to the deadline. Once no loop takes requests any
    /// more; those that wait are still told.
    void begin_stop(steady_time deadline) { drain_.begin_stop(deadline); }

    /// Waits for that, and ends. Once no loop asks any more.
    void stop(steady_time deadline);

    const spool_room& room() const noexcept { return room_; }
    const drain_stats& drained() const noexcept { return drained_; }
    const disk_stats& disk() const noexcept { return disk_.stats(); }
    std::uint64_t added() const noexcept { return added_.load(std::memory_order_relaxed); }

  private:
    std::unique_ptr<spool_store> load(const settings::spool& from, idempotency_window& window);

    spool_room room_;
    spool_keys keys_;
    drain_stats drained_;
    std::atomic<std::uint64_t> added_{0}; ///< events that were answered 202 from here, since the start
    std::vector<std::string> found_topics_;
    spool_disk disk_;
    spool_drain drain_;
};

} // namespace millrace::ingress
