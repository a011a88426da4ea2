#include "tls_parts.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstring>
#include <fstream>

namespace millrace::http {
namespace {

int has_no_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

} // namespace

std::string reason() {
    const char* const text = ERR_reason_error_string(ERR_peek_last_error());
    std::string said = text == nullptr ? "no reason given" : text;
    ERR_clear_error();
    return said;
}

bool set_common_rules(SSL_CTX* c) {
    SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // Idle connections keep no buffers; a write may be tried again from where the octets have moved to.
    SSL_CTX_set_mode(c, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(c, 1); // a record in one system call
    SSL_CTX_set_security_level(c, 2);
    return SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_cipher_list(c, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1;
}

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

} // namespace millrace::http
