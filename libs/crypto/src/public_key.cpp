#include "millrace/crypto/public_key.hpp"

#include "handles.hpp"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>

#include <array>
#include <cstddef>
#include <exception>
#include <string>
#include <tuple>
#include <utility>

namespace millrace::crypto {
namespace {

constexpr std::size_t coordinate_bytes = 32;
constexpr int least_rsa_bits = 2'048;
constexpr int most_rsa_bits = 16'384;
constexpr int most_exponent_bits = 64; ///< a longer one only makes verifying slow

using ecdsa_signature = handle<ECDSA_SIG, ECDSA_SIG_free>;

const unsigned char* data(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

bignum number(std::string_view big_endian) {
    return bignum(BN_bin2bn(data(big_endian), static_cast<int>(big_endian.size()), nullptr));
}

pkey_ptr key_from(const char* type, OSSL_PARAM* from) {
    const pkey_context context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
    EVP_PKEY* made = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, from) != 1)
        return nullptr;
    pkey_ptr key(made);
    const pkey_context check(EVP_PKEY_CTX_new_from_pkey(nullptr, key.get(), nullptr));
    return check && EVP_PKEY_public_check(check.get()) == 1 ? std::move(key) : nullptr;
}

/// r and s, as JWS has them, in the DER that OpenSSL takes.
std::string der_of(std::string_view r_and_s) {
    const ecdsa_signature signature(ECDSA_SIG_new());
    bignum r = number(r_and_s.substr(0, coordinate_bytes));
    bignum s = number(r_and_s.substr(coordinate_bytes));
    if (!signature || !r || !s || ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1)
        return {};
    std::ignore = r.release(); // the signature owns them now
    std::ignore = s.release();
    unsigned char* out = nullptr;
    const int size = i2d_ECDSA_SIG(signature.get(), &out);
    if (size <= 0)
        return {};
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    return der;
}

} // namespace

struct public_key::impl {
    pkey_ptr key;
};

std::optional<public_key> public_key::rsa(std::string_view n, std::string_view e) {
    const bignum modulus = number(n);
    const bignum exponent = number(e);
    if (!modulus || !exponent || BN_num_bits(modulus.get()) < least_rsa_bits ||
        BN_num_bits(modulus.get()) > most_rsa_bits || BN_num_bits(exponent.get()) > most_exponent_bits ||
        !BN_is_odd(exponent.get()) || BN_is_one(exponent.get()))
        return std::nullopt;
    const param_builder build(OSSL_PARAM_BLD_new());
    if (!build || OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
        OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
        return std::nullopt;
    const params from(OSSL_PARAM_BLD_to_param(build.get()));
    pkey_ptr key = from ? key_from("RSA", from.get()) : nullptr;
    ERR_clear_error();
    if (!key)
        return std::nullopt;
    return public_key(key_type::rsa, std::make_shared<const impl>(impl{std::move(key)}));
}

std::optional<public_key> public_key::p256(std::string_view x, std::string_view y) {
    if (x.size() != coordinate_bytes || y.size() != coordinate_bytes)
        return std::nullopt;
    std::string group = "P-256";
    std::string point = "\x04"; // uncompressed (SEC 1, section 2.3.3)
    point.append(x).append(y);
    std::array<OSSL_PARAM, 3> from = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
        OSSL_PARAM_construct_end()};
    pkey_ptr key = key_from("EC", from.data());
    ERR_clear_error();
    if (!key)
        return std::nullopt;
    return public_key(key_type::p256, std::make_shared<const impl>(impl{std::move(key)}));
}

std::optional<public_key> public_key::ed25519(std::string_view x) {
    if (x.size() != coordinate_bytes)
        return std::nullopt;
    pkey_ptr key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, data(x), x.size()));
    ERR_clear_error();
    if (!key)
        return std::nullopt;
    return public_key(key_type::ed25519, std::make_shared<const impl>(impl{std::move(key)}));
}

bool public_key::verify(std::string_view message, std::string_view signature) const noexcept {
    try {
        std::string der;
        if (type_ == key_type::p256) {
            if (signature.size() != 2 * coordinate_bytes)
                return false;
            der = der_of(signature);
            signature = der;
        }
        const md_context context(EVP_MD_CTX_new());
        const char* hash = type_ == key_type::ed25519 ? nullptr : "SHA256";
        const bool good = context &&
                          EVP_DigestVerifyInit_ex(context.get(), nullptr, hash, nullptr, nullptr,
                                                  key_->key.get(), nullptr) == 1 &&
                          EVP_DigestVerify(context.get(), data(signature), signature.size(), data(message),
                                           message.size()) == 1;
        ERR_clear_error();
        return good;
    } catch (const std::exception&) { // out of memory: what could not be verified is not verified
        return false;
    }
}

} // namespace millrace::crypto
