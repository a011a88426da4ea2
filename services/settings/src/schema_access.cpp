// The keys that say who may post, and from where.
#include "rules.hpp"
#include "schema.hpp"

namespace millrace::settings {
namespace {

using runtime::config_section;

void declare_key(config_section s, api_key& to) {
    s.text("sha256", to.sha256,
           {.doc = "SHA-256 of the key, 64 hexadecimal digits: `printf %s KEY | sha256sum`.",
            .check = sha256_problem,
            .secret = true});
    s.list("topics", to.topics, {"Topics that the key may post to; all where empty.", topic_problem});
    s.number("rate_per_second", to.rate_per_second,
             {"Requests per second, and at once, that the key may send; beyond it 429. 0: no limit.", 0,
              1'000'000});
}

void declare_jwt(config_section s, jwt& to) {
    s.text("jwks_file", to.jwks_file,
           {.doc = "JSON Web Key Set (RFC 7517) with the public keys of who signs; no tokens are taken where "
                   "empty."});
    s.text("issuer", to.issuer, {.doc = "What `iss` has to be; any where empty."});
    s.text("audience", to.audience, {.doc = "What `aud` has to be, or to hold; any where empty."});
    s.number("leeway_seconds", to.leeway_seconds,
             {"How far the clocks of two machines may be apart.", 0, 3'600, "s"});
}

void declare_tls(config_section s, tls& to) {
    s.text("certificate_file", to.certificate_file,
           {.doc = "Certificate of the service and those of its issuers, PEM; plain HTTP where empty."});
    s.text("key_file", to.key_file, {.doc = "Private key of the certificate, PEM."});
    s.text("client_ca_file", to.client_ca_file,
           {.doc = "Issuers of client certificates, PEM; with it a client needs one."});
}

} // namespace

void declare_access(config_section root, file& to) {
    config_section auth =
        root.section("auth", "Who may post: anybody, where no key and no token is configured.");
    auth.tables<api_key>(
        "keys", to.auth.keys,
        {"A key that clients send as `Authorization: Bearer KEY` or `X-API-Key: KEY`.", name_problem},
        declare_key);
    declare_jwt(auth.section("jwt", "JSON Web Tokens, sent as `Authorization: Bearer TOKEN`."), to.auth.jwt);
    declare_tls(root.section("tls", "HTTPS of either service, TLS 1.2 or later."), to.tls);
    config_section cors = root.section("cors", "Which web pages may post.");
    cors.list("allowed_origins", to.cors.allowed_origins,
              {"Origins such as `https://shop.example`, or `*` for any; no CORS headers where empty.",
               origin_problem});
    cors.number("max_age_seconds", to.cors.max_age_seconds,
                {"How long a browser may remember the answer to a preflight.", 0, 86'400, "s"});
    config_section rates = root.section("rate_limit", "How much one client may send.");
    rates.number(
        "per_address_per_second", to.rate_limit.per_address_per_second,
        {"Requests per second, and at once, from one address; beyond it 429. 0: no limit.", 0, 1'000'000});
    config_section handshake = root.section(
        "handshake", "Who may ask for deliveries, by the validation request of CloudEvents' webhooks.");
    handshake.list("allowed_origins", to.handshake.allowed_origins,
                   {"What `WebHook-Request-Origin` may be, such as `eventemitter.example`, or `*` for any; "
                    "no request is granted where empty.",
                    not_empty});
    handshake.number(
        "rate_per_minute", to.handshake.rate_per_minute,
        {"Requests per minute that are granted (`WebHook-Allowed-Rate`); 0: as many as asked for.", 0,
         1'000'000'000});
}

} // namespace millrace::settings
