#include "admin_gate.hpp"

#include "millrace/core/text.hpp"
#include "millrace/http/credential.hpp"

namespace millrace::processor {
namespace {

constexpr const char* challenge = R"(Bearer realm="millrace")";

http::problem unauthorized(std::string detail) {
    return {.status = 401,
            .code = "unauthorized",
            .title = "Unauthorized",
            .detail =
                std::move(detail) + " Send Authorization: Bearer and the token of processor.admin_token.",
            .headers = {{"WWW-Authenticate", challenge}}};
}

http::problem disabled() {
    return {.status = 403,
            .code = "admin_disabled",
            .title = "Administration is off",
            .detail =
                "This processor does not listen on loopback alone and has no admin token. Set "
                "processor.admin_token_file to a file that holds one (or MILLRACE_PROCESSOR_ADMIN_TOKEN), "
                "start it again, and send the token as Authorization: Bearer."};
}

http::problem foreign(std::string detail) {
    return {.status = 403,
            .code = "foreign_origin",
            .title = "Request of another origin",
            .detail = std::move(detail) + " Use the processor's own page, or a program that is no browser."};
}

} // namespace

admin_gate::admin_gate(std::string_view listen, std::string_view token)
    : loopback_(http::is_loopback(listen)) {
    if (!token.empty())
        token_ = crypto::sha256(token);
}

// A page on a name that its owner lets point to 127.0.0.1 (DNS rebinding) is of one origin with us as far as
// the browser can see; but the name in Host is its own then.
std::optional<http::problem> admin_gate::foreign_page(const http::request& r) const {
    const std::string_view site = r.header("sec-fetch-site");
    if (!site.empty() && site != "same-origin" && site != "none")
        return foreign("A web page of another origin may not do this.");
    const std::string_view origin = r.header("origin");
    if (origin.empty())
        return std::nullopt;
    const auto scheme = origin.find("://");
    const std::string_view authority =
        scheme == std::string_view::npos ? std::string_view() : origin.substr(scheme + 3);
    const std::string_view host = r.header("host");
    if (authority.empty() || !iequals(authority, host))
        return foreign("A web page of " + std::string(origin) + " may not do this.");
    if (!token_ && !http::is_loopback(host))
        return foreign(
            "Without an admin token only pages of this machine may do this, by the name localhost.");
    return std::nullopt;
}

std::optional<http::problem> admin_gate::refusal(const http::request& r) const {
    if (!open())
        return disabled();
    if (auto page = foreign_page(r))
        return page;
    if (!token_)
        return std::nullopt;
    const http::credential shown = http::credential_of(r);
    if (!shown.wrong.empty())
        return unauthorized(std::string(shown.wrong));
    if (shown.text.empty())
        return unauthorized("This needs the admin token.");
    if (!shown.bearer || !crypto::equal_in_constant_time(crypto::sha256(shown.text), *token_))
        return unauthorized("This is not the admin token.");
    return std::nullopt;
}

} // namespace millrace::processor
