#include "millrace/http/credential.hpp"

#include "millrace/core/error.hpp"
#include "millrace/core/text.hpp"

#include <boost/asio/ip/address.hpp>

namespace millrace::http {
namespace {

constexpr std::size_t most_bytes = 8'192; // a hash of it should cost no more than an event
constexpr std::string_view scheme = "bearer";

credential bearer_of(std::string_view value) noexcept {
    if (!iequals(value.substr(0, value.find(' ')), scheme))
        return {{}, true, "Authorization does not start with Bearer."};
    const std::string_view text = trim(value.substr(scheme.size()));
    if (text.empty() || text.find_first_of(" \t") != std::string_view::npos)
        return {{}, true, "Authorization is not Bearer, a space, and a key or token."};
    return {text, true, {}};
}

} // namespace

// One pass over the headers; most are passed over by the length of their names.
credential credential_of(const request& shown) noexcept {
    credential found;
    std::size_t sent = 0;
    for (const field& f : shown.headers) {
        if (f.name.size() == 13 && iequals(f.name, "authorization"))
            found = bearer_of(f.value);
        else if (f.name.size() == 9 && iequals(f.name, "x-api-key"))
            found = {f.value, false, f.value.empty() ? "X-API-Key is empty." : ""};
        else
            continue;
        ++sent;
    }
    if (sent > 1) // whoever stands in front may have looked at another one
        return {{}, false, "There is more than one Authorization or X-API-Key: send one of them, once."};
    if (found.text.size() > most_bytes)
        return {{}, false, "The key or token is longer than 8192 bytes."};
    return found;
}

bool is_loopback(std::string_view host) noexcept {
    if (host.starts_with('['))
        host = host.substr(1, host.find(']') - 1);
    else if (const auto colon = host.find(':'); colon == host.rfind(':'))
        host = host.substr(0, colon);
    if (iequals(host, "localhost"))
        return true;
    error_code wrong;
    const auto address = boost::asio::ip::make_address(host, wrong);
    return !wrong && address.is_loopback();
}

} // namespace millrace::http
