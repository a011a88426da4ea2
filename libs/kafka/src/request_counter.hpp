// Makes of one producer's statistics what its lane counts, on and on over the producers that it had.
#pragma once

#include "millrace/kafka/publisher.hpp"
#include "producer.hpp"

#include <cstdint>

namespace millrace::kafka {

/// One for each producer; called on its loop.
class request_counter {
  public:
    /// Nothing to do where there are no new statistics.
    void count(const producer& from, lane_stats& to) {
        if (from.statistics_read() == read_)
            return;
        read_ = from.statistics_read();
        const statistics& now = from.last_statistics();
        add(to.request_errors, counted_.request_errors, now.request_errors);
        add(to.request_retries, counted_.request_retries, now.request_retries);
        add(to.request_timeouts, counted_.request_timeouts, now.request_timeouts);
        to.requests_waiting.store(now.requests_waiting, std::memory_order_relaxed);
        if (now.queue_us > 0)
            to.queue_us.store(now.queue_us, std::memory_order_relaxed);
        if (now.round_trip_us > 0) { // there were answers, which say whether they were held back
            to.round_trip_us.store(now.round_trip_us, std::memory_order_relaxed);
            to.throttle_us.store(now.throttle_us, std::memory_order_relaxed);
        }
        counted_ = now;
    }

  private:
    /// A broker that is forgotten takes its counts with it: then there is nothing to add.
    static void add(std::atomic<std::uint64_t>& all, std::uint64_t before, std::uint64_t after) {
        if (after > before)
            all.fetch_add(after - before, std::memory_order_relaxed);
    }

    std::uint64_t read_ = 0; ///< of the producer's statistics
    statistics counted_;     ///< the latest of them
};

} // namespace millrace::kafka
