#include "hook_signature.hpp"

#include "hook_place.hpp"
#include "hook_signature_parts.hpp"
#include "millrace/core/text.hpp"
#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace millrace::ingress {
namespace {

using fault = std::optional<signature_fault>;

/// One signature in a header of its own: `github`, `hmac`.
class header_signature final : public hook_signature {
  public:
    explicit header_signature(const settings::hook& from)
        : header_(from.signature_header),
          prefix_(from.prefix),
          hex_(from.encoding == "hex"),
          timestamp_header_(from.timestamp_header),
          window_(from.tolerance_seconds) {
        const crypto::hash with = crypto::hash_named(from.algorithm).value();
        for (const std::string& secret : from.secrets)
            keys_.add(with, secret);
    }

    fault fault_of(const http::request& delivery, unix_ms now) const override {
        const auto text = only_header(delivery, header_);
        if (!text)
            return missing_or_repeated(delivery, header_);
        if (!text->starts_with(prefix_))
            return unusable(header_, "does not start with " + prefix_);
        const std::string_view encoded = text->substr(prefix_.size());
        auto given = hex_ ? crypto::from_hex(encoded) : crypto::from_base64(encoded);
        if (!given)
            return unusable(header_, hex_ ? "is not hexadecimal" : "is not base64");
        if (timestamp_header_.empty())
            return judge({delivery.body}, std::move(*given));
        const auto timestamp = only_header(delivery, timestamp_header_);
        if (!timestamp)
            return missing_or_repeated(delivery, timestamp_header_);
        if (fault stale = window_.fault_of(*timestamp, timestamp_header_, now))
            return stale;
        return judge({*timestamp, ".", delivery.body}, std::move(*given));
    }

  private:
    fault judge(std::initializer_list<std::string_view> parts, std::string given) const {
        return keys_.signed_one(parts, {std::move(given)}) ? fault{} : mismatch();
    }

    std::string header_;
    std::string prefix_;
    bool hex_;
    std::string timestamp_header_; ///< empty: the body alone is signed
    time_window window_;
    shared_secrets keys_;
};

/// `t=TIME,v1=HEX,v1=HEX,…`: https://docs.stripe.com/webhooks#verify-manually
class stripe_signature final : public hook_signature {
  public:
    explicit stripe_signature(const settings::hook& from) : window_(from.tolerance_seconds) {
        for (const std::string& secret : from.secrets)
            keys_.add(crypto::hash::sha256, secret);
    }

    fault fault_of(const http::request& delivery, unix_ms now) const override {
        const auto text = only_header(delivery, header_);
        if (!text)
            return missing_or_repeated(delivery, header_);
        std::optional<std::string_view> time;
        std::vector<std::string> given;
        for (std::string_view rest = *text; !rest.empty();) {
            const std::string_view item = trim(rest.substr(0, rest.find(',')));
            rest.remove_prefix(std::min(rest.find(','), rest.size() - 1) + 1);
            if (item.starts_with("t=") && std::exchange(time, item.substr(2)))
                return unusable(header_, "has more than one t");
            if (!item.starts_with("v1="))
                continue; // v0 is of test mode, and signed with a key of its own
            if (auto signature = crypto::from_hex(item.substr(3)))
                given.push_back(std::move(*signature));
            if (given.size() > most_signatures)
                return unusable(header_, "has too many signatures");
        }
        if (!time)
            return unusable(header_, "has no t");
        if (given.empty())
            return unusable(header_, "has no v1 that is hexadecimal");
        if (fault stale = window_.fault_of(*time, header_, now))
            return stale;
        return keys_.signed_one({*time, ".", delivery.body}, given) ? fault{} : mismatch();
    }

  private:
    static constexpr std::string_view header_ = "Stripe-Signature";
    time_window window_;
    shared_secrets keys_;
};

settings::hook as_github_signs(settings::hook from) {
    from.signature_header = "X-Hub-Signature-256";
    from.prefix = "sha256=";
    from.algorithm = "sha256";
    from.encoding = "hex";
    from.timestamp_header.clear();
    return from;
}

} // namespace

std::shared_ptr<const hook_signature> make_hook_signature(const std::string& path, const settings::hook& from,
                                                          std::vector<std::string>& errors) {
    if (from.scheme == "standard")
        return make_standard_signature(path, from, errors);
    if (from.scheme == "stripe")
        return std::make_shared<stripe_signature>(from);
    return std::make_shared<header_signature>(from.scheme == "github" ? as_github_signs(from) : from);
}

} // namespace millrace::ingress
