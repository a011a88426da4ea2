// Tokens that were verified a moment ago: a client sends the same one with each of thousands of requests, and
// its signature costs ten times what its event does (docs/security.md). One a loop; no I/O.
#pragma once

#include "jwt.hpp"
#include "millrace/crypto/digest.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// At most `slots` tokens, each in the one slot that its hash names; the newest stays. Not thread-safe.
class jwt_cache {
  public:
    struct entry {
        std::string poster; ///< `jwt:` and the token's subject
        jwt_claims claims;
    };

    static constexpr std::size_t slots = 512;

    /// What belongs to other rules than those is forgotten: their keys may be gone.
    void belong_to(std::uint64_t rules) noexcept;

    /// Nothing where it is not known. Only tokens whose signature was right are ever in here; whether one
    /// holds now is to be asked of its claims each time.
    const entry* find(const crypto::digest256& token) const noexcept;

    /// Valid until the next call.
    const entry& keep(const crypto::digest256& token, jwt_claims claims);

  private:
    struct slot {
        crypto::digest256 token;
        entry known;
    };
    static std::size_t slot_of(const crypto::digest256& token) noexcept;

    std::uint64_t rules_ = 0;
    std::vector<std::optional<slot>> slots_; ///< empty until the first token: who uses none pays nothing
};

} // namespace millrace::ingress
