// OpenSSL's handles with an owner, and its errors as exceptions.
#pragma once

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <memory>

namespace millrace::crypto {

template <class T, void (*release)(T*)>
struct releaser {
    void operator()(T* handle) const noexcept { release(handle); }
};
template <class T, void (*release)(T*)>
using handle = std::unique_ptr<T, releaser<T, release>>;

using md_ptr = handle<EVP_MD, EVP_MD_free>;
using md_context = handle<EVP_MD_CTX, EVP_MD_CTX_free>;
using mac_ptr = handle<EVP_MAC, EVP_MAC_free>;
using mac_context = handle<EVP_MAC_CTX, EVP_MAC_CTX_free>;
using pkey_ptr = handle<EVP_PKEY, EVP_PKEY_free>;
using pkey_context = handle<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using bignum = handle<BIGNUM, BN_free>;
using param_builder = handle<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free>;
using params = handle<OSSL_PARAM, OSSL_PARAM_free>;

/// Throws std::runtime_error with OpenSSL's own words; `what` is what could not be done.
[[noreturn]] void fail(const char* what);

} // namespace millrace::crypto
