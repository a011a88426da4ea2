// The thread that owns the spool's database: whatever blocks on the disk happens here, and what comes while
// it is busy shares the next transaction.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/runtime/metrics.hpp"
#include "spool_room.hpp"
#include "spool_store.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace millrace::ingress {

/// Written on the disk's thread, read by any.
struct disk_stats {
    runtime::counter commits;
    runtime::counter errors;                 ///< transactions that the disk did not take
    runtime::latency_histogram commit_times; ///< of those that it took
    std::atomic<std::uint64_t> receipts{0};  ///< kept
};

/// Every function may be called from any thread, but for `start` and `stop`. What they are given to call is
/// called on the disk's thread. What waits here is within the budgets of the loops (ingress.max_in_flight_*),
/// within the windows of the publishing side, and at most `most_questions`.
class spool_disk {
  public:
    static constexpr std::size_t most_questions = 1'000;

    /// Said after each transaction that added events: to which topics.
    using added_listener = std::function<void(const std::vector<std::string>& topics)>;

    spool_disk(std::unique_ptr<spool_store> store, spool_room& room);
    ~spool_disk();

    void start(added_listener added);

    /// Does what is asked, then ends. Later questions are not answered: nobody may ask any more.
    void stop();

    void add(std::vector<spooled_event> events, std::function<void(error_code)> done);

    /// They are in Kafka: out of the spool with them. False: the disk did not take it.
    void settle(std::vector<settled_event> events, std::function<void(bool)> done);

    using events_or_failure = std::optional<std::vector<spooled_event>>;

    /// As spool_store's.
    void read(std::string topic, std::uint64_t after, std::size_t most_events, std::size_t most_bytes,
              std::function<void(events_or_failure)> done);

    /// False: too many questions wait.
    bool find(std::string id, std::optional<std::string> source,
              std::function<void(std::optional<spool_receipt>)> done);

    const disk_stats& stats() const noexcept { return stats_; }

  private:
    struct addition {
        std::vector<spooled_event> events;
        std::function<void(error_code)> done;
    };
    struct settlement {
        std::vector<settled_event> events;
        std::function<void(bool)> done;
    };

    void commit_soon();
    void commit();
    template <class Write>
    error_code write(Write what) noexcept;
    void commit_one_by_one(std::vector<addition>& added, std::vector<settlement>& settled);
    void look_for_oldest() noexcept;
    void note(const char* problem) noexcept;
    void look_after();
    void wait_to_look_after();

    std::unique_ptr<spool_store> store_;
    spool_room& room_;
    disk_stats stats_;
    added_listener added_;
    boost::asio::io_context loop_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
    boost::asio::steady_timer timer_{loop_};
    std::vector<addition> additions_; ///< of the next transaction, as are the following
    std::vector<settlement> settlements_;
    std::size_t bytes_ = 0;
    bool commit_coming_ = false;
    bool stopping_ = false;
    std::atomic<std::size_t> questions_{0};
    std::jthread thread_;
};

} // namespace millrace::ingress
