// POST and GET /v1/dead-letters/redrive: one redrive at a time, as a job whose end the client may wait for.
#pragma once

#include "admin_gate.hpp"
#include "millrace/http/request.hpp"
#include "millrace/kafka/cluster.hpp"
#include "millrace/kafka/transactor.hpp"
#include "millrace/runtime/metrics.hpp"
#include "millrace/settings/settings.hpp"
#include "redrive_job.hpp"
#include "topic_keeper.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace millrace::processor {

/// Lives on the loop. `close` it before the HTTP server drains.
class redrive {
  public:
    /// All arguments outlive it. Throws std::runtime_error where the settings are not usable.
    redrive(boost::asio::io_context& loop, kafka::cluster& cluster, topic_keeper& topics,
            const settings::file& settings, const admin_gate& gate);

    void order(http::exchange& e);
    void show(http::exchange& e) const;

    /// For /status: a JSON object, or nothing before the first redrive.
    std::string status_json() const;
    std::uint64_t letters_redriven() const noexcept {
        return redriven_.value() + (running_ ? job_->report().redriven : 0);
    }

    /// Takes no more orders; ends the job at its next step.
    void close();
    /// Calls `done` when no job runs (any more).
    void when_idle(std::function<void()> done);

  private:
    void begin(http::exchange& e, redrive_order order);
    void on_end();
    void answer();

    boost::asio::io_context& loop_;
    boost::asio::steady_timer hold_timer_;
    kafka::cluster& cluster_;
    topic_keeper& topics_;
    const settings::file& settings_;
    const admin_gate& gate_;
    kafka::transactor transactor_;
    std::unique_ptr<redrive_job> job_; ///< the last one, also after its end
    http::exchange* held_ = nullptr;   ///< waits for its end
    std::function<void()> on_idle_;
    runtime::counter redriven_; ///< by jobs that have ended
    bool running_ = false;
    bool closed_ = false;
};

} // namespace millrace::processor
