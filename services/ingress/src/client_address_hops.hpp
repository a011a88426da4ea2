// The hops that Forwarded (RFC 7239, section 4) and X-Forwarded-For list, as views into the request.
#pragma once

#include "client_address.hpp"
#include "millrace/http/request.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace millrace::ingress {

/// The last hops of a request, the nearest at the end. A client can write any number in front of those that
/// the proxies wrote: what is too far away is forgotten.
struct hops {
    static constexpr std::size_t most = 32;

    bool present = false;   ///< there is such a header
    bool malformed = false; ///< one of them cannot be read, so that none of them says anything

    void add(std::string_view node) noexcept { nodes_[total_++ % most] = node; }
    std::size_t count() const noexcept { return total_ < most ? total_ : most; }
    std::string_view at(std::size_t i) const noexcept { return nodes_[(total_ - count() + i) % most]; }

  private:
    std::array<std::string_view, most> nodes_;
    std::size_t total_ = 0;
};

/// The `for` parameters, without quotes; empty for an element without one.
hops forwarded_hops(const http::request& request) noexcept;
hops x_forwarded_for_hops(const http::request& request) noexcept;

/// The address of a node: `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]`, `[2001:db8::1]:80`, and
/// `2001:db8::1`, as X-Forwarded-For has it. Nothing for `unknown` and obfuscated identifiers (section 6).
std::optional<ip_address> parse_node(std::string_view node) noexcept;

} // namespace millrace::ingress
