// Which client sent a request: the peer, or where the peer is a trusted proxy, whom it names in Forwarded
// (RFC 7239) or X-Forwarded-For. No I/O, no allocation for a request.
#pragma once

#include "millrace/http/request.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::ingress {

/// An IPv4 address is held as its IPv4-mapped IPv6 address, so that both spellings are one client.
struct ip_address {
    std::array<std::uint8_t, 16> bytes{};

    bool is_v4() const noexcept;
    bool operator==(const ip_address&) const = default;
};

/// Without port and brackets; a zone (`%eth0`) is dropped. Nothing where the text is no address.
std::optional<ip_address> parse_address(std::string_view text) noexcept;

/// A list of addresses and CIDR blocks.
class address_blocks {
  public:
    /// Adds `10.0.0.0/8`, `fd00::/8` or a single address. Returns what is wrong with the text, or nothing.
    std::optional<std::string> add(std::string_view text);

    /// A block of IPv6 holds no IPv4 address: `::/0` is not everybody.
    bool contains(const ip_address& a) const noexcept;
    bool empty() const noexcept { return blocks_.empty(); }

  private:
    struct block {
        ip_address first;
        unsigned bits = 128; ///< of `first` that count
    };
    std::vector<block> blocks_;
};

/// Read from right to left, as far as those who say so are trusted: the first address that is not, else the
/// leftmost. Where a trusted proxy hides the client (`unknown`, an obfuscated identifier), or what it sent
/// cannot be read, or Forwarded and X-Forwarded-For name different clients (one of them is then the client's
/// own, passed on), that proxy is the client. A peer that is no address is the unspecified one.
ip_address client_address(const http::request& request, const address_blocks& trusted_proxies) noexcept;

} // namespace millrace::ingress
