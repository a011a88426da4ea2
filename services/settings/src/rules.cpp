// Addresses, topics, URLs and librdkafka's properties.
#include "rules.hpp"

#include "millrace/core/text.hpp"
#include "millrace/kafka/client_config.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace millrace::settings {
namespace {

bool is_host(std::string_view host) {
    return !host.empty() && host.size() <= 253 && std::all_of(host.begin(), host.end(), [](char c) {
        return is_letter_or_digit(c) || c == '.' || c == '-' || c == '_';
    });
}

bool is_v6(std::string_view inside) {
    return inside.find(':') != std::string_view::npos &&
           std::all_of(inside.begin(), inside.end(), [](char c) {
               return (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || (c >= '0' && c <= '9') ||
                      c == ':' || c == '.';
           });
}

struct host_port {
    std::string_view host;
    std::optional<std::string_view> port;
};

/// Nothing where the host is not a name, an IPv4 address or an IPv6 address in brackets.
std::optional<host_port> split_host_port(std::string_view text) {
    std::size_t host_end = text.find(':');
    std::string_view host = text.substr(0, host_end);
    bool legal = is_host(host);
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos)
            return std::nullopt;
        host = text.substr(1, bracket - 1);
        legal = is_v6(host);
        host_end = bracket + 1 == text.size() ? std::string_view::npos : bracket + 1;
    }
    if (!legal || (host_end != std::string_view::npos && text[host_end] != ':'))
        return std::nullopt;
    if (host_end == std::string_view::npos)
        return host_port{host, std::nullopt};
    return host_port{host, text.substr(host_end + 1)};
}

bool is_port(std::string_view text, std::uint16_t lowest) {
    const auto number = parse_number<std::uint16_t>(text);
    return number && *number >= lowest;
}

} // namespace

problem not_empty(std::string_view value) {
    return value.empty() ? problem("must not be empty") : std::nullopt;
}

problem type_problem(std::string_view value) {
    const bool control = std::ranges::any_of(value, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    if (value.empty() || control || !is_utf8(value))
        return "is empty, or has control characters or bytes that are not UTF-8";
    return std::nullopt;
}

problem source_problem(std::string_view value) {
    constexpr std::string_view never = "\"<>\\^`{|}";
    const bool plain = std::ranges::all_of(
        value, [&](char c) { return c > 0x20 && c < 0x7f && never.find(c) == std::string_view::npos; });
    if (value.empty() || !plain)
        return "is not a URI reference (RFC 3986), such as /orders or https://example.com/orders";
    return std::nullopt;
}

problem listen_problem(std::string_view value) {
    const auto address = split_host_port(value);
    if (!address || !address->port)
        return "is not host:port or [v6]:port";
    return is_port(*address->port, 0) ? std::nullopt : problem("has no port from 0 to 65535");
}

problem brokers_problem(std::string_view value) {
    do {
        const auto comma = value.find(',');
        const auto address = split_host_port(trim(value.substr(0, comma)));
        if (!address)
            return "is not a list of host:port separated by commas";
        if (address->port && !is_port(*address->port, 1))
            return "has a port that is not from 1 to 65535";
        value = comma == std::string_view::npos ? std::string_view{} : value.substr(comma + 1);
        if (comma != std::string_view::npos && value.empty())
            return "ends with a comma";
    } while (!value.empty());
    return std::nullopt;
}

problem topic_problem(std::string_view value) {
    const bool legal = !value.empty() && value.size() <= 249 && value != "." && value != ".." &&
                       std::all_of(value.begin(), value.end(), [](char c) {
                           return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
                       });
    return legal ? std::nullopt
                 : problem("is not a topic name: 1 to 249 letters, digits, dots, underscores or hyphens, "
                           "and not . or ..");
}

namespace {

/// `never`: the characters, besides those that no URL has, that this one cannot have.
problem http_url_problem(std::string_view value, std::string_view never, const char* what_it_has) {
    if (value.empty())
        return std::nullopt;
    const std::string_view scheme = iequals(value.substr(0, 7), "http://")    ? value.substr(0, 7)
                                    : iequals(value.substr(0, 8), "https://") ? value.substr(0, 8)
                                                                              : std::string_view{};
    if (scheme.empty())
        return "is not an http:// or https:// URL";
    const auto rest = value.substr(scheme.size());
    const bool plain = std::all_of(rest.begin(), rest.end(), [&](char c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '<' && c != '>' && c != '\\' &&
               never.find(c) == std::string_view::npos;
    });
    if (!plain)
        return what_it_has;
    const auto address = split_host_port(rest.substr(0, rest.find_first_of("/?")));
    if (!address || (address->port && !is_port(*address->port, 1)))
        return "has no host, or a port that is not from 1 to 65535";
    return std::nullopt;
}

} // namespace

problem url_problem(std::string_view value) {
    return http_url_problem(value, "?#", "has a query, a fragment or characters that a base URL cannot have");
}

problem target_problem(std::string_view value) {
    return http_url_problem(value, "#", "has a fragment or characters that a URL cannot have");
}

problem property_problem(std::string_view name, std::string_view value) {
    if (auto refused = millrace::kafka::refusal(name))
        return refused;
    return millrace::kafka::check_property(std::string(name), std::string(value));
}

bool property_is_secret(std::string_view name) {
    // librdkafka's own: *.password, sasl.oauthbearer.client.secret, ssl.key.pem, ssl_key,
    // sasl.oauthbearer.config
    constexpr std::array<std::string_view, 5> parts = {"password", "secret", "key.pem", "oauthbearer.config",
                                                       "assertion.private.key"};
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

} // namespace millrace::settings
