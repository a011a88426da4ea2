// Key sets: which keys are taken, which passed over, and what is said of those that are wrong. RFC 7517.
#include "jwks.hpp"

#include "token_signer.hpp"

#include <doctest/doctest.h>

using namespace millrace::ingress;
using millrace::crypto::key_type;
using millrace::test::token_signer;
using nlohmann::json;

namespace {

json with(json jwk, const char* name, json value) {
    jwk[name] = std::move(value);
    return jwk;
}

read_jwks parse(std::initializer_list<json> keys) {
    return parse_jwks(json{{"keys", json::array_t(keys)}}.dump());
}

std::string only_error(const read_jwks& read) {
    CHECK(read.keys.empty());
    return read.errors.size() == 1 ? read.errors.front() : std::to_string(read.errors.size()) + " errors";
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

const json& rsa() {
    static const json jwk = token_signer::rsa().jwk();
    return jwk;
}
const json& ec() {
    static const json jwk = token_signer::ec().jwk();
    return jwk;
}
const json& ed() {
    static const json jwk = token_signer::ed().jwk();
    return jwk;
}

} // namespace

TEST_CASE("keys of the three types are taken, those for other things passed over") {
    const read_jwks read =
        parse({with(rsa(), "kid", "r"), with(with(ec(), "alg", "ES256"), "use", "sig"),
               with(with(ed(), "alg", "EdDSA"), "key_ops", {"verify"}), with(rsa(), "use", "enc"),
               with(rsa(), "alg", "RS512"), with(ec(), "crv", "P-384"), with(ec(), "alg", "ES384"),
               with(ed(), "crv", "X25519"), with(ed(), "key_ops", {"sign"}),
               json{{"kty", "oct"}, {"k", "AA"}}, json{{"kty", "AKP"}}});
    CHECK(read.errors.empty());
    REQUIRE(read.keys.size() == 3);
    CHECK(read.keys[0].id == "r");
    CHECK(read.keys[0].key.type() == key_type::rsa);
    CHECK(read.keys[1].id.empty());
    CHECK(read.keys[1].key.type() == key_type::p256);
    CHECK(read.keys[2].key.type() == key_type::ed25519);
}

TEST_CASE("a set without a usable key says why each of its keys is none") {
    const std::string error =
        only_error(parse({with(rsa(), "use", "enc"), json{{"kty", "oct"}, {"k", "AA"}}}));
    CHECK(mentions(error, "no key for RS256, ES256 or EdDSA"));
    CHECK(mentions(error, "keys[0]"));
    CHECK(mentions(error, "use"));
    CHECK(mentions(error, "keys[1]"));
    CHECK(mentions(only_error(parse({})), "no key"));
}

TEST_CASE("a key that is not what it says is an error that names it") {
    struct {
        json key;
        const char* because;
    } const cases[] = {
        {with(rsa(), "n", "AQAB"), "2048"},
        {with(rsa(), "n", rsa()["n"].get<std::string>() + "="), "base64url"},
        {json{{"kty", "RSA"}, {"n", rsa()["n"]}}, "n or e"},
        {token_signer(token_signer::kind::rs256, 1'024).jwk(), "2048"},
        {with(ec(), "x", ec()["y"]), "P-256"},
        {with(ec(), "x", 7), "x or y"},
        {with(ed(), "x", "AAAA"), "32 bytes"},
        {with(ec(), "d", "AAAA"), "private"},
        {with(rsa(), "kid", 7), "kid"},
        {json{{"kid", "a"}}, "kty"},
        {json("text"), "object"},
        {json{{"kty", "EC"}, {"x", "AA"}, {"y", "AA"}}, "crv"},
        {json{{"kty", "OKP"}, {"x", "AA"}}, "crv"},
    };
    for (const auto& c : cases) {
        const std::string error = only_error(parse({ed(), c.key}));
        CHECK_MESSAGE(mentions(error, c.because), error);
        CHECK_MESSAGE(mentions(error, "keys[1]"), error);
    }
    CHECK(mentions(only_error(parse({with(ec(), "kid", "a"), with(ec(), "kid", "a")})), "twice"));
    CHECK(parse({with(ec(), "kid", "a"), with(ed(), "kid", "a")}).keys.size() == 2);
    CHECK(parse({with(ec(), "d", "AAAA"), json{{"kid", "a"}}}).errors.size() == 2); // all of them at once
}

TEST_CASE("what is no key set says so") {
    for (const char* text : {"", "{", "[]", "{}", R"({"keys":{}})", R"({"keys":[],"keys":[]})",
                             "{\"keys\":[]}x", "-----BEGIN PUBLIC KEY-----", "{\"keys\":[\"\xff\"]}"})
        CHECK_MESSAGE(mentions(only_error(parse_jwks(text)), "JSON Web Key Set"), text);
    std::string many = R"({"keys":[)";
    for (int i = 0; i < 101; ++i)
        many += i == 0 ? "{}" : ",{}";
    CHECK(mentions(only_error(parse_jwks(many + "]}")), "more than 100"));
    CHECK(mentions(only_error(parse_jwks(std::string(200'000, '[') + std::string(200'000, ']'))), "Key Set"));
}
