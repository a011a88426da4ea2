// The processor: a member of a consumer group that handles events, and HTTP that says what became of each.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/processor/handler.hpp"
#include "millrace/settings/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace boost::asio {
class io_context;
}

namespace millrace::processor {

/// Makes the handler, on the loop on which it will live.
using handler_factory = std::function<std::unique_ptr<handler>(boost::asio::io_context&)>;

/// One loop, on the thread that calls `run`.
class service {
  public:
    /// Throws std::runtime_error that says what to change: an address in use, a property librdkafka refuses,
    /// a handler that does not exist. Without `make_handler`, the handler is the one that the settings name.
    explicit service(const settings::file& settings, const handler_factory& make_handler = {});
    ~service();
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    /// The port bound; known from construction on.
    std::uint16_t port() const noexcept;

    /// Processes until `stop` was called (or SIGINT, SIGTERM where `handle_signals`), what is under way is
    /// finished and committed (at most `processor.drain_timeout_ms` and a few seconds longer) and the group
    /// is left.
    void run(bool handle_signals);

    /// Asks for the ordered end. From any thread, more than once.
    void stop();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::processor
