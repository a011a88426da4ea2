// Who may post what, and how much of it: docs/security.md, contract section 2.4. No I/O but for reading the
// key set, once, when the rules are made.
#pragma once

#include "api_keys.hpp"
#include "client_address.hpp"
#include "jwt.hpp"
#include "jwt_cache.hpp"
#include "millrace/core/clock.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"
#include "millrace/settings/settings.hpp"
#include "rate_limiter.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// A request to post.
struct asked {
    const http::request& request;
    std::string_view topic;
    std::string_view certificate; ///< subject of the verified client certificate; empty: there is none
    unix_ms now;                  ///< for tokens
    steady_time steady_now;       ///< for rates
};

/// The answer: who posts, unless it is refused.
struct verdict {
    /// Name of the key, `jwt:SUBJECT`, `certificate:SUBJECT`; empty where anybody may post. The kinds cannot
    /// be taken for each other: a key's name has no colon. Lives until the next check with the same memory,
    /// at most as long as the rules.
    std::string_view poster;
    std::optional<http::problem> refusal; ///< 401, 403 or 429
};

/// What a loop remembers from one check to the next.
struct access_memory {
    jwt_cache tokens;
    std::string certificate; ///< scratch memory
};

/// Immutable but for the rates, which are atomic; shared by all loops.
class access_rules {
  public:
    struct made {
        std::shared_ptr<const access_rules> rules; ///< nothing where there are errors
        std::vector<std::string> errors;           ///< all that is wrong, each with its setting
    };

    /// Reads auth.jwt.jwks_file. What was used of a rate under the rules before stays used.
    static made make(const settings::file& from, const access_rules* before = nullptr);

    /// In this order: the rate of the address, who it is (401), whether for this topic (403), the rate of the
    /// key (429). Where keys or tokens are configured one of them is demanded, whatever certificate there is.
    /// Nothing of a refused request may be used.
    verdict check(const asked& a, access_memory& memory) const;

    /// The rate of the address alone, for requests that say otherwise who sent them (webhooks).
    std::optional<http::problem> check_address(const http::request& request, steady_time now) const;

  private:
    access_rules() = default;
    void read_tokens(const settings::jwt& from, std::vector<std::string>& errors);
    verdict check_certificate(const asked& a, access_memory& memory) const;
    verdict check_key(const api_key& key, const asked& a) const;
    verdict check_token(std::string_view token, const asked& a, access_memory& memory) const;

    std::uint64_t id_ = 0; ///< of these rules, in the process
    api_keys keys_;
    std::optional<jwt_verifier> tokens_;
    double leeway_seconds_ = 0;
    bool certificates_ = false; ///< they are demanded
    rate address_rate_;
    address_blocks trusted_proxies_;
    std::shared_ptr<rate_table> addresses_; ///< nothing without a rate
};

/// What to log at start where a service that is reached from elsewhere takes events from anybody; or nothing.
std::optional<std::string> warning_about_access(const settings::file& of);

} // namespace millrace::ingress
