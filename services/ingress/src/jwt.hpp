// JSON Web Tokens (RFC 7519), signed by a key of a JWKS; read as RFC 8725 advises. No I/O, no clock.
#pragma once

#include "jwks.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// What a token that is signed as it should be says. Whether it is valid now is another question.
struct jwt_claims {
    std::string subject;                            ///< `sub`
    std::optional<std::vector<std::string>> topics; ///< `topics`; nothing: all
    double not_before = -std::numeric_limits<double>::infinity();
    double expires = 0; ///< seconds since 1970, as `not_before`

    /// Why it does not hold at that time, or nothing.
    std::optional<std::string_view> invalid_at(double unix_seconds, double leeway_seconds) const noexcept;
};

/// Claims, or why there are none (static text).
struct read_jwt {
    std::optional<jwt_claims> claims;
    std::string_view wrong;
};

/// Immutable; any thread.
class jwt_verifier {
  public:
    static constexpr std::size_t max_token_bytes = 8'192;

    /// Empty `issuer`, `audience`: any.
    jwt_verifier(std::vector<signing_key> keys, std::string issuer, std::string audience);

    /// Signature, issuer, audience, and the form of everything; not the times.
    read_jwt verify(std::string_view token) const;

  private:
    std::optional<std::string_view> check_signature(std::string_view token) const; ///< what is wrong with it

    std::vector<signing_key> keys_;
    std::string issuer_;
    std::string audience_;
};

} // namespace millrace::ingress
