// Files that cannot be used are named, with what is wrong and what to do.
#include "certificates.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <cstdio>

using namespace millrace;
using namespace millrace::http;
using namespace millrace::http::testing;

namespace {

void encrypt_key(const std::string& from, const std::string& to) {
    std::FILE* f = std::fopen(from.c_str(), "r");
    EVP_PKEY* const key = PEM_read_PrivateKey(f, nullptr, nullptr, nullptr);
    std::fclose(f);
    f = std::fopen(to.c_str(), "w");
    const unsigned char passphrase[] = "secret";
    PEM_write_PrivateKey(f, key, EVP_aes_128_cbc(), passphrase, sizeof passphrase - 1, nullptr, nullptr);
    std::fclose(f);
    EVP_PKEY_free(key);
}

} // namespace

TEST_CASE("each file is named when it is the one that is wrong") {
    certificates made;
    made.make("ca", {.common_names = {"CA"}, .authority = true});
    made.make("good", {.common_names = {"good"}, .issuer = "ca"});
    made.make("rsa", {.common_names = {"rsa"}, .issuer = "ca", .rsa_bits = 2048});
    made.make("weak", {.common_names = {"weak"}, .issuer = "ca", .rsa_bits = 1024});
    made.make("other", {.common_names = {"other"}, .issuer = "ca"});
    made.make("expired", {.common_names = {"expired"}, .issuer = "ca", .from_s = -1'000, .until_s = -10});
    made.write("empty.pem", "");
    made.write("text.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    encrypt_key(made.path("good.key"), made.path("encrypted.key"));
    const struct {
        std::string certificate;
        std::string key;
        std::string client_ca;
        std::string named; ///< empty: nothing is wrong
        std::string why;
    } table[] = {
        {"good.pem", "good.key", "", "", ""},
        {"good.pem", "good.key", "ca.pem", "", ""},
        {"rsa.pem", "rsa.key", "ca.pem", "", ""},
        {"missing.pem", "good.key", "", "missing.pem", "No such file"},
        {"empty.pem", "good.key", "", "empty.pem", "no certificate"},
        {"text.pem", "good.key", "", "text.pem", "no certificate"},
        {"good.key", "good.key", "", "good.key", "no certificate"},
        {"weak.pem", "weak.key", "", "weak.pem", "key too small"},
        {"expired.pem", "expired.key", "", "expired.pem", "expired"},
        {"good.pem", "missing.key", "", "missing.key", "No such file"},
        {"good.pem", "other.key", "", "other.key", "not the key of the certificate"},
        {"good.pem", "rsa.key", "", "rsa.key", "not the key of the certificate"},
        {"good.pem", "good.pem", "", "good.pem", "no private key"},
        {"good.pem", "encrypted.key", "", "encrypted.key", "passphrase"},
        {"good.pem", "good.key", "missing.pem", "missing.pem", "No such file"},
        {"good.pem", "good.key", "empty.pem", "empty.pem", "no certificate"},
        {"good.pem", "good.key", "good.key", "good.key", "no certificate"},
    };
    for (const auto& row : table) {
        CAPTURE(row.named);
        CAPTURE(row.why);
        std::string problem;
        const auto context = tls_context::load({made.path(row.certificate), made.path(row.key),
                                                row.client_ca.empty() ? "" : made.path(row.client_ca)},
                                               problem);
        CAPTURE(problem);
        CHECK((context != nullptr) == row.named.empty());
        CHECK(problem.empty() == row.named.empty());
        if (row.named.empty())
            continue;
        CHECK(problem.starts_with(made.path(row.named) + " "));
        CHECK(problem.find(row.why) != std::string::npos);
        CHECK(problem.ends_with("."));
    }
}
