#include "millrace/crypto/hmac.hpp"

#include "handles.hpp"
#include "millrace/crypto/digest.hpp"

#include <openssl/core_names.h>

#include <array>
#include <cstddef>

namespace millrace::crypto {
namespace {

constexpr std::array<const char*, 4> names = {"SHA1", "SHA256", "SHA384", "SHA512"};

} // namespace

std::optional<hash> hash_named(std::string_view name) noexcept {
    if (name == "sha1")
        return hash::sha1;
    if (name == "sha256")
        return hash::sha256;
    if (name == "sha384")
        return hash::sha384;
    if (name == "sha512")
        return hash::sha512;
    return std::nullopt;
}

struct hmac::impl {
    mac_context keyed; ///< copied for each signature, so that the key is hashed once
};

hmac::hmac(hash with, std::string_view key) : impl_(std::make_unique<impl>()) {
    const mac_ptr algorithm(EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr));
    impl_->keyed.reset(algorithm ? EVP_MAC_CTX_new(algorithm.get()) : nullptr);
    std::string name = names.at(static_cast<std::size_t>(with));
    const std::array<OSSL_PARAM, 2> settings = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0), OSSL_PARAM_construct_end()};
    // A null key means "the one before" to OpenSSL, an empty one has to have an address.
    const char* bytes = key.empty() ? "" : key.data();
    if (!impl_->keyed || EVP_MAC_init(impl_->keyed.get(), reinterpret_cast<const unsigned char*>(bytes),
                                      key.size(), settings.data()) != 1)
        fail("HMAC");
}

hmac::~hmac() = default;
hmac::hmac(hmac&&) noexcept = default;
hmac& hmac::operator=(hmac&&) noexcept = default;

std::string hmac::sign(std::initializer_list<std::string_view> parts) const {
    const mac_context context(EVP_MAC_CTX_dup(impl_->keyed.get()));
    bool good = context != nullptr;
    for (const std::string_view part : parts)
        good = good && EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(part.data()),
                                      part.size()) == 1;
    std::array<unsigned char, EVP_MAX_MD_SIZE> out{};
    std::size_t size = 0;
    if (!good || EVP_MAC_final(context.get(), out.data(), &size, out.size()) != 1)
        fail("HMAC");
    return {reinterpret_cast<const char*>(out.data()), size};
}

bool hmac::verify(std::initializer_list<std::string_view> parts, std::string_view signature) const {
    return equal_in_constant_time(sign(parts), signature);
}

} // namespace millrace::crypto
