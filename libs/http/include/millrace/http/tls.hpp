// Certificates of an HTTPS server, and whether its clients need one; and whom an HTTPS client believes.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st; // OpenSSL's

namespace millrace::http {

/// PEM files.
struct tls_files {
    std::string certificate; ///< the server's own, then those between it and its root
    std::string key;         ///< of the first, without passphrase
    std::string client_ca;   ///< who signs certificates of clients; empty: clients need none
};

/// PEM files, all of them optional.
struct client_tls_files {
    std::string ca;          ///< who signs servers' certificates, instead of those whom the system believes
    std::string certificate; ///< shown to servers that ask for one, then those between it and its root
    std::string key;         ///< of the first, without passphrase
};

/// TLS 1.2 and 1.3, suites with forward secrecy and authenticated encryption, no renegotiation, no
/// compression, no early data (RFC 9325). ALPN knows http/1.1. Sessions are resumed for ten minutes, by
/// tickets that no other context takes; none where clients need certificates, which are looked at whenever
/// one connects. Immutable; may be shared by the servers of several
/// loops.
class tls_context {
  public:
    /// Reads the files, which blocks. Null where they cannot be used; `problem` says which one and why.
    static std::shared_ptr<tls_context> load(const tls_files& files, std::string& problem);

    /// For a client, which verifies the server's certificate: chain, time and, when it connects, name. The
    /// same rules but for sessions: each connection shakes hands in full.
    static std::shared_ptr<tls_context> load_client(const client_tls_files& files, std::string& problem);

    ~tls_context();
    tls_context(const tls_context&) = delete;
    tls_context& operator=(const tls_context&) = delete;

    ssl_ctx_st* native() const noexcept { return context_; }

  private:
    explicit tls_context(ssl_ctx_st* owned) : context_(owned) {}

    ssl_ctx_st* context_;
};

} // namespace millrace::http
