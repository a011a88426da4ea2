#include "webhook_signer.hpp"

#include "millrace/crypto/digest.hpp"
#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <stdexcept>

namespace millrace::processor {
namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t derived_digits = 32; // of the hash, in hexadecimal

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

} // namespace

std::string webhook_id(const event::event& e) {
    if (!e.id.empty() && std::ranges::all_of(e.id, is_plain))
        return std::string(e.id);
    // The length in front: no other source and id make the same text.
    std::string named = std::to_string(e.source.size());
    named.append(":").append(e.source).append(e.id);
    const crypto::digest256 hash = crypto::sha256(named);
    const std::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
    return "evt_" + crypto::to_hex(bytes).substr(0, derived_digits);
}

webhook_signer::webhook_signer(const std::vector<std::string>& secrets) {
    for (const std::string& text : secrets) {
        const auto key = text.starts_with(secret_prefix)
                             ? crypto::from_base64(std::string_view(text).substr(secret_prefix.size()))
                             : std::nullopt;
        if (!key || key->empty())
            throw std::runtime_error("handlers.http: a signing secret is not whsec_ and base64");
        keys_.emplace_back(crypto::hash::sha256, *key);
    }
}

std::string webhook_signer::sign(std::string_view id, std::string_view timestamp,
                                 std::string_view body) const {
    std::string out;
    for (const crypto::hmac& key : keys_)
        out.append(out.empty() ? "v1," : " v1,")
            .append(crypto::to_base64(key.sign({id, ".", timestamp, ".", body})));
    return out;
}

} // namespace millrace::processor
