// Who sent a delivery, by its signature over the raw bytes of the body: the schemes github, hmac, stripe and
// standard. No I/O, no clock.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/http/request.hpp"
#include "millrace/settings/settings.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace::ingress {

/// Why a delivery does not count as signed.
struct signature_fault {
    std::string detail;      ///< what is wrong, and nothing that helps to make a signature
    bool without_id = false; ///< it has no id, which would have been signed
};

/// Immutable, shared by all loops.
class hook_signature {
  public:
    virtual ~hook_signature() = default;

    /// Nothing where one of the hook's keys signed the delivery, and not too long ago.
    virtual std::optional<signature_fault> fault_of(const http::request& delivery, unix_ms now) const = 0;
};

/// Appends to `errors` a line for each secret or key that cannot be used, without saying it, and then returns
/// null. `path` is that of the hook's section, for those lines.
std::shared_ptr<const hook_signature> make_hook_signature(const std::string& path, const settings::hook& from,
                                                          std::vector<std::string>& errors);

} // namespace millrace::ingress
