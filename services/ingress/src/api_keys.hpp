// The API keys of the configuration, known by their SHA-256 only. No I/O.
#pragma once

#include "millrace/crypto/digest.hpp"
#include "millrace/settings/settings.hpp"
#include "rate_limiter.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

struct api_key {
    std::string name;
    std::vector<std::string> topics; ///< empty: all
    ingress::rate rate;
    std::shared_ptr<rate_bucket> used; ///< outlives a reload
};

/// Immutable; any thread.
class api_keys {
  public:
    api_keys() = default;

    /// Appends to `errors` what is wrong with them. A key that `before` has by the same name goes on with
    /// what was used of its rate.
    api_keys(const std::map<std::string, settings::api_key>& configured, const api_keys* before,
             std::vector<std::string>& errors);

    /// Nothing where it is no key. Takes as long whichever key it is, and whether it is one: all digests are
    /// compared whole, and what is compared is a hash that its sender cannot choose.
    const api_key* find(std::string_view presented) const;

    bool empty() const noexcept { return keys_.empty(); }

  private:
    std::vector<crypto::digest256> digests_; ///< of the keys, in the same order
    std::vector<api_key> keys_;
};

} // namespace millrace::ingress
