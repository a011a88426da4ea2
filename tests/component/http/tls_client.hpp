// A client that speaks TLS, or tries to.
#pragma once

#include "fixture.hpp"

#include <cstdint>
#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

namespace millrace::http::testing {

struct tls_wish {
    std::string trust = {};       ///< PEM file; empty: whoever answers
    std::string certificate = {}; ///< PEM file; empty: none is shown
    std::string key = {};
    int least_version = 0; ///< 0: what the library has; TLS1_2_VERSION and so on
    int most_version = 0;
    std::string suites = {};           ///< of TLS 1.2
    std::string protocols = {};        ///< ALPN, as on the wire
    ssl_session_st* session = nullptr; ///< to be resumed
};

class tls_client final : public client {
  public:
    /// Shakes hands; see `agreed`.
    tls_client(std::uint16_t port, const tls_wish& wish);
    ~tls_client() override;

    /// Under TLS 1.3 a server that refuses the client's certificate says so only afterwards.
    bool agreed() const noexcept { return agreed_; }

    bool send(std::string_view octets) override;

    std::string protocol() const; ///< chosen by ALPN
    bool resumed() const;
    bool said_goodbye() const; ///< close_notify has come
    bool renegotiate();        ///< asks for it, and whether the server agreed
    std::shared_ptr<ssl_session_st> session();

  protected:
    long receive(char* to, std::size_t room) override;

  private:
    ssl_ctx_st* context_;
    ssl_st* ssl_;
    bool agreed_ = false;
};

/// One request on a connection of its own.
answer ask(std::uint16_t port, const tls_wish& wish, std::string_view octets);

} // namespace millrace::http::testing
