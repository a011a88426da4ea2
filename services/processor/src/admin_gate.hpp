// Who may change what the processor does: contract section 3, "the POSTs need an admin token unless the
// service listens on loopback only".
#pragma once

#include "millrace/crypto/digest.hpp"
#include "millrace/http/problem.hpp"
#include "millrace/http/request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace millrace::processor {

/// Immutable. With a token it is always asked for. Without one only a service that listens on loopback lets
/// anybody of that machine in; and there, as everywhere, no web page of another origin: a browser sends what
/// a page tells it to, from the user's own machine (cross-site request forgery), and names the page's origin
/// in `Origin` (RFC 6454, section 7).
class admin_gate {
  public:
    /// `token` may be empty: there is none. Who knows only this object does not know the token.
    admin_gate(std::string_view listen, std::string_view token);

    /// What the request is to be answered with; nothing: it may pass.
    std::optional<http::problem> refusal(const http::request& r) const;

    bool open() const noexcept { return token_ || loopback_; } ///< for somebody

  private:
    std::optional<http::problem> foreign_page(const http::request& r) const;

    std::optional<crypto::digest256> token_; ///< its SHA-256, so that texts of any length compare alike
    bool loopback_;
};

} // namespace millrace::processor
