#include "tls_client.hpp"

#include <openssl/ssl.h>

#include <csignal>
#include <stdexcept>

namespace millrace::http::testing {

tls_client::tls_client(std::uint16_t port, const tls_wish& wish)
    : client(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
    std::signal(SIGPIPE, SIG_IGN); // the library writes to a socket that may be closed
    SSL_CTX_set_security_level(context_, 0);
    SSL_CTX_set_min_proto_version(context_, wish.least_version);
    SSL_CTX_set_max_proto_version(context_, wish.most_version);
    if (!wish.suites.empty())
        SSL_CTX_set_cipher_list(context_, wish.suites.c_str());
    if (!wish.trust.empty()) {
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
        if (SSL_CTX_load_verify_file(context_, wish.trust.c_str()) != 1)
            throw std::runtime_error("cannot load " + wish.trust);
    }
    if (!wish.certificate.empty() &&
        (SSL_CTX_use_certificate_chain_file(context_, wish.certificate.c_str()) != 1 ||
         SSL_CTX_use_PrivateKey_file(context_, wish.key.c_str(), SSL_FILETYPE_PEM) != 1))
        throw std::runtime_error("cannot load " + wish.certificate);
    if (!wish.protocols.empty())
        SSL_CTX_set_alpn_protos(context_, reinterpret_cast<const unsigned char*>(wish.protocols.data()),
                                static_cast<unsigned>(wish.protocols.size()));
    ssl_ = SSL_new(context_);
    if (wish.session != nullptr)
        SSL_set_session(ssl_, wish.session);
    SSL_set_fd(ssl_, descriptor());
    agreed_ = SSL_connect(ssl_) == 1;
}

tls_client::~tls_client() {
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); // else its session were spoilt
    SSL_free(ssl_);
    SSL_CTX_free(context_);
}

bool tls_client::send(std::string_view octets) {
    while (!octets.empty()) {
        const int n = agreed_ ? SSL_write(ssl_, octets.data(), static_cast<int>(octets.size())) : 0;
        if (n <= 0)
            return false;
        octets.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

long tls_client::receive(char* to, std::size_t room) {
    return agreed_ ? SSL_read(ssl_, to, static_cast<int>(room)) : -1;
}

std::string tls_client::protocol() const {
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &chosen, &size);
    return {reinterpret_cast<const char*>(chosen), size};
}

bool tls_client::resumed() const {
    return SSL_session_reused(ssl_) == 1;
}

bool tls_client::said_goodbye() const {
    return (SSL_get_shutdown(ssl_) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_client::renegotiate() {
    return SSL_renegotiate(ssl_) == 1 && SSL_do_handshake(ssl_) == 1 && SSL_renegotiate_pending(ssl_) == 0 &&
           send(get("/hello")) && read().status == 200;
}

std::shared_ptr<ssl_session_st> tls_client::session() {
    return {SSL_get1_session(ssl_), [](SSL_SESSION* s) { SSL_SESSION_free(s); }};
}

answer ask(std::uint16_t port, const tls_wish& wish, std::string_view octets) {
    tls_client c(port, wish);
    c.send(octets);
    return c.read();
}

} // namespace millrace::http::testing
