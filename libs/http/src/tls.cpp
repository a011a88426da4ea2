#include "millrace/http/tls.hpp"

#include "tls_parts.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <string_view>

namespace millrace::http {
namespace {

constexpr long resumption_s = 600;

/// A client that offers protocols, but not ours, would misunderstand the answer (RFC 7301, section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, known_protocol.data(), known_protocol.size(), offered,
                              offered_size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

bool set_rules(SSL_CTX* c) {
    SSL_CTX_set_options(c, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF); // tickets: the client keeps the session
    SSL_CTX_set_timeout(c, resumption_s);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
    static constexpr unsigned char name[] = "millrace";
    return set_common_rules(c) && SSL_CTX_set_session_id_context(c, name, sizeof name - 1) == 1;
}

std::string require_clients_of(SSL_CTX* c, const std::string& file) {
    if (std::string why = unreadable(file); !why.empty())
        return why;
    STACK_OF(X509_NAME)* const names = SSL_load_client_CA_file(file.c_str());
    if (names == nullptr || SSL_CTX_load_verify_file(c, file.c_str()) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return "has no certificate in PEM: " + reason() + ".";
    }
    SSL_CTX_set_client_CA_list(c, names);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    return {};
}

} // namespace

std::shared_ptr<tls_context> tls_context::load(const tls_files& files, std::string& problem) {
    ERR_clear_error();
    SSL_CTX* const c = SSL_CTX_new(TLS_server_method());
    if (c == nullptr) {
        problem = "OpenSSL has no TLS: " + reason() + ".";
        return nullptr;
    }
    std::shared_ptr<tls_context> made(new tls_context(c));
    if (!set_rules(c)) {
        problem = "OpenSSL lacks what TLS needs here: " + reason() + ".";
        return nullptr;
    }
    const auto fails = [&](const std::string& file, const std::string& why) {
        if (!why.empty())
            problem = file + " " + why;
        return !why.empty();
    };
    if (fails(files.certificate, use_certificate(c, files.certificate)) ||
        fails(files.key, use_key(c, files.key)))
        return nullptr;
    // A ticket would let its client in without a look at the certificate, whether it is valid still.
    if (!files.client_ca.empty()) {
        SSL_CTX_set_options(c, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(c, 0);
    }
    if (!files.client_ca.empty() && fails(files.client_ca, require_clients_of(c, files.client_ca)))
        return nullptr;
    return made;
}

tls_context::~tls_context() {
    SSL_CTX_free(context_);
}

} // namespace millrace::http
