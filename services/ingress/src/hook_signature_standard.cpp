// The scheme of Standard Webhooks 1.0.
#include "hook_place.hpp"
#include "hook_signature_parts.hpp"
#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/public_key.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

using fault = std::optional<signature_fault>;

constexpr std::string_view signature_header = "webhook-signature";
constexpr std::string_view time_header = "webhook-timestamp";
constexpr std::string_view id_header = "webhook-id";

struct given_signatures {
    std::vector<std::string> shared;     ///< v1
    std::vector<std::string> asymmetric; ///< v1a
};

/// `VERSION,BASE64 VERSION,BASE64 …`; what is unknown is left out, and what is beyond the bound.
given_signatures signatures_in(std::string_view text) {
    given_signatures found;
    while (!text.empty() && found.shared.size() + found.asymmetric.size() <= most_signatures) {
        const std::string_view item = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(item.size() + 1, text.size()));
        auto* const of_version = item.starts_with("v1,")    ? &found.shared
                                 : item.starts_with("v1a,") ? &found.asymmetric
                                                            : nullptr;
        if (of_version == nullptr)
            continue;
        if (auto signature = crypto::from_base64(item.substr(item.find(',') + 1)))
            of_version->push_back(std::move(*signature));
    }
    return found;
}

/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec
class standard_signature final : public hook_signature {
  public:
    explicit standard_signature(std::uint64_t tolerance_s) : window_(tolerance_s) {}

    shared_secrets shared;
    std::vector<crypto::public_key> keys;

    fault fault_of(const http::request& delivery, unix_ms now) const override {
        const auto text = only_header(delivery, signature_header);
        if (!text)
            return missing_or_repeated(delivery, signature_header);
        const auto time = only_header(delivery, time_header);
        if (!time)
            return missing_or_repeated(delivery, time_header);
        if (fault stale = window_.fault_of(*time, time_header, now))
            return stale;
        const auto id = only_header(delivery, id_header);
        if (!id || id->empty())
            return signature_fault{.detail = "The header webhook-id is not there once.", .without_id = true};
        if (id->find('.') != std::string_view::npos) // "a.1" at 2 would be signed as "a" at 1 is
            return unusable(id_header, "has a full stop, which none has (section \"Signature scheme\")");
        const auto given = signatures_in(*text);
        if (given.shared.size() + given.asymmetric.size() > most_signatures)
            return unusable(signature_header, "has too many signatures");
        if (given.shared.empty() && given.asymmetric.empty())
            return unusable(signature_header, "has no v1 or v1a with base64");
        const bool good = shared.signed_one({*id, ".", *time, ".", delivery.body}, given.shared) ||
                          signed_with_key(*id, *time, delivery.body, given.asymmetric);
        return good ? fault{} : mismatch();
    }

  private:
    bool signed_with_key(std::string_view id, std::string_view time, std::string_view body,
                         const std::vector<std::string>& signatures) const {
        if (keys.empty() || signatures.empty())
            return false;
        std::string message;
        message.reserve(id.size() + time.size() + body.size() + 2);
        message.append(id).append(".").append(time).append(".").append(body);
        return std::ranges::any_of(keys, [&](const crypto::public_key& key) {
            return std::ranges::any_of(signatures,
                                       [&](const std::string& given) { return key.verify(message, given); });
        });
    }

    time_window window_;
};

std::optional<std::string> base64_after(std::string_view prefix, std::string_view text) {
    if (text.starts_with(prefix))
        text.remove_prefix(prefix.size());
    return crypto::from_base64(text,
                               text.size() % 4 == 0 ? crypto::padding::required : crypto::padding::none);
}

} // namespace

std::shared_ptr<const hook_signature> make_standard_signature(const std::string& path,
                                                              const settings::hook& from,
                                                              std::vector<std::string>& errors) {
    const auto made = std::make_shared<standard_signature>(from.tolerance_seconds);
    bool good = true;
    const auto refuse = [&](std::string_view what) {
        errors.push_back(path + std::string(what));
        good = false;
    };
    for (const std::string& text : from.secrets) {
        const auto secret = base64_after("whsec_", text);
        if (secret && !secret->empty())
            made->shared.add(crypto::hash::sha256, *secret);
        else
            refuse(".secrets: one is not whsec_ and base64");
    }
    for (const std::string& text : from.public_keys) {
        const auto bytes = base64_after("whpk_", text);
        auto key = bytes ? crypto::public_key::ed25519(*bytes) : std::nullopt;
        if (key)
            made->keys.push_back(std::move(*key));
        else
            refuse(".public_keys: one is not whpk_ and the base64 of the 32 bytes of an Ed25519 key");
    }
    return good ? made : nullptr;
}

} // namespace millrace::ingress
