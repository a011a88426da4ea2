#include "access.hpp"

#include "access_problems.hpp"
#include "millrace/http/credential.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

bool holds(const std::vector<std::string>& topics, std::string_view topic) {
    return std::ranges::find(topics, topic) != topics.end();
}

double seconds_of(unix_ms t) {
    return static_cast<double>(t.value) / 1'000;
}

} // namespace

verdict access_rules::check(const asked& a, access_memory& memory) const {
    if (auto refusal = check_address(a.request, a.steady_now))
        return {{}, std::move(refusal)};
    if (certificates_ && a.certificate.empty()) // a connection that is older than the demand
        return {{}, forbidden("Only clients with a certificate of tls.client_ca_file may post.")};
    if (keys_.empty() && !tokens_)
        return check_certificate(a, memory);
    const http::credential shown = http::credential_of(a.request);
    if (!shown.wrong.empty())
        return {{}, wrong_credentials(shown.wrong)};
    if (shown.text.empty())
        return {{}, no_credentials()};
    if (const api_key* key = keys_.find(shown.text))
        return check_key(*key, a);
    if (tokens_ && shown.bearer)
        return check_token(shown.text, a, memory);
    return {{}, wrong_credentials("No API key of that value is configured.")};
}

// That there is one where it is demanded was looked at before.
verdict access_rules::check_certificate(const asked& a, access_memory& memory) const {
    if (!certificates_)
        return {};
    memory.certificate.assign("certificate:").append(a.certificate);
    return {memory.certificate, {}};
}

verdict access_rules::check_key(const api_key& key, const asked& a) const {
    if (!key.topics.empty() && !holds(key.topics, a.topic))
        return {{}, not_for_topic(a.topic)};
    if (const wait_time wait = key.used->take(key.rate, a.steady_now); wait > wait_time::zero())
        return {{}, rate_limited("with this API key", key.rate, wait)};
    return {key.name, {}};
}

verdict access_rules::check_token(std::string_view token, const asked& a, access_memory& memory) const {
    memory.tokens.belong_to(id_);
    const crypto::digest256 digest = crypto::sha256(token);
    const jwt_cache::entry* known = memory.tokens.find(digest);
    if (known == nullptr) {
        read_jwt read = tokens_->verify(token);
        if (!read.claims)
            return {{}, wrong_token(read.wrong)};
        if (const auto invalid = read.claims->invalid_at(seconds_of(a.now), leeway_seconds_))
            return {{}, wrong_token(*invalid)};
        known = &memory.tokens.keep(digest, std::move(*read.claims));
    }
    if (const auto invalid = known->claims.invalid_at(seconds_of(a.now), leeway_seconds_))
        return {{}, wrong_token(*invalid)};
    if (known->claims.topics && !holds(*known->claims.topics, a.topic))
        return {{}, not_for_topic(a.topic)};
    return {known->poster, {}};
}

std::optional<http::problem> access_rules::check_address(const http::request& request,
                                                         steady_time now) const {
    if (!addresses_)
        return std::nullopt;
    const wait_time wait = addresses_->take(client_address(request, trusted_proxies_), address_rate_, now);
    if (wait == wait_time::zero())
        return std::nullopt;
    return rate_limited("from this address", address_rate_, wait);
}

} // namespace millrace::ingress
