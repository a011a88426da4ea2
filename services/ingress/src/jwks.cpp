#include "jwks.hpp"

#include "jwt_json.hpp"
#include "millrace/crypto/encoding.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace millrace::ingress {
namespace {

using nlohmann::json;

constexpr std::size_t most_keys = 100;
constexpr std::string_view how_to_mend =
    "; publish the set again with the tool that made it, public keys only";

/// What became of one key of the set: taken, or passed over, or wrong; with the reason.
struct read_key {
    std::optional<crypto::public_key> key;
    std::string passed_over;
    std::string wrong;
};

std::optional<std::string> bytes_of(const json& jwk, const char* name) {
    const std::string* text = text_member(jwk, name);
    return text == nullptr || text->empty() ? std::nullopt : crypto::from_base64url(*text);
}

/// Whether the member is absent or `wanted`.
bool allows(const json& jwk, const char* name, std::string_view wanted) {
    const json* found = member(jwk, name);
    return found == nullptr || (found->is_string() && found->get_ref<const std::string&>() == wanted);
}

bool allows_verifying(const json& jwk) {
    const json* operations = member(jwk, "key_ops");
    return allows(jwk, "use", "sig") &&
           (operations == nullptr || (operations->is_array() && std::ranges::any_of(*operations, [](auto& o) {
                                          return o.is_string() && o == "verify";
                                      })));
}

read_key made(std::optional<crypto::public_key> key, std::string wrong) {
    if (!key)
        return {{}, {}, std::move(wrong)};
    return {std::move(key), {}, {}};
}

read_key read_rsa(const json& jwk) {
    if (!allows(jwk, "alg", "RS256"))
        return {{}, "its alg is not RS256", {}};
    const auto n = bytes_of(jwk, "n");
    const auto e = bytes_of(jwk, "e");
    if (!n || !e)
        return {{}, {}, "n or e is missing or not base64url"};
    return made(crypto::public_key::rsa(*n, *e), "is no RSA key of 2048 to 16384 bits");
}

read_key read_ec(const json& jwk) {
    const std::string* curve = text_member(jwk, "crv");
    if (curve == nullptr)
        return {{}, {}, "crv is missing"};
    if (*curve != "P-256" || !allows(jwk, "alg", "ES256"))
        return {{}, "it is not for ES256 (crv P-256)", {}};
    const auto x = bytes_of(jwk, "x");
    const auto y = bytes_of(jwk, "y");
    if (!x || !y)
        return {{}, {}, "x or y is missing or not base64url"};
    return made(crypto::public_key::p256(*x, *y), "x and y are no point of P-256, 32 bytes each");
}

read_key read_okp(const json& jwk) {
    const std::string* curve = text_member(jwk, "crv");
    if (curve == nullptr)
        return {{}, {}, "crv is missing"};
    // RFC 9864 has given EdDSA with this curve a name of its own
    if (*curve != "Ed25519" || !(allows(jwk, "alg", "EdDSA") || allows(jwk, "alg", "Ed25519")))
        return {{}, "it is not for EdDSA (crv Ed25519)", {}};
    const auto x = bytes_of(jwk, "x");
    if (!x)
        return {{}, {}, "x is missing or not base64url"};
    return made(crypto::public_key::ed25519(*x), "x is no Ed25519 key of 32 bytes");
}

read_key read(const json& jwk) {
    if (!jwk.is_object())
        return {{}, {}, "is not an object"};
    const std::string* type = text_member(jwk, "kty");
    if (type == nullptr)
        return {{}, {}, "kty is missing"};
    if (member(jwk, "d") != nullptr)
        return {{}, {}, "holds a private key (d), which nobody but the issuer may have"};
    if (const json* id = member(jwk, "kid"); id != nullptr && !id->is_string())
        return {{}, {}, "kid is not a string"};
    if (!allows_verifying(jwk))
        return {{}, "it is not for signatures (use, key_ops)", {}};
    if (*type == "RSA")
        return read_rsa(jwk);
    if (*type == "EC")
        return read_ec(jwk);
    if (*type == "OKP")
        return read_okp(jwk);
    return {{}, "its kty is not RSA, EC or OKP", {}};
}

std::string name_of(std::size_t index, const json& jwk) {
    const std::string* id = jwk.is_object() ? text_member(jwk, "kid") : nullptr;
    return "keys[" + std::to_string(index) + "]" + (id == nullptr ? "" : " (kid \"" + *id + "\")") + ": ";
}

bool has(const std::vector<signing_key>& keys, const std::string& id, crypto::key_type type) {
    return !id.empty() && std::ranges::any_of(
                              keys, [&](const signing_key& k) { return k.id == id && k.key.type() == type; });
}

} // namespace

read_jwks parse_jwks(std::string_view text) {
    read_jwks out;
    const auto set = parse_object(text);
    const json* keys = set ? member(*set, "keys") : nullptr;
    if (keys == nullptr || !keys->is_array()) {
        out.errors.push_back("is not a JSON Web Key Set: {\"keys\": [ ... ]}, each name once" +
                             std::string(how_to_mend));
        return out;
    }
    if (keys->size() > most_keys) {
        out.errors.push_back("holds more than " + std::to_string(most_keys) + " keys; remove retired ones");
        return out;
    }
    std::string passed_over;
    for (std::size_t i = 0; i < keys->size(); ++i) {
        const json& jwk = (*keys)[i];
        read_key found = read(jwk);
        const std::string name = name_of(i, jwk);
        if (found.key) {
            const std::string* id = text_member(jwk, "kid");
            if (id != nullptr && has(out.keys, *id, found.key->type()))
                out.errors.push_back(name + "is there twice; a token could mean either");
            out.keys.push_back({id == nullptr ? "" : *id, std::move(*found.key)});
        } else if (!found.wrong.empty()) {
            out.errors.push_back(name + found.wrong + std::string(how_to_mend));
        } else {
            passed_over += "; " + name + found.passed_over;
        }
    }
    if (out.errors.empty() && out.keys.empty())
        out.errors.push_back("holds no key for RS256, ES256 or EdDSA, so that no token could be verified" +
                             passed_over);
    if (!out.errors.empty())
        out.keys.clear();
    return out;
}

} // namespace millrace::ingress
