// An HTTP/1.1 client for deliveries: POSTs to one URL over a few connections that are kept. RFC 9110 and
// 9112.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/error.hpp"
#include "millrace/core/field.hpp"
#include "millrace/http/tls.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace boost::asio {
class io_context;
}

namespace millrace::http {

/// Why there is no answer. Each is one condition of core; none says that the request was not acted upon but
/// the first three.
enum class client_errc {
    unresolved = 1, ///< no address for the host; unavailable
    unreachable,    ///< no address of the host could be connected to; unavailable
    tls_refused,    ///< no TLS connection: its certificate, or what else the other side did; unavailable
    timed_out,      ///< the time of the request, or of its connection, is over; timed_out
    interrupted,    ///< the connection ended before the answer was whole; outcome_unknown
    malformed,      ///< what came is no HTTP answer; outcome_unknown
};

const boost::system::error_category& client_category() noexcept;

inline error_code make_error_code(client_errc e) noexcept {
    return {static_cast<int>(e), client_category()};
}

struct client_config {
    std::string url;                        ///< http(s)://host[:port][/path][?query]
    milliseconds timeout{10'000};           ///< of a request, from `post` to the last byte of its answer
    milliseconds connect_timeout{3'000};    ///< of its part that makes a connection, TLS included
    milliseconds idle_timeout{30'000};      ///< a connection that is not used for so long is closed
    std::size_t max_connections = 16;       ///< and so many requests at once
    std::size_t max_head_bytes = 16'384;    ///< of an answer; a larger head is malformed
    std::size_t max_body_bytes = 65'536;    ///< more is not read: the answer counts, the connection is closed
    std::size_t kept_body_bytes = 512;      ///< of the body, for a message
    std::shared_ptr<const tls_context> tls; ///< of `tls_context::load_client`; https needs it
};

/// Views: valid during the call that brings it.
struct client_answer {
    error_code error;             ///< of client_category; then there is a `detail` and nothing else
    std::string_view detail;      ///< what happened, for people
    unsigned status = 0;          ///< 200 to 999: interim answers are passed over
    std::string_view retry_after; ///< the header, as sent; empty where there is none
    std::string_view body;        ///< its beginning
};

struct client_stats {
    std::uint64_t connections = 0; ///< open, or being made
    std::uint64_t idle = 0;        ///< of them, without a request
    std::uint64_t opened = 0;      ///< in all
    std::uint64_t reopened = 0;    ///< requests that met a connection which the other side had closed
};

/// Lives on one loop; every call is made there. Destroyed there at any time, also by a callback of its own:
/// what is under way is cut off and its callbacks are never called. No redirect is followed, no cookie kept,
/// no proxy used. A name is looked up anew for every connection, by the resolver's own thread; all its
/// addresses are tried. TLS is verified: chain, host name, time.
class client {
  public:
    using callback = std::function<void(const client_answer&)>;

    /// Throws std::runtime_error where the URL is none, or https has no `tls`.
    client(boost::asio::io_context& loop, client_config config);
    ~client();
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    /// Whether `max_connections` requests are under way.
    bool full() const noexcept;

    /// Sends headers and body, which are copied; Host and Content-Length are its own. `then` is called once,
    /// never from within. A kept connection that turns out to be closed before any byte of an answer is
    /// replaced once. Not while `full`: std::logic_error.
    void post(std::span<const field> headers, std::string_view body, callback then);

    client_stats stats() const noexcept;

    /// "https://host:port": who is talked to, without what may be a secret of the path.
    const std::string& origin() const noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::http

template <>
struct boost::system::is_error_code_enum<millrace::http::client_errc> : std::true_type {};
