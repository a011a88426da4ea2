#include "certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <stdlib.h>

namespace millrace::http::testing {
namespace {

struct freed {
    void operator()(EVP_PKEY* k) const { EVP_PKEY_free(k); }
    void operator()(X509* c) const { X509_free(c); }
    void operator()(X509_EXTENSION* e) const { X509_EXTENSION_free(e); }
    void operator()(std::FILE* f) const { std::fclose(f); }
};
template <class T>
using owned = std::unique_ptr<T, freed>;

owned<std::FILE> open(const std::string& path, const char* mode) {
    owned<std::FILE> f(std::fopen(path.c_str(), mode));
    if (!f)
        throw std::runtime_error("cannot open " + path);
    return f;
}

void extend(X509* c, X509* issuer, int what, const std::string& value) {
    if (value.empty())
        return;
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, c, nullptr, nullptr, 0);
    const owned<X509_EXTENSION> e(X509V3_EXT_conf_nid(nullptr, &context, what, value.c_str()));
    if (!e || X509_add_ext(c, e.get(), -1) != 1)
        throw std::runtime_error("no such extension: " + value);
}

} // namespace

certificates::certificates() {
    std::string made = (std::filesystem::temp_directory_path() / "millrace-tls-XXXXXX").string();
    if (::mkdtemp(made.data()) == nullptr)
        throw std::runtime_error("no temporary folder");
    folder_ = made;
}

certificates::~certificates() {
    std::error_code ignored; // what is left in /tmp harms nobody
    std::filesystem::remove_all(folder_, ignored);
}

void certificates::make(const std::string& name, const certificate_wish& wish) {
    const owned<EVP_PKEY> key(wish.rsa_bits == 0 ? EVP_EC_gen("P-256")
                                                 : EVP_RSA_gen(static_cast<unsigned>(wish.rsa_bits)));
    const owned<X509> c(X509_new());
    X509_set_version(c.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(c.get()), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(c.get()), wish.from_s);
    X509_gmtime_adj(X509_getm_notAfter(c.get()), wish.until_s);
    X509_set_pubkey(c.get(), key.get());
    X509_NAME* const subject = X509_get_subject_name(c.get());
    X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>("tests"),
                               -1, -1, 0);
    for (const std::string& cn : wish.common_names)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                   reinterpret_cast<const unsigned char*>(cn.data()),
                                   static_cast<int>(cn.size()), -1, 0);
    owned<X509> issuer;
    owned<EVP_PKEY> issuer_key;
    if (!wish.issuer.empty()) {
        issuer.reset(PEM_read_X509(open(path(wish.issuer + ".pem"), "r").get(), nullptr, nullptr, nullptr));
        issuer_key.reset(
            PEM_read_PrivateKey(open(path(wish.issuer + ".key"), "r").get(), nullptr, nullptr, nullptr));
    }
    X509* const signer = issuer ? issuer.get() : c.get();
    X509_set_issuer_name(c.get(), X509_get_subject_name(signer));
    extend(c.get(), signer, NID_basic_constraints, wish.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(c.get(), signer, NID_subject_alt_name, wish.alternative_names);
    extend(c.get(), signer, NID_ext_key_usage, wish.purpose);
    if (X509_sign(c.get(), issuer ? issuer_key.get() : key.get(), EVP_sha256()) == 0 ||
        PEM_write_X509(open(path(name + ".pem"), "w").get(), c.get()) != 1 ||
        PEM_write_PrivateKey(open(path(name + ".key"), "w").get(), key.get(), nullptr, nullptr, 0, nullptr,
                             nullptr) != 1)
        throw std::runtime_error("cannot make the certificate " + name);
}

void certificates::write(const std::string& file, const std::string& text) const {
    std::ofstream(folder_ / file) << text;
}

std::shared_ptr<tls_context> certificates::context(const std::string& name,
                                                   const std::string& client_ca) const {
    std::string problem;
    auto made = tls_context::load({.certificate = path(name + ".pem"),
                                   .key = path(name + ".key"),
                                   .client_ca = client_ca.empty() ? "" : path(client_ca + ".pem")},
                                  problem);
    if (!made)
        throw std::runtime_error(problem);
    return made;
}

} // namespace millrace::http::testing
