#include "client_address.hpp"

#include "client_address_hops.hpp"
#include "millrace/core/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace millrace::ingress {
namespace {

constexpr std::array<std::uint8_t, 12> mapped_prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// Whether the two agree in their first `bits`.
bool same_prefix(const ip_address& a, const ip_address& b, unsigned bits) noexcept {
    const std::size_t whole = bits / 8;
    if (std::memcmp(a.bytes.data(), b.bytes.data(), whole) != 0)
        return false;
    if (bits % 8 == 0)
        return true;
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - bits % 8));
    return ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

ip_address first_of(ip_address a, unsigned bits) noexcept {
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned kept = bits > i * 8 ? std::min(8U, bits - i * 8) : 0;
        a.bytes[i] = static_cast<std::uint8_t>(a.bytes[i] & (0xff00U >> kept));
    }
    return a;
}

/// From `proxy`, which is trusted, to the left.
ip_address walk(ip_address proxy, const hops& said, const address_blocks& trusted) noexcept {
    if (said.malformed)
        return proxy;
    ip_address client = proxy;
    for (std::size_t i = said.count(); i-- > 0;) {
        const auto next = parse_node(said.at(i));
        if (!next)
            return client;
        client = *next;
        if (!trusted.contains(client))
            return client;
    }
    return client;
}

} // namespace

bool ip_address::is_v4() const noexcept {
    return std::equal(mapped_prefix.begin(), mapped_prefix.end(), bytes.begin());
}

std::optional<ip_address> parse_address(std::string_view text) noexcept {
    std::array<char, INET6_ADDRSTRLEN + 1> terminated{};
    text = text.substr(0, text.find('%'));
    if (text.empty() || text.size() >= terminated.size() || text.find('\0') != std::string_view::npos)
        return std::nullopt;
    std::copy(text.begin(), text.end(), terminated.begin());
    ip_address out;
    if (inet_pton(AF_INET6, terminated.data(), out.bytes.data()) == 1)
        return out;
    std::copy(mapped_prefix.begin(), mapped_prefix.end(), out.bytes.begin());
    if (inet_pton(AF_INET, terminated.data(), out.bytes.data() + mapped_prefix.size()) == 1)
        return out;
    return std::nullopt;
}

std::optional<std::string> address_blocks::add(std::string_view text) {
    const auto slash = text.find('/');
    const std::string_view name = text.substr(0, slash);
    const auto address = name.find('%') == std::string_view::npos ? parse_address(name) : std::nullopt;
    if (!address)
        return "is not an address or a block such as 10.0.0.0/8 or fd00::/8";
    const bool v4 = name.find(':') == std::string_view::npos;
    const unsigned most = v4 ? 32 : 128;
    const auto bits = slash == std::string_view::npos ? most : parse_number<unsigned>(text.substr(slash + 1));
    if (!bits || *bits > most)
        return "has a prefix length that is not from 0 to " + std::to_string(most);
    const block added{*address, v4 ? 96 + *bits : *bits};
    if (first_of(added.first, added.bits) != added.first)
        return "has bits beyond its prefix length: who is meant is not clear";
    blocks_.push_back(added);
    return std::nullopt;
}

bool address_blocks::contains(const ip_address& a) const noexcept {
    return std::ranges::any_of(blocks_, [&](const block& b) {
        return (b.bits >= 96 || !a.is_v4()) && same_prefix(a, b.first, b.bits);
    });
}

ip_address client_address(const http::request& request, const address_blocks& trusted_proxies) noexcept {
    const ip_address peer = parse_address(request.peer).value_or(ip_address{});
    if (!trusted_proxies.contains(peer))
        return peer;
    const hops standard = forwarded_hops(request);
    const hops customary = x_forwarded_for_hops(request);
    if (!standard.present)
        return walk(peer, customary, trusted_proxies);
    const ip_address client = walk(peer, standard, trusted_proxies);
    if (customary.present && walk(peer, customary, trusted_proxies) != client)
        return peer;
    return client;
}

} // namespace millrace::ingress
