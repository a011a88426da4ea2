// Bytes as text: hexadecimal and base64 (RFC 4648). Decoding is strict: one text a value, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::crypto {

std::string to_hex(std::string_view bytes); ///< lower case

/// Digits of either case, an even number of them.
std::optional<std::string> from_hex(std::string_view text);

enum class padding { required, none }; ///< with `none` a `=` is a fault

std::string to_base64(std::string_view bytes);
std::string to_base64url(std::string_view bytes); ///< without padding

/// Refuses white space, wrong padding, and bits beyond the last byte that are not zero (section 3.5).
std::optional<std::string> from_base64(std::string_view text, padding with = padding::required);
std::optional<std::string> from_base64url(std::string_view text, padding with = padding::none);

} // namespace millrace::crypto
