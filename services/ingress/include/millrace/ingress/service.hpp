// The ingress: HTTP in, Kafka out. One of it a process, or several in a test.
#pragma once

#include "millrace/settings/load.hpp"
#include "millrace/settings/settings.hpp"

#include <cstdint>
#include <functional>
#include <memory>

namespace millrace::ingress {

/// Reads the settings anew; called on a thread of its own.
using reload_source = std::function<settings::loaded()>;

/// Runs `http.threads` loops, each with an HTTP server and producers of its own; the calling thread is the
/// first.
class service {
  public:
    /// Throws std::runtime_error that says what to change: an address in use, a certificate that cannot be
    /// read, a property librdkafka refuses. Without `source` there is nothing to reload.
    explicit service(const settings::file& settings, reload_source source = {});
    ~service();
    service(const service&) = delete;
    service& operator=(const service&) = delete;

    /// The port bound; known from construction on.
    std::uint16_t port() const noexcept;

    /// Serves until `stop` was called (or SIGINT, SIGTERM where `handle_signals`) and everything admitted is
    /// answered, at most `ingress.drain_timeout_ms` and a second longer.
    void run(bool handle_signals);

    /// Reads the settings again, as SIGHUP does: docs/configuration.md. From any thread.
    void reload();

    /// Asks for the ordered end. From any thread, more than once.
    void stop();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::ingress
