// Keyed hashes. RFC 2104, FIPS 198-1.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::crypto {

enum class hash { sha1, sha256, sha384, sha512 };

/// "sha256" and the like.
std::optional<hash> hash_named(std::string_view name) noexcept;

/// A key and its hash; immutable, so that any thread may sign with it.
class hmac {
  public:
    /// Throws std::runtime_error where OpenSSL lacks the hash or memory.
    hmac(hash with, std::string_view key);
    ~hmac();
    hmac(hmac&&) noexcept;
    hmac& operator=(hmac&&) noexcept;

    /// Of all parts, one after the other; raw bytes.
    std::string sign(std::initializer_list<std::string_view> parts) const;

    /// Whether `signature` (raw bytes) is that; in constant time.
    bool verify(std::initializer_list<std::string_view> parts, std::string_view signature) const;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace millrace::crypto
