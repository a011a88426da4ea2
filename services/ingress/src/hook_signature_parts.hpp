// What several signature schemes share. No I/O, no clock.
#pragma once

#include "hook_signature.hpp"
#include "millrace/crypto/hmac.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// A header may hold several, while secrets are changed; each costs the time of checking it.
inline constexpr std::size_t most_signatures = 16;

/// "The header NAME WHY."
signature_fault unusable(std::string_view header, std::string_view why);

/// For a header that is not there once.
signature_fault missing_or_repeated(const http::request& delivery, std::string_view header);

/// The one thing that is said of every signature that is well-formed and wrong.
signature_fault mismatch();

/// Secrets, any of which may have signed.
class shared_secrets {
  public:
    void add(crypto::hash with, std::string_view secret) { keys_.emplace_back(with, secret); }

    /// Whether one of the signatures (raw bytes) is that of the parts by one of the secrets.
    bool signed_one(std::initializer_list<std::string_view> parts,
                    const std::vector<std::string>& signatures) const;

  private:
    std::vector<crypto::hmac> keys_;
};

/// How far the time of signing may be from now, in either direction.
class time_window {
  public:
    explicit time_window(std::uint64_t tolerance_s) : tolerance_s_(static_cast<std::int64_t>(tolerance_s)) {}

    /// `text` is a time in seconds since 1970, found in `header`. Asked before a signature is looked at, so
    /// that the answer says nothing of that.
    std::optional<signature_fault> fault_of(std::string_view text, std::string_view header,
                                            unix_ms now) const;

  private:
    std::int64_t tolerance_s_;
};

/// The scheme `standard`; see make_hook_signature.
std::shared_ptr<const hook_signature> make_standard_signature(const std::string& path,
                                                              const settings::hook& from,
                                                              std::vector<std::string>& errors);

} // namespace millrace::ingress
