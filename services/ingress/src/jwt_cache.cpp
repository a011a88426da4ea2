#include "jwt_cache.hpp"

#include <utility>

namespace millrace::ingress {

std::size_t jwt_cache::slot_of(const crypto::digest256& token) noexcept {
    static_assert((slots & (slots - 1)) == 0 && slots <= 65'536);
    return (static_cast<std::size_t>(token[0]) << 8U | token[1]) & (slots - 1);
}

void jwt_cache::belong_to(std::uint64_t rules) noexcept {
    if (std::exchange(rules_, rules) != rules)
        slots_.clear();
}

const jwt_cache::entry* jwt_cache::find(const crypto::digest256& token) const noexcept {
    if (slots_.empty())
        return nullptr;
    const auto& found = slots_[slot_of(token)];
    return found && crypto::equal_in_constant_time(found->token, token) ? &found->known : nullptr;
}

const jwt_cache::entry& jwt_cache::keep(const crypto::digest256& token, jwt_claims claims) {
    if (slots_.empty())
        slots_.resize(slots);
    std::string poster = "jwt:" + claims.subject;
    return slots_[slot_of(token)].emplace(slot{token, {std::move(poster), std::move(claims)}}).known;
}

} // namespace millrace::ingress
