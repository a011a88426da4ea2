// Hashes, and comparison that takes the same time whatever differs. FIPS 180-4.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace millrace::crypto {

using digest256 = std::array<std::uint8_t, 32>;

/// Any thread. Throws std::runtime_error where OpenSSL has no SHA-256 or no memory.
digest256 sha256(std::string_view of);

/// Takes as long for equal as for different bytes. Different lengths are told apart at once: a length is no
/// secret.
bool equal_in_constant_time(std::span<const std::uint8_t> one, std::span<const std::uint8_t> other) noexcept;
bool equal_in_constant_time(std::string_view one, std::string_view other) noexcept;

} // namespace millrace::crypto
