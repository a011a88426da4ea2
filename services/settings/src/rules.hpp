// What a value has to look like. Each says what is wrong with it, as the end of a sentence, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace millrace::settings {

using problem = std::optional<std::string>;

inline bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

problem not_empty(std::string_view value);
problem source_problem(std::string_view value);  ///< CloudEvents `source`: a URI reference
problem type_problem(std::string_view value);    ///< CloudEvents `type`
problem listen_problem(std::string_view value);  ///< host:port, [v6]:port
problem brokers_problem(std::string_view value); ///< host:port,host:port
problem topic_problem(std::string_view value);   ///< a legal Kafka topic name
problem url_problem(std::string_view value);     ///< empty, or http(s)://host[:port][/path]
problem target_problem(std::string_view value);  ///< empty, or http(s)://host[:port][/path][?query]

problem network_problem(std::string_view value); ///< address, or address/prefix length
problem origin_problem(std::string_view value);  ///< `*` or scheme://host[:port] (RFC 6454)
problem sha256_problem(std::string_view value);  ///< 64 hexadecimal digits
problem name_problem(std::string_view value);    ///< of a key or hook: 1 to 64 letters, digits, _ or -
problem place_problem(std::string_view value);   ///< `header NAME` or `body /json/pointer` (RFC 6901)
problem header_name_problem(std::string_view value);
problem fixed_header_problem(std::string_view name, std::string_view value); ///< of each delivery
problem signing_secret_problem(std::string_view value); ///< Standard Webhooks: whsec_, base64
problem bearer_problem(std::string_view value);         ///< a token that `Authorization: Bearer` can carry

/// A value that may also be left out.
template <problem (*rule)(std::string_view)>
problem empty_or(std::string_view value) {
    return value.empty() ? std::nullopt : rule(value);
}

problem property_problem(std::string_view name, std::string_view value);
bool property_is_secret(std::string_view name);

} // namespace millrace::settings
