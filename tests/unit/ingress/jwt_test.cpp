// Tokens that are taken, and every way in which one is not: RFC 7519, RFC 8725.
#include "jwt.hpp"

#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/hmac.hpp"
#include "token_signer.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::ingress;
using millrace::test::token_signer;
using nlohmann::json;

namespace {

const std::string good_claims =
    R"({"sub":"alice","iss":"https://issuer.example","aud":"millrace","exp":2000000000})";

json with_id(json jwk, const char* id) {
    jwk["kid"] = id;
    return jwk;
}

jwt_verifier verifier() {
    const json set = {{"keys",
                       {with_id(token_signer::rsa().jwk(), "r"), with_id(token_signer::ec().jwk(), "c"),
                        with_id(token_signer::ed().jwk(), "d")}}};
    read_jwks read = parse_jwks(set.dump());
    REQUIRE(read.errors.empty());
    return {std::move(read.keys), "https://issuer.example", "millrace"};
}

std::string why_not(const std::string& token) {
    const read_jwt read = verifier().verify(token);
    return read.claims ? "taken" : std::string(read.wrong);
}

bool mentions(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

std::string es256(std::string_view claims) {
    return token_signer::ec().sign(R"({"alg":"ES256","kid":"c"})", claims);
}

} // namespace

TEST_CASE("tokens of the three algorithms are taken") {
    for (const auto& [signer, header] :
         {std::pair(&token_signer::rsa(), R"({"alg":"RS256","kid":"r","typ":"JWT"})"),
          std::pair(&token_signer::ec(), R"({"kid":"c","alg":"ES256","typ":"at+jwt"})"),
          std::pair(&token_signer::ed(), R"({"alg":"EdDSA","kid":"d"})"),
          std::pair(&token_signer::ed(), R"({"alg":"EdDSA"})")}) { // the only key of its type
        const read_jwt read = verifier().verify(signer->sign(header, good_claims));
        REQUIRE_MESSAGE(read.claims, header, " ", read.wrong);
        CHECK(read.claims->subject == "alice");
        CHECK_FALSE(read.claims->topics);
        CHECK_FALSE(read.claims->invalid_at(1'999'999'999, 0));
    }
}

TEST_CASE("no token chooses how it is verified") {
    const token_signer& rsa = token_signer::rsa();
    const token_signer& ec = token_signer::ec();
    const token_signer& ed = token_signer::ed();
    struct {
        std::string token;
        const char* because;
    } const cases[] = {
        {rsa.sign(R"({"alg":"none","kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":"None"})", good_claims), "alg is not"},
        {ed.sign(R"({"alg":"none","kid":"d"})", good_claims), "alg is not"},
        {ed.sign(R"({"alg":"HS256","kid":"d"})", good_claims), "alg is not"},
        {rsa.sign(R"({"kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":null,"kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":"RS512","kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":"PS256","kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":"rs256","kid":"r"})", good_claims), "alg is not"},
        {rsa.sign(R"({"alg":"ES256","kid":"r"})", good_claims), "kid and alg"}, // another algorithm's key
        {rsa.sign(R"({"alg":"ES256","kid":"c"})", good_claims), "signature"},   // another key's signature
        {ec.sign(R"({"alg":"RS256","kid":"r"})", good_claims), "signature"},
        {ec.sign(R"({"alg":"ES256","kid":"unknown"})", good_claims), "kid"},
        {ec.sign(R"({"alg":"ES256","kid":""})", good_claims), "kid"},
        {ec.sign(R"({"alg":"ES256","kid":7})", good_claims), "kid is not a string"},
        {ec.sign(R"({"alg":"ES256","kid":"c","crit":["exp"]})", good_claims), "crit"},
        {ec.sign(R"({"alg":"ES256","kid":"c","b64":false})", good_claims), "b64"},
        {ec.sign(R"({"alg":"ES256","kid":"c","typ":"secevent+jwt"})", good_claims), "typ"},
        {ec.sign(R"({"alg":"RS256","alg":"ES256","kid":"c"})", good_claims), "JSON objects"},
        {ec.sign(R"(["ES256"])", good_claims), "JSON objects"},
        {ec.sign(R"({"alg":"ES256","kid":"c"}x)", good_claims), "JSON objects"},
    };
    for (const auto& c : cases)
        CHECK_MESSAGE(mentions(why_not(c.token), c.because), why_not(c.token), " is not about ", c.because);
}

TEST_CASE("a public key is no shared secret: HS256 made with it is refused") {
    const std::string modulus = token_signer::rsa().jwk()["n"];
    for (const std::string& secret : {modulus, *crypto::from_base64url(modulus)}) {
        const std::string text =
            crypto::to_base64url(R"({"alg":"HS256","kid":"r"})") + "." + crypto::to_base64url(good_claims);
        const std::string signature = crypto::hmac(crypto::hash::sha256, secret).sign({text});
        CHECK(mentions(why_not(text + "." + crypto::to_base64url(signature)), "alg is not"));
    }
}

TEST_CASE("a key that the token brings along is not looked at") {
    const token_signer attacker(token_signer::kind::es256);
    json header = {{"alg", "ES256"}, {"kid", "c"}, {"jwk", attacker.jwk()}, {"jku", "https://evil.example/"}};
    CHECK(mentions(why_not(attacker.sign(header.dump(), good_claims)), "signature"));
    header.erase("kid");
    CHECK(mentions(why_not(attacker.sign(header.dump(), good_claims)), "signature"));
}

TEST_CASE("a token that was touched is refused, wherever") {
    const std::string token = es256(good_claims);
    REQUIRE(why_not(token) == "taken");
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string touched = token;
        touched[i] = touched[i] == 'A' ? 'B' : 'A';
        CHECK_MESSAGE(why_not(touched) != "taken", "octet ", i);
    }
    for (std::size_t size = 0; size < token.size(); ++size)
        CHECK_MESSAGE(why_not(token.substr(0, size)) != "taken", "cut off at ", size);
    for (const char* more : {"=", "A", ".", ".e30", " ", "\n"})
        CHECK_MESSAGE(why_not(token + more) != "taken", "with ", more);
    const auto payload_at = token.find('.') + 1;
    const std::string other = crypto::to_base64url(R"({"sub":"root","exp":2000000000})");
    CHECK(
        mentions(why_not(token.substr(0, payload_at) + other + token.substr(token.rfind('.'))), "signature"));
    CHECK(mentions(why_not(token.substr(0, token.rfind('.') + 1)), "signature")); // none at all
    CHECK(mentions(why_not(""), "three parts"));
    CHECK(mentions(why_not(es256(R"({"sub":")" + std::string(8'192, 'a') + R"(","exp":1})")), "longer"));
}

TEST_CASE("claims: what has to be there, and as what") {
    struct {
        const char* claims;
        const char* because;
    } const cases[] = {
        {R"({"iss":"https://issuer.example","aud":"millrace","exp":2000000000})", "sub"},
        {R"({"sub":"","iss":"https://issuer.example","aud":"millrace","exp":2000000000})", "sub"},
        {R"({"sub":7,"iss":"https://issuer.example","aud":"millrace","exp":2000000000})", "sub"},
        {R"({"sub":"a\nb","iss":"https://issuer.example","aud":"millrace","exp":2000000000})", "sub"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace"})", "exp"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":"2000000000"})", "exp"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":null})", "exp"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":1e999})", "JSON"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":1,"exp":2000000000})", "JSON"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":9,"nbf":"1"})", "nbf"},
        {R"({"sub":"a","aud":"millrace","exp":2000000000})", "iss"},
        {R"({"sub":"a","iss":"https://issuer.example/","aud":"millrace","exp":2000000000})", "iss"},
        {R"({"sub":"a","iss":["https://issuer.example"],"aud":"millrace","exp":2000000000})", "iss"},
        {R"({"sub":"a","iss":"https://issuer.example","exp":2000000000})", "aud"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"other","exp":2000000000})", "aud"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":["other",["millrace"]],"exp":2e9})", "aud"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":[],"exp":2000000000})", "aud"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":2e9,"topics":7})", "topics"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":2e9,"topics":null})", "topics"},
        {R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":2e9,"topics":[1]})", "topics"},
    };
    for (const auto& c : cases)
        CHECK_MESSAGE(mentions(why_not(es256(c.claims)), c.because), c.claims, ": ",
                      why_not(es256(c.claims)));
    CHECK(why_not(es256(R"({"sub":"a","iss":"https://issuer.example","aud":["x","millrace"],"exp":2e9})")) ==
          "taken");
}

TEST_CASE("topics come as a list or with spaces between them; an empty list is no topic") {
    const auto topics = [](const std::string& claim) {
        const auto read = verifier().verify(
            es256(R"({"sub":"a","iss":"https://issuer.example","aud":"millrace","exp":2e9,"topics":)" +
                  claim + "}"));
        REQUIRE(read.claims);
        REQUIRE(read.claims->topics);
        return *read.claims->topics;
    };
    CHECK(topics(R"(["a","b"])") == std::vector<std::string>{"a", "b"});
    CHECK(topics(R"(" a  b ")") == std::vector<std::string>{"a", "b"});
    CHECK(topics("[]").empty());
    CHECK(topics(R"("")").empty());
}

TEST_CASE("times hold to the second, with the leeway on either side") {
    jwt_claims claims;
    claims.expires = 1'000;
    claims.not_before = 900;
    CHECK(claims.invalid_at(899, 0) == "it is not valid yet (nbf)");
    CHECK_FALSE(claims.invalid_at(900, 0));
    CHECK_FALSE(claims.invalid_at(999.9, 0));
    CHECK(claims.invalid_at(1'000, 0) == "it has expired (exp)");
    CHECK(claims.invalid_at(839, 60));
    CHECK_FALSE(claims.invalid_at(840, 60));
    CHECK_FALSE(claims.invalid_at(1'059, 60));
    CHECK(claims.invalid_at(1'060, 60));
    claims.expires = std::numeric_limits<double>::quiet_NaN();
    CHECK(claims.invalid_at(950, 0));
}

TEST_CASE("without a kid the key must be the only one of its type") {
    const token_signer second(token_signer::kind::es256);
    const json set = {{"keys", {with_id(token_signer::ec().jwk(), "1"), with_id(second.jwk(), "2")}}};
    const jwt_verifier two(parse_jwks(set.dump()).keys, "", "");
    CHECK(mentions(std::string(two.verify(second.sign(R"({"alg":"ES256"})", good_claims)).wrong), "no kid"));
    CHECK(two.verify(second.sign(R"({"alg":"ES256","kid":"2"})", good_claims)).claims);
    CHECK_FALSE(two.verify(second.sign(R"({"alg":"ES256","kid":"1"})", good_claims)).claims);
}
