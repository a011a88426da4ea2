// Public keys and the signatures that they verify: RS256, ES256 (RFC 7518, section 3) and EdDSA with Ed25519
// (RFC 8037).
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace millrace::crypto {

enum class key_type { rsa, p256, ed25519 };

/// Immutable, shared by any threads. It verifies the one signature scheme of its type and no other, so that a
/// message cannot choose how it is verified.
class public_key {
  public:
    /// Numbers as big-endian bytes. Nothing where they are no key: an RSA modulus below 2048 or above 16384
    /// bits, a point that is not on the curve.
    static std::optional<public_key> rsa(std::string_view n, std::string_view e);
    static std::optional<public_key> p256(std::string_view x, std::string_view y); ///< 32 bytes each
    static std::optional<public_key> ed25519(std::string_view x);                  ///< 32 bytes

    key_type type() const noexcept { return type_; }

    /// RS256: as long as the modulus. ES256: r and s, 32 bytes each. EdDSA: 64 bytes. Anything else, and any
    /// failure within OpenSSL, is false.
    bool verify(std::string_view message, std::string_view signature) const noexcept;

  private:
    struct impl;
    public_key(key_type type, std::shared_ptr<const impl> key) : type_(type), key_(std::move(key)) {}

    key_type type_;
    std::shared_ptr<const impl> key_;
};

} // namespace millrace::crypto
