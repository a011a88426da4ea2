// The keys of the handler `http`, and the rules that need more than one of them.
#include "rules.hpp"
#include "schema.hpp"

#include "millrace/core/text.hpp"

namespace millrace::settings {
namespace {

using runtime::config_section;

constexpr std::uint64_t hour_ms = 3'600'000;

void declare_http_signing(config_section s, http_handler& to) {
    s.text("signing_secret", to.signing_secret,
           {.doc = "Secret that deliveries are signed with, by Standard Webhooks: `whsec_` and base64. They "
                   "are not "
                   "signed where no secret is given.",
            .check = empty_or<signing_secret_problem>,
            .secret = true});
    s.list("signing_secrets", to.signing_secrets,
           {.doc = "More secrets, each of which signs too: give the old and the new one to rotate.",
            .check = signing_secret_problem,
            .secret = true});
    s.list("signing_secret_files", to.signing_secret_files,
           {.doc = "Files that hold such a secret each; a last line end is cut off.", .check = not_empty});
    s.strings("headers", to.headers,
              {.doc = "Headers that each delivery has, such as `Authorization`; their values are secret.",
               .check = fixed_header_problem,
               .secret = [](std::string_view) { return true; },
               .underscore = '-'});
}

void declare_http_limits(config_section s, http_handler& to) {
    s.number("timeout_ms", to.timeout_ms,
             {"From the start of a delivery to the last byte of its answer; then it is tried again.", 10,
              hour_ms, "ms"});
    s.number("connect_timeout_ms", to.connect_timeout_ms,
             {"Part of it: until there is a connection, TLS included.", 10, hour_ms, "ms"});
    s.number("idle_timeout_ms", to.idle_timeout_ms,
             {"A connection that is not used for so long is closed.", 10, hour_ms, "ms"});
    s.number("max_connections", to.max_connections,
             {"Connections, and so deliveries at once, at most `processor.concurrency` of them.", 1, 10'000});
    s.number("retry_after_max_ms", to.retry_after_max_ms,
             {"How long a `Retry-After` is waited for at most.", 0, 24 * hour_ms, "ms"});
    s.number(
        "circuit_failures", to.circuit_failures,
        {"After so many failures in a row (no answer, or one of 500 and above) nothing is delivered for a "
         "while; 0: this never happens.",
         0, 1'000'000});
    s.number("circuit_open_ms", to.circuit_open_ms,
             {"How long, until one delivery is tried; it doubles with each that fails.", 10, hour_ms, "ms"});
    s.number("circuit_max_open_ms", to.circuit_max_open_ms, {"How long at most.", 10, hour_ms, "ms"});
}

} // namespace

void declare_http_handler(config_section s, http_handler& to) {
    s.text(
        "url", to.url,
        {.doc =
             "Where each event is POSTed to as a CloudEvent in binary mode; `processor.handler = \"http\"` "
             "needs it.",
         .check = target_problem});
    declare_http_signing(s, to);
    declare_http_limits(s, to);
    s.text("ca_file", to.ca_file,
           {.doc = "Who signs the target's certificate, PEM; whom the system believes where empty."});
    s.text("client_certificate_file", to.client_certificate_file,
           {.doc = "Certificate that the target is shown, PEM; none where empty."});
    s.text("client_key_file", to.client_key_file, {.doc = "Private key of it, PEM."});
}

void complete_http_handler(runtime::config& c, const std::string& handler, http_handler& of) {
    const std::string path = "handlers.http.";
    if (handler == "http" && of.url.empty())
        c.complain(c.is_set(path + "url") ? path + "url" : "processor.handler",
                   "the handler http needs handlers.http.url, where events are delivered to");
    read_secret_files(c, path + "signing_secret_files", of.signing_secret_files, of.signing_secrets);
    for (const std::string& secret : of.signing_secrets)
        if (auto wrong = signing_secret_problem(secret))
            c.complain(path + "signing_secret_files", "one holds what " + *wrong);
    if (of.client_certificate_file.empty() != of.client_key_file.empty())
        c.complain(path + (of.client_key_file.empty() ? "client_certificate_file" : "client_key_file"),
                   "handlers.http.client_certificate_file and client_key_file are needed together");
    const bool tls_settings = !of.ca_file.empty() || !of.client_certificate_file.empty();
    if (tls_settings && iequals(std::string_view(of.url).substr(0, 7), "http://"))
        c.complain(path + (of.ca_file.empty() ? "client_certificate_file" : "ca_file"),
                   "has no effect with a URL that is not https://");
}

} // namespace millrace::settings
