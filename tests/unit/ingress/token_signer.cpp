#include "token_signer.hpp"

#include "millrace/crypto/encoding.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>
#include <vector>

namespace millrace::test {
namespace {

void require(bool holds, const char* what) {
    if (!holds)
        throw std::runtime_error(std::string("OpenSSL: ") + what);
}

EVP_PKEY* pkey(const std::shared_ptr<void>& key) {
    return static_cast<EVP_PKEY*>(key.get());
}

std::string text_of(const std::vector<unsigned char>& bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

/// DER to r and s, 32 bytes each (RFC 7518, section 3.4).
std::string raw_signature(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> parsed(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
    require(parsed != nullptr, "d2i_ECDSA_SIG");
    std::vector<unsigned char> out(64);
    require(BN_bn2binpad(ECDSA_SIG_get0_r(parsed.get()), out.data(), 32) == 32, "r");
    require(BN_bn2binpad(ECDSA_SIG_get0_s(parsed.get()), out.data() + 32, 32) == 32, "s");
    return text_of(out, out.size());
}

EVP_PKEY* generate(token_signer::kind of, unsigned rsa_bits) {
    switch (of) {
    case token_signer::kind::rs256:
        return EVP_RSA_gen(rsa_bits);
    case token_signer::kind::es256:
        return EVP_EC_gen("P-256");
    case token_signer::kind::eddsa:
        break;
    }
    return EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
}

} // namespace

token_signer::token_signer(kind of, unsigned rsa_bits)
    : kind_(of), key_(generate(of, rsa_bits), [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); }) {
    require(key_ != nullptr, "no key");
}

std::string token_signer::number(const char* name) const {
    BIGNUM* value = nullptr;
    require(EVP_PKEY_get_bn_param(pkey(key_), name, &value) == 1, name);
    std::vector<unsigned char> out(static_cast<std::size_t>(BN_num_bytes(value)));
    if (kind_ == kind::es256)
        out.resize(32);
    BN_bn2binpad(value, out.data(), static_cast<int>(out.size()));
    BN_free(value);
    return crypto::to_base64url(text_of(out, out.size()));
}

nlohmann::json token_signer::jwk() const {
    switch (kind_) {
    case kind::rs256:
        return {{"kty", "RSA"}, {"n", number("n")}, {"e", number("e")}};
    case kind::es256:
        return {{"kty", "EC"}, {"crv", "P-256"}, {"x", number("qx")}, {"y", number("qy")}};
    case kind::eddsa:
        break;
    }
    std::vector<unsigned char> x(32);
    std::size_t size = x.size();
    require(EVP_PKEY_get_raw_public_key(pkey(key_), x.data(), &size) == 1, "raw public key");
    return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", crypto::to_base64url(text_of(x, size))}};
}

std::string token_signer::signature_of(std::string_view text) const {
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    const EVP_MD* hash = kind_ == kind::eddsa ? nullptr : EVP_sha256();
    require(EVP_DigestSignInit(context.get(), nullptr, hash, nullptr, pkey(key_)) == 1, "init");
    std::vector<unsigned char> out(1'024);
    std::size_t size = out.size();
    require(EVP_DigestSign(context.get(), out.data(), &size,
                           reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1,
            "sign");
    std::string raw = text_of(out, size);
    return kind_ == kind::es256 ? raw_signature(raw) : raw;
}

std::string token_signer::sign(std::string_view header, std::string_view payload) const {
    std::string text = crypto::to_base64url(header) + "." + crypto::to_base64url(payload);
    return text + "." + crypto::to_base64url(signature_of(text));
}

const token_signer& token_signer::rsa() {
    static const token_signer made(kind::rs256);
    return made;
}

const token_signer& token_signer::ec() {
    static const token_signer made(kind::es256);
    return made;
}

const token_signer& token_signer::ed() {
    static const token_signer made(kind::eddsa);
    return made;
}

} // namespace millrace::test
