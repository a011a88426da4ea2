// The connection of a client as a stream of octets, under TLS or not.
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/http/tls.hpp"
#include "socket.hpp"

#include <boost/asio/buffer.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace millrace::http {

/// At most one operation of a kind at a time. `close` cancels them; the stream has to outlive them.
class client_stream {
  public:
    using done = std::function<void(const error_code&, std::size_t)>; ///< never called from within

    virtual ~client_stream() = default;
    virtual void shake_hands(done then) = 0;
    virtual void read_some(boost::asio::mutable_buffer to, done then) = 0;
    virtual void write_some(boost::asio::const_buffer from, done then) = 0;
    virtual void close(bool politely) noexcept = 0; ///< politely: no write is under way

    /// What TLS objects to; empty where it does not.
    virtual std::string failure() const = 0;
};

/// `socket` is connected. `tls` is null for plain HTTP, else it outlives the stream; `host` is whose
/// certificate is expected.
std::unique_ptr<client_stream> make_client_stream(socket_type socket, const tls_context* tls,
                                                  const std::string& host);

} // namespace millrace::http
