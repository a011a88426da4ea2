// The TLS context of a client.
#include "millrace/http/tls.hpp"
#include "tls_parts.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

namespace millrace::http {
namespace {

bool set_rules(SSL_CTX* c) {
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
    return set_common_rules(c) && SSL_CTX_set_alpn_protos(c, known_protocol.data(),
                                                          static_cast<unsigned>(known_protocol.size())) == 0;
}

std::string believe(SSL_CTX* c, const std::string& file) {
    if (std::string why = unreadable(file); !why.empty())
        return why;
    return SSL_CTX_load_verify_file(c, file.c_str()) == 1 ? ""
                                                          : "has no certificate in PEM: " + reason() + ".";
}

} // namespace

std::shared_ptr<tls_context> tls_context::load_client(const client_tls_files& files, std::string& problem) {
    ERR_clear_error();
    SSL_CTX* const c = SSL_CTX_new(TLS_client_method());
    if (c == nullptr) {
        problem = "OpenSSL has no TLS: " + reason() + ".";
        return nullptr;
    }
    std::shared_ptr<tls_context> made(new tls_context(c));
    if (!set_rules(c) || (files.ca.empty() && SSL_CTX_set_default_verify_paths(c) != 1)) {
        problem = "OpenSSL lacks what TLS needs here: " + reason() + ".";
        return nullptr;
    }
    const auto fails = [&](const std::string& file, const std::string& why) {
        if (!why.empty())
            problem = file + " " + why;
        return !why.empty();
    };
    if ((!files.ca.empty() && fails(files.ca, believe(c, files.ca))) ||
        (!files.certificate.empty() && (fails(files.certificate, use_certificate(c, files.certificate)) ||
                                        fails(files.key, use_key(c, files.key)))))
        return nullptr;
    return made;
}

} // namespace millrace::http
