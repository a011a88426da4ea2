#include "jwt.hpp"

#include "jwt_json.hpp"
#include "millrace/core/text.hpp"
#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <utility>

namespace millrace::ingress {
namespace {

using crypto::key_type;
using nlohmann::json;

constexpr std::size_t most_subject_bytes = 255;
constexpr std::string_view not_a_token = "it is not three parts of base64url, the first two JSON objects";

/// HEADER.PAYLOAD.SIGNATURE (RFC 7515, section 3.1).
struct parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signature;
    std::string_view signed_text; ///< the first two with their dot
};

std::optional<parts> split(std::string_view token) {
    const auto first = token.find('.');
    const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
    if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos)
        return std::nullopt;
    return parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(second + 1), token.substr(0, second)};
}

std::optional<json> object_of(std::string_view part) {
    const auto text = crypto::from_base64url(part);
    return text ? parse_object(*text) : std::nullopt;
}

/// The one type of key that verifies the algorithm. `none` and the keyed hashes (HS256 ...) have none: a
/// public key is never taken for a shared secret.
std::optional<key_type> type_for(std::string_view algorithm) {
    if (algorithm == "RS256")
        return key_type::rsa;
    if (algorithm == "ES256")
        return key_type::p256;
    if (algorithm == "EdDSA" || algorithm == "Ed25519")
        return key_type::ed25519;
    return std::nullopt;
}

/// The key's id where the token says one. With none, the key has to be the only one of its type: to try one
/// after the other would make the set as weak as its weakest key.
const signing_key* choose(const std::vector<signing_key>& keys, key_type type, const std::string* id) {
    const signing_key* chosen = nullptr;
    for (const signing_key& k : keys) {
        if (k.key.type() != type || (id != nullptr && k.id != *id))
            continue;
        if (chosen != nullptr)
            return nullptr;
        chosen = &k;
    }
    return chosen;
}

bool is_token_type(const json& header) {
    const json* typ = member(header, "typ");
    if (typ == nullptr)
        return true;
    const std::string* text = typ->get_ptr<const std::string*>();
    return text != nullptr &&
           (iequals(*text, "JWT") || iequals(*text, "at+jwt") || iequals(*text, "application/at+jwt"));
}

bool has_audience(const json& claims, const std::string& wanted) {
    const json* aud = member(claims, "aud");
    if (aud == nullptr)
        return false;
    if (aud->is_array())
        return std::ranges::any_of(*aud, [&](const json& a) { return a.is_string() && a == wanted; });
    return aud->is_string() && *aud == wanted;
}

/// A list of names, or names with spaces between them as in `scope` (RFC 8693, section 4.2).
std::optional<std::vector<std::string>> topics_of(const json& claim) {
    std::vector<std::string> out;
    if (const auto* text = claim.get_ptr<const std::string*>()) {
        for (std::string_view rest = *text; !rest.empty();) {
            const auto space = rest.find(' ');
            if (space != 0)
                out.emplace_back(rest.substr(0, space));
            rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
        }
        return out;
    }
    if (!claim.is_array())
        return std::nullopt;
    for (const json& topic : claim) {
        if (!topic.is_string())
            return std::nullopt;
        out.push_back(topic.get<std::string>());
    }
    return out;
}

bool is_name(const std::string* subject) {
    return subject != nullptr && !subject->empty() && subject->size() <= most_subject_bytes &&
           std::ranges::none_of(*subject, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

read_jwt read_claims(const json& payload) {
    const std::string* subject = text_member(payload, "sub");
    const json* expires = member(payload, "exp");
    const json* not_before = member(payload, "nbf");
    const json* topics = member(payload, "topics");
    if (!is_name(subject))
        return {{}, "sub is missing, empty, longer than 255 bytes, or has control characters"};
    if (expires == nullptr || !expires->is_number())
        return {{}, "exp is missing or not a number"};
    if (not_before != nullptr && !not_before->is_number())
        return {{}, "nbf is not a number"};
    jwt_claims out;
    out.subject = *subject;
    out.expires = expires->get<double>();
    if (not_before != nullptr)
        out.not_before = not_before->get<double>();
    if (topics != nullptr) {
        out.topics = topics_of(*topics);
        if (!out.topics)
            return {{}, "topics is not a list of names"};
    }
    return {std::move(out), {}};
}

} // namespace

std::optional<std::string_view> jwt_claims::invalid_at(double unix_seconds,
                                                       double leeway_seconds) const noexcept {
    if (!(unix_seconds < expires + leeway_seconds)) // "on or after" it is too late: RFC 7519, section 4.1.4
        return "it has expired (exp)";
    if (!(unix_seconds + leeway_seconds >= not_before))
        return "it is not valid yet (nbf)";
    return std::nullopt;
}

jwt_verifier::jwt_verifier(std::vector<signing_key> keys, std::string issuer, std::string audience)
    : keys_(std::move(keys)), issuer_(std::move(issuer)), audience_(std::move(audience)) {}

// Of the header only alg, kid, typ and crit are looked at: a key or an address of one that the token brings
// along (jwk, jku, x5c, x5u) is never used.
std::optional<std::string_view> jwt_verifier::check_signature(std::string_view token) const {
    const auto p = split(token);
    const auto header = p ? object_of(p->header) : std::nullopt;
    if (!header)
        return not_a_token;
    if (member(*header, "crit") != nullptr || member(*header, "b64") != nullptr)
        return "its header demands an extension (crit, b64); none is known";
    if (!is_token_type(*header))
        return "its typ is not JWT or at+jwt";
    const std::string* algorithm = text_member(*header, "alg");
    const auto type = algorithm == nullptr ? std::nullopt : type_for(*algorithm);
    if (!type)
        return "its alg is not RS256, ES256 or EdDSA";
    const std::string* id = text_member(*header, "kid");
    if (id == nullptr && member(*header, "kid") != nullptr)
        return "its kid is not a string";
    const signing_key* key = choose(keys_, *type, id);
    if (key == nullptr)
        return id != nullptr ? "no key of auth.jwt.jwks_file has its kid and alg"
                             : "it names no kid, and auth.jwt.jwks_file has not one key for its alg";
    const auto signature = crypto::from_base64url(p->signature);
    if (!signature || !key->key.verify(p->signed_text, *signature))
        return "its signature is wrong";
    return std::nullopt;
}

read_jwt jwt_verifier::verify(std::string_view token) const {
    if (token.size() > max_token_bytes)
        return {{}, "it is longer than 8192 bytes"};
    if (const auto wrong = check_signature(token))
        return {{}, *wrong};
    const auto payload = object_of(split(token)->payload); // only now: nothing of it is believed before
    if (!payload)
        return {{}, not_a_token};
    const std::string* issuer = text_member(*payload, "iss");
    if (!issuer_.empty() && (issuer == nullptr || *issuer != issuer_))
        return {{}, "its iss is not auth.jwt.issuer"};
    if (!audience_.empty() && !has_audience(*payload, audience_))
        return {{}, "its aud is not, or does not hold, auth.jwt.audience"};
    return read_claims(*payload);
}

} // namespace millrace::ingress
