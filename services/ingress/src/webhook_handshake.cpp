#include "webhook_handshake.hpp"

#include "millrace/core/text.hpp"

#include <algorithm>
#include <optional>

namespace millrace::ingress {
namespace {

// The value of a header that is there once; two readers could take two different ones.
std::optional<std::string_view> only(std::span<const field> headers, std::string_view name) noexcept {
    std::optional<std::string_view> value;
    for (const field& h : headers) {
        if (!iequals(h.name, name))
            continue;
        if (value)
            return std::nullopt;
        value = trim(h.value);
    }
    return value;
}

// A DNS expression, as far as it may be said again in an answer.
bool is_dns_name(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 253 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("-._*").find(c) != std::string_view::npos;
    });
}

// Section 4.1.4: above zero. What is wrong counts as not asked, and is answered with what is allowed.
std::optional<std::uint32_t> requested_rate(std::span<const field> headers) noexcept {
    const auto value = only(headers, "WebHook-Request-Rate");
    const auto rate = value ? parse_number<std::uint32_t>(*value) : std::nullopt;
    return rate && *rate > 0 ? rate : std::nullopt;
}

} // namespace

std::vector<std::pair<std::string_view, std::string>>
handshake_headers(std::span<const field> request_headers, const handshake_policy& policy) {
    const auto origin = only(request_headers, "WebHook-Request-Origin");
    if (!origin || !is_dns_name(*origin))
        return {};
    const bool any = std::ranges::find(policy.origins, "*") != policy.origins.end();
    if (!any &&
        std::ranges::none_of(policy.origins, [&](const std::string& each) { return iequals(each, *origin); }))
        return {};

    std::string rate = "*";
    if (policy.rate_per_minute != 0)
        rate = std::to_string(std::min(policy.rate_per_minute,
                                       requested_rate(request_headers).value_or(policy.rate_per_minute)));
    return {{"WebHook-Allowed-Origin", any ? "*" : std::string(*origin)},
            {"WebHook-Allowed-Rate", std::move(rate)}};
}

} // namespace millrace::ingress
