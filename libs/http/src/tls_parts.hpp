// What the TLS contexts of servers and of clients have in common.
#pragma once

#include <array>
#include <string>

struct ssl_ctx_st; // OpenSSL's

namespace millrace::http {

/// In the form of ALPN (RFC 7301).
inline constexpr std::array<unsigned char, 9> known_protocol = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

/// What OpenSSL said last, and nothing of it left for the next call.
std::string reason();

/// Versions, suites, options.
bool set_common_rules(ssl_ctx_st* c);

/// Empty, or why not: OpenSSL's own words do not tell a missing file from a bad one.
std::string unreadable(const std::string& file);
std::string use_certificate(ssl_ctx_st* c, const std::string& file);
std::string use_key(ssl_ctx_st* c, const std::string& file);

} // namespace millrace::http
