// One loop of the ingress: a thread's HTTP server, its producers, and the path of events between them.
#pragma once

#include "access_log.hpp"
#include "admission.hpp"
#include "event_path.hpp"
#include "loop_metrics.hpp"
#include "millrace/http/router.hpp"
#include "millrace/http/server.hpp"
#include "millrace/kafka/publisher.hpp"
#include "reception.hpp"
#include "shared_state.hpp"
#include "spool_desk.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>

namespace millrace::ingress {

/// Constructed on the main thread, runs and ends on its own. The members that other threads may read say so.
class worker {
  public:
    worker(shared_state& shared, std::string listen);
    worker(const worker&) = delete;
    worker& operator=(const worker&) = delete;

    /// Binds. Throws std::runtime_error where that is not possible.
    void listen();

    boost::asio::io_context& loop() noexcept { return loop_; }
    std::uint16_t port() const noexcept { return server_->port(); }

    /// Refuses new events, answers what was admitted, settles what is in flight, then calls `done`; on the
    /// loop.
    void drain(std::function<void()> done);

    /// From the next request, and the next connection, on these hold. On the loop.
    void use(const std::shared_ptr<const rules>& fresh);

    /// For the metrics, by the first loop alone.
    void count_reload(bool success) noexcept { metrics_.reloads.count(success, system_now().value / 1'000); }

    /// Why a POST would be refused now, one reason a check; empty: ready. On the loop.
    std::vector<http::problem::error> failing_checks() const;

    const loop_metrics& metrics() const noexcept { return metrics_; }                         ///< any thread
    const admission& budget() const noexcept { return budget_; }                              ///< any thread
    const http::server_stats& http_stats() const noexcept { return server_->stats(); }        ///< any thread
    const kafka::publisher_stats& kafka_stats() const noexcept { return publisher_.stats(); } ///< any thread

  private:
    void add_routes();
    void watch_deadlines();

    shared_state& shared_;
    // One thread runs it, and others only post to it: its sockets and timers need no locks.
    boost::asio::io_context loop_{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
    boost::asio::steady_timer deadline_timer_{loop_};
    loop_metrics metrics_;
    access_log access_log_;
    admission budget_;
    kafka::publisher publisher_;
    event_path path_;
    spool_desk desk_;
    reception reception_;
    http::router router_;
    std::unique_ptr<http::server> server_;
    bool draining_ = false;
    bool drained_ = false;
};

} // namespace millrace::ingress
