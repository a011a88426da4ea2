// Standard Webhooks 1.0: the id, the signature, and more than one secret.
#include "webhook_signer.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace millrace;
using namespace millrace::processor;

namespace {

event::event named(std::string_view id, std::string_view source = "/s") {
    event::event e;
    e.id = id;
    e.source = source;
    return e;
}

// Of the reference libraries' own tests.
const std::string secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view timestamp = "1614265330";
constexpr std::string_view body = R"({"test": 2432232314})";
constexpr std::string_view signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

} // namespace

TEST_CASE("an id of letters, digits, - and _ is the event's own") {
    for (const char* plain : {"1", "A-b_9", "0191a8f0-1b2c-7d3e-8f40-123456789abc"})
        CHECK(webhook_id(named(plain)) == plain);
}

TEST_CASE("another is derived from source and id: always the same, and no other's") {
    for (const char* odd : {"a.b", "events/0/17", "a b", "\xc3\xa9", "K/0", "a\r\nb"}) {
        CAPTURE(odd);
        const std::string derived = webhook_id(named(odd));
        CHECK(derived.starts_with("evt_"));
        CHECK(derived.size() == 36);
        CHECK(derived.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
        CHECK(derived == webhook_id(named(odd)));
        CHECK(derived != webhook_id(named(odd, "/t")));
    }
    CHECK(webhook_id(named("b.c", "a")) != webhook_id(named(".c", "ab")));
    CHECK(webhook_id(named("events/0/17", "/millrace")) == "evt_f70a811096cc31ea9cf8504ad8e73a28");
}

TEST_CASE("the signature is the one of the reference libraries") {
    CHECK(webhook_signer({secret}).sign(id, timestamp, body) == signature);
}

TEST_CASE("several secrets give several signatures, none gives none") {
    const webhook_signer both({"whsec_c2Vjb25kIHNlY3JldCBvZiB0d28=", secret});
    const std::string signatures = both.sign(id, timestamp, body);
    const auto space = signatures.find(' ');
    REQUIRE(space != std::string::npos);
    CHECK(signatures.substr(space + 1) == signature);
    CHECK(signatures.substr(0, 3) == "v1,");
    CHECK(signatures.substr(0, space) != signature);
    CHECK_FALSE(webhook_signer({}).signs());
    CHECK(both.signs());
}

TEST_CASE("what is no secret is refused") {
    for (const char* wrong : {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_a", "whsec_*&^%"}) {
        CAPTURE(wrong);
        CHECK_THROWS_AS(webhook_signer({wrong}), std::runtime_error);
    }
}
