// Making the rules of access from the configuration: all that is wrong is said at once.
#include "access.hpp"

#include "file_text.hpp"
#include "millrace/http/credential.hpp"

#include <atomic>
#include <utility>

namespace millrace::ingress {
namespace {

constexpr std::size_t most_jwks_bytes = 1'048'576;

std::atomic<std::uint64_t> rules_made{0};

} // namespace

access_rules::made access_rules::make(const settings::file& from, const access_rules* before) {
    made out;
    std::shared_ptr<access_rules> rules(new access_rules);
    rules->id_ = ++rules_made;
    rules->keys_ = api_keys(from.auth.keys, before ? &before->keys_ : nullptr, out.errors);
    rules->read_tokens(from.auth.jwt, out.errors);
    rules->certificates_ = !from.tls.client_ca_file.empty();
    for (const std::string& text : from.http.trusted_proxies)
        if (const auto wrong = rules->trusted_proxies_.add(text))
            out.errors.push_back("http.trusted_proxies: \"" + text + "\" " + *wrong);
    rules->address_rate_ = {from.rate_limit.per_address_per_second};
    if (rules->address_rate_.per_second != 0)
        rules->addresses_ =
            before && before->addresses_ ? before->addresses_ : std::make_shared<rate_table>();
    if (out.errors.empty())
        out.rules = std::move(rules);
    return out;
}

void access_rules::read_tokens(const settings::jwt& from, std::vector<std::string>& errors) {
    if (from.jwks_file.empty())
        return;
    const std::string path = "auth.jwt.jwks_file: \"" + from.jwks_file + "\" ";
    const file_text file =
        read_file_text(from.jwks_file, most_jwks_bytes, "is larger than a mebibyte: it cannot be a key set");
    if (!file.text) {
        errors.push_back(path + file.wrong);
        return;
    }
    read_jwks read = parse_jwks(*file.text);
    for (const std::string& wrong : read.errors)
        errors.push_back(path + wrong);
    tokens_.emplace(std::move(read.keys), from.issuer, from.audience);
    leeway_seconds_ = static_cast<double>(from.leeway_seconds);
}

std::optional<std::string> warning_about_access(const settings::file& of) {
    if (http::is_loopback(of.http.listen) || !of.auth.keys.empty() || !of.auth.jwt.jwks_file.empty() ||
        !of.tls.client_ca_file.empty())
        return std::nullopt;
    return "Anybody who reaches " + of.http.listen +
           " may post: no API key, no tokens and no client certificates are configured (auth.keys, auth.jwt, "
           "tls.client_ca_file), and this is not the loopback address";
}

} // namespace millrace::ingress
