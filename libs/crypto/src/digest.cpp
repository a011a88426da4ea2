#include "millrace/crypto/digest.hpp"

#include "handles.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include <stdexcept>
#include <string>

namespace millrace::crypto {
namespace {

// Looked up once: a look-up by name takes longer than the hash of a short text.
struct sha256_state {
    md_ptr algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
    md_context context{EVP_MD_CTX_new()};
};

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

} // namespace

void fail(const char* what) {
    std::string text = std::string(what) + " failed";
    if (const unsigned long code = ERR_get_error(); code != 0) {
        std::array<char, 256> reason{};
        ERR_error_string_n(code, reason.data(), reason.size());
        text += std::string(": ") + reason.data();
    }
    ERR_clear_error();
    throw std::runtime_error(text);
}

digest256 sha256(std::string_view of) {
    thread_local const sha256_state state;
    digest256 out{};
    unsigned size = 0;
    if (!state.algorithm || !state.context ||
        EVP_DigestInit_ex2(state.context.get(), state.algorithm.get(), nullptr) != 1 ||
        EVP_DigestUpdate(state.context.get(), of.data(), of.size()) != 1 ||
        EVP_DigestFinal_ex(state.context.get(), out.data(), &size) != 1 || size != out.size())
        fail("SHA-256");
    return out;
}

bool equal_in_constant_time(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other) noexcept {
    return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept {
    return equal_in_constant_time(bytes_of(one), bytes_of(other));
}

} // namespace millrace::crypto
