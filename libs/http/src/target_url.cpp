#include "target_url.hpp"

#include "characters.hpp"
#include "millrace/core/text.hpp"

#include <algorithm>

namespace millrace::http {
namespace {

constexpr std::string_view plain_scheme = "http://";
constexpr std::string_view tls_scheme = "https://";

bool is_visible(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_host(std::string_view text, bool bracketed) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_alphanumeric(c) || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
    });
}

} // namespace

std::optional<target_url> parse_target_url(std::string_view url) {
    target_url out;
    out.tls = iequals(url.substr(0, tls_scheme.size()), tls_scheme);
    if (!out.tls && !iequals(url.substr(0, plain_scheme.size()), plain_scheme))
        return std::nullopt;
    url.remove_prefix(out.tls ? tls_scheme.size() : plain_scheme.size());
    url = url.substr(0, url.find('#'));
    if (!is_visible(url))
        return std::nullopt;

    const std::string_view authority = url.substr(0, url.find_first_of("/?"));
    out.target = url.substr(authority.size());
    if (!out.target.starts_with('/'))
        out.target.insert(0, 1, '/');

    const bool bracketed = authority.starts_with('[');
    const std::size_t host_end =
        bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
    if (host_end == std::string_view::npos)
        return std::nullopt;
    out.host = bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
    std::string_view rest = authority.substr(host_end + (bracketed ? 1 : 0));
    const std::uint16_t usual = out.tls ? 443 : 80;
    out.port = usual;
    if (!rest.empty()) {
        const auto port = rest.front() == ':' ? parse_number<std::uint16_t>(rest.substr(1)) : std::nullopt;
        if (!port || *port == 0)
            return std::nullopt;
        out.port = *port;
    }
    if (!is_host(out.host, bracketed))
        return std::nullopt;
    const std::string host = bracketed ? "[" + out.host + "]" : out.host;
    const std::string port = ":" + std::to_string(out.port);
    out.authority = out.port == usual ? host : host + port;
    out.origin = std::string(out.tls ? tls_scheme : plain_scheme) + host + port;
    return out;
}

} // namespace millrace::http
