#include "api_keys.hpp"

#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <optional>

namespace millrace::ingress {
namespace {

std::optional<crypto::digest256> digest_from(std::string_view hex) {
    const auto bytes = crypto::from_hex(hex);
    crypto::digest256 out;
    if (!bytes || bytes->size() != out.size())
        return std::nullopt;
    std::ranges::transform(*bytes, out.begin(), [](char c) { return static_cast<std::uint8_t>(c); });
    return out;
}

std::shared_ptr<rate_bucket> bucket_of(const std::vector<api_key>& before, std::string_view name) {
    const auto same = std::ranges::find(before, name, &api_key::name);
    return same == before.end() ? std::make_shared<rate_bucket>() : same->used;
}

} // namespace

api_keys::api_keys(const std::map<std::string, settings::api_key>& configured, const api_keys* before,
                   std::vector<std::string>& errors) {
    static const std::vector<api_key> none;
    for (const auto& [name, key] : configured) {
        const std::string path = "auth.keys." + name + ".sha256: ";
        const auto digest = digest_from(key.sha256);
        if (!digest) {
            errors.push_back(path +
                             "is not 64 hexadecimal digits; make them with: printf %s KEY | sha256sum");
            continue;
        }
        if (const auto same = std::ranges::find(digests_, *digest); same != digests_.end()) {
            errors.push_back(path + "is that of auth.keys." +
                             keys_[static_cast<std::size_t>(same - digests_.begin())].name +
                             " too: who posts with it would not be clear");
            continue;
        }
        digests_.push_back(*digest);
        keys_.push_back(
            {name, key.topics, {key.rate_per_second}, bucket_of(before ? before->keys_ : none, name)});
    }
}

const api_key* api_keys::find(std::string_view presented) const {
    if (keys_.empty())
        return nullptr;
    const crypto::digest256 digest = crypto::sha256(presented);
    std::size_t found = keys_.size();
    for (std::size_t i = 0; i < digests_.size(); ++i) // to the end, whatever is found
        found = crypto::equal_in_constant_time(digest, digests_[i]) ? i : found;
    return found == keys_.size() ? nullptr : &keys_[found];
}

} // namespace millrace::ingress
