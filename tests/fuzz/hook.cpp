// Signatures of webhooks: what was not signed with the secret is never taken. Input: headers, an empty line,
// the body.
#include "hook.hpp"
#include "fuzz.hpp"

#include <array>
#include <string>

using namespace millrace;
using namespace millrace::ingress;

namespace {

settings::hook of_scheme(const char* scheme, const char* secret) {
    settings::hook h;
    h.scheme = scheme;
    h.secrets = {secret};
    h.topic = "events";
    if (h.scheme == "hmac") {
        h.signature_header = "X-Signature";
        h.timestamp_header = "X-Timestamp";
        h.id_from = "header X-Id";
        h.type_from = "body /type";
        h.prefix = "v1=";
    }
    return h;
}

const std::vector<hook>& hooks() {
    static const std::vector<hook> made = [] {
        std::vector<hook> all;
        std::vector<std::string> errors;
        for (const auto& [scheme, secret] : std::array<std::array<const char*, 2>, 4>{
                 {{"github", "a secret that nobody can guess"},
                  {"stripe", "whsec_a secret that nobody can guess"},
                  {"standard", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
                  {"hmac", "a secret that nobody can guess"}}})
            if (auto h = hook::make(scheme, of_scheme(scheme, secret), errors))
                all.push_back(std::move(*h));
        fuzz::expect(errors.empty() && all.size() == 4, "the four schemes can be configured");
        return all;
    }();
    return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fuzz::input in = fuzz::read(data, size);
    const std::vector<field> headers = in.fields(0);
    http::request delivery;
    delivery.method = "POST";
    delivery.headers = headers;
    delivery.body = in.body;
    static hook_reader reader{event::decode_limits{}};
    for (const hook& h : hooks()) {
        const auto taken = h.accept(delivery, {1'700'000'000'000}, reader);
        fuzz::expect(taken.has_error(), "nothing is taken that was not signed");
        const unsigned status = taken.error().status;
        fuzz::expect(status == 401 || status == 400 || status == 415,
                     "it is refused as unauthorised, malformed, or of a kind that no hook takes");
    }
    return 0;
}
