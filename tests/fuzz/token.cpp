// Tokens and key sets: no token that the key did not sign says anything. Input: a token; an empty line; a key
// set.
#include "fuzz.hpp"
#include "jwks.hpp"
#include "jwt.hpp"

using namespace millrace;
using namespace millrace::ingress;

namespace {

// A public key whose private half was never written down.
constexpr std::string_view keys =
    R"({"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","use":"sig","alg":"EdDSA",
"x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]})";

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    static const jwt_verifier verifier(parse_jwks(keys).keys, "", "");
    const read_jwt read = verifier.verify(in.line(0));
    fuzz::expect(!read.claims.has_value() && !read.wrong.empty(),
                 "no token is taken that the key did not sign");
    const read_jwks set = parse_jwks(in.body);
    fuzz::expect(set.keys.empty() != set.errors.empty(), "a key set has keys or says what is wrong");
    return 0;
}
