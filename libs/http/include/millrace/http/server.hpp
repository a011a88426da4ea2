// An HTTP/1.1 server on one loop: listener, connections, limits, timeouts. RFC 9110 and 9112.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/error.hpp"
#include "millrace/http/router.hpp"
#include "millrace/http/tls.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace millrace::http {

/// All limits are of one server, that is of one loop; the service divides.
struct server_config {
    std::string listen = "127.0.0.1:8080"; ///< host:port, [v6]:port; port 0 takes a free one
    bool reuse_port = false;               ///< several loops share the port (SO_REUSEPORT)
    std::size_t max_connections = 10'000;  ///< one more is answered 503 `overloaded` and closed
                                           ///< (under TLS closed at once)
    std::size_t max_header_bytes = 16'384; ///< request line and headers; beyond: 431 (414 in the line itself)
    std::size_t max_body_bytes = 1'048'576;           ///< beyond: 413, with or without Content-Length
    std::size_t max_buffered_body_bytes = 67'108'864; ///< of all connections; beyond: 503 `overloaded`
    milliseconds header_timeout{10'000};              ///< from connect or first byte to end of headers: 408;
                                                      ///< a TLS handshake counts, and is closed silently
    milliseconds body_timeout{30'000};                ///< from headers to last body byte: 408
    milliseconds idle_timeout{60'000};                ///< keep-alive, between requests: closed silently
    milliseconds write_timeout{30'000};               ///< an answer that the client does not read: closed
    std::shared_ptr<const tls_context> tls;           ///< null: plain HTTP
};

/// Written on the loop, readable from any thread.
struct server_stats {
    std::atomic<std::uint64_t> connections_open{0};
    std::atomic<std::uint64_t> connections_accepted{0};
    std::atomic<std::uint64_t> connections_refused{0}; ///< over max_connections
    std::atomic<std::uint64_t> accept_failures{
        0}; ///< out of descriptors or memory; tried again 20 times a second
    std::atomic<std::uint64_t> requests{0};
    std::atomic<std::uint64_t> buffered_body_bytes{0};
    std::atomic<std::uint64_t> timeouts{0};
    std::atomic<std::uint64_t> tls_handshake_failures{0}; ///< of clients that said something
};

/// Called on the loop after an answer has been handed to the kernel (or the client went away).
struct exchange_summary {
    const http::request& request; ///< of a message that did not parse: what is known of it
    std::string_view route;       ///< router's pattern, or "other"
    unsigned status = 0;
    std::size_t request_bytes = 0; ///< with its head and framing; of one cut short, what was read
    std::size_t response_bytes = 0;
    steady_time started;  ///< its first byte was read, or its turn came behind a pipelined one
    steady_time answered; ///< the answer was there; `request.received` lies between
    steady_time written;
    const exchange_notes& notes;
};
using observer = std::function<void(const exchange_summary&)>;

/// Lives on one loop; every member function is called there, `stats()` from anywhere. Destroy it after
/// `drain` has called back, or after the loop has stopped running.
class server {
  public:
    /// `routes` outlives the server.
    server(boost::asio::io_context& loop, server_config config, const router& routes, observer observe = {});
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds and starts to accept. An error says what to do in `listen_error()`.
    error_code listen();
    const std::string& listen_error() const noexcept;

    /// The port bound, after `listen`.
    std::uint16_t port() const noexcept;

    /// For connections accepted from now on; those that are open keep theirs.
    void use(std::shared_ptr<const tls_context> tls);

    /// Stops accepting (what the kernel had queued is still taken), closes idle connections (those that were
    /// answered within the last second have another one to ask), lets requests under way be answered with
    /// `Connection: close`, and calls `done` once no connection is left. At the
    /// deadline the rest is cut off and `done` called; an exchange that is unanswered even then stays valid,
    /// for its handler to answer into the void, until the server is destroyed. Once at most.
    void drain(milliseconds deadline, std::function<void()> done);

    const server_stats& stats() const noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::http
