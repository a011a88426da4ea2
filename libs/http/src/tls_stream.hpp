// TLS on a socket, driven by readiness: OpenSSL reads and writes the socket itself, without the buffers in
// between that asio::ssl gives to every connection (about 70 KiB).
#pragma once

#include "millrace/core/error.hpp"
#include "millrace/http/tls.hpp"
#include "socket.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

struct ssl_st; // OpenSSL's

namespace millrace::http {

/// Owned by its connection, on its loop. Not to be moved once the handshake has begun. At most one operation
/// of a kind at a time; closing the socket cancels them, and their handlers are called before it may go.
class tls_stream {
  public:
    /// Of a server.
    tls_stream(socket_type socket, const tls_context& with);
    /// Of a client: the server's certificate has to be of `host`, a name or an address, which it is also told
    /// (SNI; an address is not).
    tls_stream(socket_type socket, const tls_context& with, const std::string& host);

    socket_type& lowest_layer() noexcept { return socket_; }

    /// Done: void(error_code, std::size_t), here and below; never called from within.
    template <class Done>
    void async_handshake(Done done) {
        attach();
        perform([this] { return shake_hands(); }, std::move(done), true);
    }

    template <class Done>
    void async_read_some(boost::asio::mutable_buffer to, Done done) {
        perform([this, to] { return read(to); }, std::move(done), true);
    }

    template <class Done>
    void async_write_some(boost::asio::const_buffer from, Done done) {
        perform([this, from] { return write(from); }, std::move(done), true);
    }

    /// Of the peer's certificate, after the handshake: its one common name, or else its first alternative
    /// name; empty without certificate.
    std::string_view subject() const noexcept { return subject_; }

    bool heard_anything() const noexcept;                     ///< one octet at least
    bool heard_plain_http() const noexcept { return plain_; } ///< the handshake failed for that

    /// Why TLS itself failed, for people; empty where it did not, or the connection just ended.
    std::string failure() const;

    /// close_notify, where it can be sent now and no write is under way.
    void say_goodbye() noexcept;

  private:
    enum class wait { none, readable, writable };
    struct outcome {
        wait before_more = wait::none; ///< none: it is done
        error_code ec;
        std::size_t bytes = 0;
    };

    void attach() noexcept;
    outcome shake_hands();
    outcome read(boost::asio::mutable_buffer to);
    outcome write(boost::asio::const_buffer from);
    outcome explain(int result);

    /// Tries, and again whenever the socket is ready, until it is done.
    template <class Operation, class Done>
    void perform(Operation operation, Done done, bool first) {
        const outcome o = operation();
        if (o.before_more == wait::none && first)
            return boost::asio::post(socket_.get_executor(),
                                     [done = std::move(done), o]() mutable { done(o.ec, o.bytes); });
        if (o.before_more == wait::none)
            return done(o.ec, o.bytes);
        socket_.async_wait(o.before_more == wait::readable ? socket_type::wait_read : socket_type::wait_write,
                           [this, operation, done = std::move(done)](const error_code& ec) mutable {
                               ec ? done(ec, 0) : perform(operation, std::move(done), false);
                           });
    }

    struct free_ssl {
        void operator()(ssl_st* ssl) const noexcept;
    };
    socket_type socket_;
    std::unique_ptr<ssl_st, free_ssl> ssl_;
    bool broken_ = false; ///< nothing can be sent or received any more, but for octets to be discarded
    bool plain_ = false;
    const char* reason_ = nullptr; ///< of a failure; static text of OpenSSL's
    std::string subject_;
};

/// Nothing: a write that waits has to go on with the same octets.
inline std::size_t write_at_once(tls_stream&, boost::asio::const_buffer, error_code& ec) {
    ec = boost::asio::error::would_block;
    return 0;
}

inline void say_goodbye(tls_stream& stream) noexcept {
    stream.say_goodbye();
}

} // namespace millrace::http
