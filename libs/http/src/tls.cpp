#include "millrace/http/tls.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace millrace::http {
namespace {

constexpr long resumption_s = 600;
constexpr unsigned char known_protocol[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// What OpenSSL said last, and nothing of it left for the next call.
std::string reason() {
    const char* const text = ERR_reason_error_string(ERR_peek_last_error());
    std::string said = text == nullptr ? "no reason given" : text;
    ERR_clear_error();
    return said;
}

/// A client that offers protocols, but not ours, would misunderstand the answer (RFC 7301, section 3.2).
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
    unsigned char* found = nullptr;
    if (SSL_select_next_proto(&found, size, known_protocol, sizeof known_protocol, offered, offered_size) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = found;
    return SSL_TLSEXT_ERR_OK;
}

int has_no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

bool set_rules(SSL_CTX* c) {
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                               SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Idle connections keep no buffers; a write may be tried again from where the answer has moved to.
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(c, 1); // a record in one system call
    SSL_CTX_set_security_level(c, 2);
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF); // tickets: the client keeps the session
    SSL_CTX_set_timeout(c, resumption_s);
    SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
    static constexpr unsigned char name[] = "millrace";
    return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 &&
           SSL_CTX_set_session_id_context(c, name, sizeof name - 1) == 1;
}

/// Empty, or why not: OpenSSL's own words do not tell a missing file from a bad one.
std::string unreadable(const std::string& file) {
    errno = 0;
    const std::ifstream in(file);
    if (in)
        return {};
    return "cannot be read: " + std::string(errno == 0 ? "not a file" : std::strerror(errno)) + ".";
}

std::string use_certificate(SSL_CTX* c, const std::string& file) {
    if (std::string why = unreadable(file); !why.empty())
        return why;
    if (SSL_CTX_use_certificate_chain_file(c, file.c_str()) != 1)
        return "has no certificate in PEM that can be used: " + reason() + ".";
    if (X509_cmp_current_time(X509_get0_notAfter(SSL_CTX_get0_certificate(c))) < 0)
        return "holds a certificate that has expired; get a new one.";
    return {};
}

std::string use_key(SSL_CTX* c, const std::string& file) {
    if (std::string why = unreadable(file); !why.empty())
        return why;
    bool passphrase_asked = false;
    SSL_CTX_set_default_passwd_cb(c, has_no_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(c, &passphrase_asked);
    const bool used = SSL_CTX_use_PrivateKey_file(c, file.c_str(), SSL_FILETYPE_PEM) == 1;
    SSL_CTX_set_default_passwd_cb_userdata(c, nullptr);
    if (passphrase_asked)
        return "is encrypted with a passphrase; store the key without one, readable by this service alone.";
    if (!used) {
        const bool other = ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_VALUES_MISMATCH ||
                           ERR_GET_REASON(ERR_peek_last_error()) == X509_R_KEY_TYPE_MISMATCH;
        const std::string why = reason();
        return other ? "is not the key of the certificate." : "has no private key in PEM: " + why + ".";
    }
    if (SSL_CTX_check_private_key(c) != 1) {
        ERR_clear_error();
        return "is not the key of the certificate.";
    }
    return {};
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
