// The public keys that tokens are signed with: a JSON Web Key Set (RFC 7517). No I/O.
#pragma once

#include "millrace/crypto/public_key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

struct signing_key {
    std::string id; ///< `kid`; empty: none
    crypto::public_key key;
};

struct read_jwks {
    std::vector<signing_key> keys;   ///< empty where there are errors
    std::vector<std::string> errors; ///< what is wrong and what to do about it
};

/// Keys for other uses, of other types and for other algorithms are passed over (RFC 7517, section 5), unless
/// nothing is left. A key that says it is of a known type and is not, one with its private half, and two of
/// one type and id are errors.
read_jwks parse_jwks(std::string_view text);

} // namespace millrace::ingress
