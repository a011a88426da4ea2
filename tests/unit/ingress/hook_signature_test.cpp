// Who sent a delivery: the vectors that providers publish, then everything that may be wrong with a
// signature.
#include "hook_delivery.hpp"
#include "hook_signature.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

using namespace millrace;
using ingress::hook_signature;

namespace {

std::shared_ptr<const hook_signature> made(const settings::hook& from) {
    std::vector<std::string> errors;
    auto signature = ingress::make_hook_signature("hooks.test", from, errors);
    REQUIRE(errors.empty());
    return signature;
}

/// Empty: it holds.
std::string fault(const hook_signature& signature, const delivery& of, std::int64_t now_s = 0) {
    const auto found = signature.fault_of(of.request(), {now_s * 1'000});
    return found ? found->detail : std::string();
}

bool says(const std::string& detail, std::string_view part) {
    INFO(detail);
    return detail.find(part) != std::string::npos;
}

constexpr std::string_view mismatch = "not of this body by a key of this hook";

// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries: "Testing the webhook
// payload validation"
const std::string github_secret = "It's a Secret to Everybody";
const std::string github_hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
const std::string github_signature = "sha256=" + github_hex;
const delivery github = {{{"x-hub-signature-256", github_signature}}, "Hello, World!"};

// https://github.com/standard-webhooks/standard-webhooks, the example of its libraries
constexpr std::int64_t standard_time = 1'614'265'330;
const std::string standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const delivery standard = {{{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
                            {"webhook-timestamp", "1614265330"},
                            {"webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
                           R"({"test": 2432232314})"};

// The same by the key of RFC 8032, section 7.1, test 1
const std::string standard_key = "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
constexpr std::string_view standard_asymmetric =
    "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw==";

// By the secrets "whsec_test_secret" and "whsec_old"
constexpr std::int64_t stripe_time = 1'700'000'000;
const std::string stripe_new = "v1=46dc069361a7691082640523fa33fe5d6c8c88d5f5e257cdf8cf11539d166595";
const std::string stripe_old = "v1=d13175aede5abd17f608014cc932a35d96e3c14e1ca5933a3a87aa37a60768fb";
const std::string stripe_header = "t=1700000000," + stripe_new;
const delivery stripe = {{{"Stripe-Signature", stripe_header}}, R"({"id":"evt_1","type":"invoice.paid"})"};

} // namespace

TEST_CASE("github: the published vector holds, and nothing near it does") {
    const auto signature = made({.scheme = "github", .secrets = {github_secret}});
    CHECK(fault(*signature, github) == "");
    CHECK(says(fault(*signature, github.with_body("Hello, World?")), mismatch));
    CHECK(says(fault(*signature, github.with_body("")), mismatch));
    CHECK(says(fault(*signature, github.without("x-hub-signature-256")), "X-Hub-Signature-256 is missing"));
    CHECK(says(fault(*signature, github.twice("x-hub-signature-256")), "more than once"));
    const auto with = [&](const std::string& value) {
        const std::string kept = value;
        return fault(*signature, github.with("x-hub-signature-256", kept));
    };
    CHECK(says(with(""), "does not start with sha256="));
    CHECK(says(with(github_hex), "does not start with sha256="));
    CHECK(says(with("sha1=" + github_hex), "does not start with sha256="));
    CHECK(says(with("sha256=" + github_hex.substr(1)), "not hexadecimal"));
    CHECK(says(with("sha256=" + github_hex + "zz"), "not hexadecimal"));
    CHECK(says(with("sha256="), mismatch));
    CHECK(says(with("sha256=" + github_hex.substr(2)), mismatch));
    CHECK(says(with("sha256=" + github_hex + "00"), mismatch));
    CHECK(says(with("sha256=00" + github_hex.substr(2)), mismatch));
}

TEST_CASE("a wrong secret is refused, and any of several may have signed") {
    const auto wrong = made({.scheme = "github", .secrets = {"Its a Secret to Everybody"}});
    CHECK(says(fault(*wrong, github), mismatch));
    const auto rotated = made({.scheme = "github", .secrets = {"the new one", github_secret}});
    CHECK(fault(*rotated, github) == "");
    // What only hmac may say does not weaken github.
    const auto stubborn = made({.scheme = "github",
                                .secrets = {github_secret},
                                .signature_header = "X-Other",
                                .algorithm = "sha1",
                                .encoding = "base64",
                                .prefix = "",
                                .timestamp_header = "X-Time"});
    CHECK(fault(*stubborn, github) == "");
}

TEST_CASE("standard: the published vector holds, and nothing near it does") {
    const auto signature = made({.scheme = "standard", .secrets = {standard_secret}});
    CHECK(fault(*signature, standard, standard_time) == "");
    CHECK(says(fault(*signature, standard.with_body(R"({"test": 2432232315})"), standard_time), mismatch));
    CHECK(says(fault(*signature, standard.with("webhook-id", "msg_other"), standard_time), mismatch));
    CHECK(says(fault(*signature, standard.with("webhook-timestamp", "1614265331"), standard_time), mismatch));
    CHECK(
        says(fault(*signature, standard.with("webhook-timestamp", "01614265330"), standard_time), mismatch));
    const auto other = made({.scheme = "standard", .secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"}});
    CHECK(says(fault(*other, standard, standard_time), mismatch));
    for (const std::string_view name : {"webhook-signature", "webhook-timestamp"}) {
        CHECK(says(fault(*signature, standard.without(name), standard_time), "is missing"));
        CHECK(says(fault(*signature, standard.twice(name), standard_time), "more than once"));
    }
}

TEST_CASE("standard: what would be signed needs an id that is there once and cannot be another") {
    const auto signature = made({.scheme = "standard", .secrets = {standard_secret}});
    const auto fault_of = [&](const delivery& of) {
        return signature->fault_of(of.request(), {standard_time * 1'000});
    };
    CHECK(fault_of(standard.without("webhook-id"))->without_id);
    CHECK(fault_of(standard.twice("webhook-id"))->without_id);
    CHECK(fault_of(standard.with("webhook-id", ""))->without_id);
    const auto shifted = fault_of(standard.with("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330"));
    CHECK(!shifted->without_id);
    CHECK(says(shifted->detail, "full stop"));
}

TEST_CASE("standard: an Ed25519 key verifies v1a, a secret v1, and neither the other") {
    const auto by_key = made({.scheme = "standard", .public_keys = {standard_key}});
    const auto by_both =
        made({.scheme = "standard", .secrets = {standard_secret}, .public_keys = {standard_key}});
    const auto by_secret = made({.scheme = "standard", .secrets = {standard_secret}});
    const delivery asymmetric = standard.with("webhook-signature", standard_asymmetric);
    CHECK(fault(*by_key, asymmetric, standard_time) == "");
    CHECK(fault(*by_both, asymmetric, standard_time) == "");
    CHECK(fault(*by_both, standard, standard_time) == "");
    CHECK(says(fault(*by_key, standard, standard_time), mismatch));
    CHECK(says(fault(*by_secret, asymmetric, standard_time), mismatch));
    CHECK(says(fault(*by_key, asymmetric.with_body("{}"), standard_time), mismatch));
    CHECK(says(fault(*by_key, asymmetric.with("webhook-id", "msg_other"), standard_time), mismatch));
    const std::string mislabelled = "v1," + std::string(standard_asymmetric.substr(4));
    CHECK(says(fault(*by_both, standard.with("webhook-signature", mislabelled), standard_time), mismatch));
}

TEST_CASE("standard: one good signature among several is enough, and what is unknown is left out") {
    const auto signature = made(
        {.scheme = "standard", .secrets = {"whsec_bmV3", standard_secret}, .public_keys = {standard_key}});
    const auto with = [&](const std::string& value) {
        const std::string kept = value;
        return fault(*signature, standard.with("webhook-signature", kept), standard_time);
    };
    const std::string good(standard.headers[2].value);
    CHECK(with("v2,AAAA v1,AAAA " + good) == "");
    CHECK(with(good + " v1,AAAA") == "");
    CHECK(with("v1,AAAA " + std::string(standard_asymmetric)) == "");
    CHECK(says(with("v1,AAAA v1a,AAAA"), mismatch));
    CHECK(says(with(good.substr(3)), "no v1 or v1a"));
    CHECK(says(with("v1"), "no v1 or v1a"));
    CHECK(says(with("v1,not base64"), "no v1 or v1a"));
    CHECK(says(with("v10," + good.substr(3)), "no v1 or v1a"));
    CHECK(says(with(""), "no v1 or v1a"));
    std::string many = good;
    for (int i = 0; i < 16; ++i)
        many += " v1,AAAA";
    CHECK(says(with(many), "too many"));
    CHECK(with(many.substr(0, many.size() - 8)) == "");
}

TEST_CASE(
    "standard: a secret with and without its prefix is the same; what is no key is named and not said") {
    CHECK(fault(*made({.scheme = "standard", .secrets = {standard_secret.substr(6)}}), standard,
                standard_time) == "");
    std::vector<std::string> errors;
    CHECK(!ingress::make_hook_signature("hooks.h",
                                        {.scheme = "standard",
                                         .secrets = {"whsec_not base64", "whsec_"},
                                         .public_keys = {"whpk_AAAA", standard_secret}},
                                        errors));
    REQUIRE(errors.size() == 4);
    CHECK(errors[0] == "hooks.h.secrets: one is not whsec_ and base64");
    CHECK(errors[1] == errors[0]);
    CHECK(errors[2].starts_with("hooks.h.public_keys: "));
    CHECK(errors[3] == errors[2]);
}

TEST_CASE("stripe: a signature of its time and body holds, and nothing near it does") {
    const auto signature = made({.scheme = "stripe", .secrets = {"whsec_test_secret"}});
    CHECK(fault(*signature, stripe, stripe_time) == "");
    CHECK(says(fault(*signature, stripe.with_body(R"({"id":"evt_2","type":"invoice.paid"})"), stripe_time),
               mismatch));
    CHECK(says(fault(*signature, stripe.without("Stripe-Signature"), stripe_time), "is missing"));
    CHECK(says(fault(*signature, stripe.twice("Stripe-Signature"), stripe_time), "more than once"));
    const auto with = [&](const std::string& value) {
        const std::string kept = value;
        return fault(*signature, stripe.with("Stripe-Signature", kept), stripe_time);
    };
    CHECK(with(stripe_new + ", t=1700000000") == "");
    CHECK(says(with("t=1700000001," + stripe_new), mismatch));
    CHECK(says(with("t=1700000000," + stripe_old), mismatch));
    CHECK(says(with("t=1700000000,v0=" + stripe_new.substr(3)), "no v1"));
    CHECK(says(with("t=1700000000,v1=zz"), "no v1"));
    CHECK(says(with("t=1700000000"), "no v1"));
    CHECK(says(with(stripe_new), "no t"));
    CHECK(says(with("t=1700000000,t=1700000000," + stripe_new), "more than one t"));
    CHECK(says(with("t=soon," + stripe_new), "no time in seconds"));
    CHECK(says(with("t=," + stripe_new), "no time in seconds"));
    CHECK(says(with(",,="), "no t"));
    CHECK(says(with(""), "no t"));
}

TEST_CASE("stripe: several v1 while a secret is changed, any of which may be good") {
    const std::string both = "t=1700000000," + stripe_old + "," + stripe_new;
    const delivery rotated = stripe.with("Stripe-Signature", both);
    CHECK(fault(*made({.scheme = "stripe", .secrets = {"whsec_test_secret"}}), rotated, stripe_time) == "");
    CHECK(fault(*made({.scheme = "stripe", .secrets = {"whsec_old"}}), rotated, stripe_time) == "");
    CHECK(fault(*made({.scheme = "stripe", .secrets = {"other", "whsec_old"}}), rotated, stripe_time) == "");
    CHECK(says(fault(*made({.scheme = "stripe", .secrets = {"other"}}), rotated, stripe_time), mismatch));
    std::string many = stripe_header;
    for (int i = 0; i < 16; ++i)
        many += ",v1=00";
    CHECK(says(fault(*made({.scheme = "stripe", .secrets = {"whsec_old"}}),
                     stripe.with("Stripe-Signature", many), stripe_time),
               "too many"));
}

TEST_CASE("a time of signing holds up to the tolerance, in either direction") {
    struct scheme {
        std::shared_ptr<const hook_signature> signature;
        delivery of;
        std::int64_t signed_at;
    };
    const std::string with_time = "aae6f2d2d07b58f5f6ae893afe8484bd2e4371c360fe0318e38e1f7524246932";
    const scheme all[] = {
        {made({.scheme = "standard", .secrets = {standard_secret}}), standard, standard_time},
        {made({.scheme = "stripe", .secrets = {"whsec_test_secret"}}), stripe, stripe_time},
        {made({.scheme = "hmac",
               .secrets = {"top secret"},
               .signature_header = "X-Signature",
               .timestamp_header = "X-Time"}),
         {{{"X-Signature", with_time}, {"X-Time", "1700000000"}}, R"({"id":7,"kind":"made"})"},
         1'700'000'000}};
    for (const auto& [signature, of, signed_at] : all) {
        CHECK(fault(*signature, of, signed_at) == "");
        CHECK(fault(*signature, of, signed_at + 300) == "");
        CHECK(fault(*signature, of, signed_at - 300) == "");
        CHECK(says(fault(*signature, of, signed_at + 301), "more than 300 s ago"));
        CHECK(says(fault(*signature, of, signed_at - 301), "more than 300 s from now"));
        // The same is said of a forged one: it is no oracle.
        CHECK(fault(*signature, of.with_body("forged"), signed_at + 301) ==
              fault(*signature, of, signed_at + 301));
    }
    const auto strict = made({.scheme = "stripe", .secrets = {"whsec_test_secret"}, .tolerance_seconds = 1});
    CHECK(fault(*strict, stripe, stripe_time + 1) == "");
    CHECK(says(fault(*strict, stripe, stripe_time + 2), "more than 1 s ago"));
}

TEST_CASE("times that are no times, or beyond all bounds") {
    const auto signature = made({.scheme = "standard", .secrets = {standard_secret}});
    for (const std::string_view text : {"", "now", "1614265330.0", " 1614265330", "+1614265330", "0x60378A32",
                                        "99999999999999999999", "1614265330,"})
        CHECK(says(fault(*signature, standard.with("webhook-timestamp", text), standard_time),
                   "no time in seconds"));
    CHECK(says(fault(*signature, standard.with("webhook-timestamp", "-9223372036854775808"), standard_time),
               "ago"));
    CHECK(says(fault(*signature, standard.with("webhook-timestamp", "9223372036854775807"), standard_time),
               "from now"));
}

TEST_CASE("hmac: header, algorithm, encoding and prefix are what the configuration says") {
    struct row {
        std::string algorithm, encoding, prefix, value;
    };
    const row rows[] = {
        {"sha1", "hex", "", "7793fc2be0172ae1ec078f9fad60a19c3679c793"},
        {"sha1", "base64", "", "d5P8K+AXKuHsB4+frWChnDZ5x5M="},
        {"sha256", "hex", "v1=", "v1=a0a7f3615b9139786ce7b77f1e805ee03ea3c5e72276ff72a7c07a6bb10ea0cd"},
        {"sha256", "hex", "", "A0A7F3615B9139786CE7B77F1E805EE03EA3C5E72276FF72A7C07A6BB10EA0CD"},
        {"sha256", "base64", "HMAC ", "HMAC oKfzYVuROXhs57d/HoBe4D6jxecidv9yp8B6a7EOoM0="},
        {"sha384", "base64", "", "2rMLCeRbSId7gdXrZNDIRriFm3AAxyp7QKb7ESfC9mSAs+7f3dtK8nYNOa7sEXOk"},
        {"sha512", "base64", "",
         "0j6iWgibA9DGycpms/J2Gzdjz+zTKMuJeuOLyXChBDTgrsKsOq6s8M0CNTpdzdQOqYbJBDLbw8uzzzfyKlTISA=="},
    };
    for (const auto& [algorithm, encoding, prefix, value] : rows) {
        const auto signature = made({.scheme = "hmac",
                                     .secrets = {"top secret"},
                                     .signature_header = "X-Signature",
                                     .algorithm = algorithm,
                                     .encoding = encoding,
                                     .prefix = prefix});
        const delivery good = {{{"x-signature", value}}, R"({"id":7,"kind":"made"})"};
        CHECK(fault(*signature, good) == "");
        CHECK(says(fault(*signature, good.with_body(R"({"id":8,"kind":"made"})")), mismatch));
        CHECK(says(fault(*signature, good.without("x-signature")), "X-Signature is missing"));
        CHECK(says(fault(*signature, good.twice("x-signature")), "more than once"));
        const std::string spoilt = value + "!";
        CHECK(says(fault(*signature, good.with("x-signature", spoilt)), "is not "));
    }
}

TEST_CASE("hmac: with a timestamp header the time is signed too") {
    const auto signature = made({.scheme = "hmac",
                                 .secrets = {"top secret"},
                                 .signature_header = "X-Signature",
                                 .timestamp_header = "X-Time"});
    const delivery without_time = {
        {{"X-Signature", "a0a7f3615b9139786ce7b77f1e805ee03ea3c5e72276ff72a7c07a6bb10ea0cd"}},
        R"({"id":7,"kind":"made"})"};
    CHECK(says(fault(*signature, without_time), "X-Time is missing"));
    const delivery unsigned_time = without_time.with("X-Time", "1700000000");
    CHECK(says(fault(*signature, unsigned_time, 1'700'000'000), mismatch));
    CHECK(says(fault(*signature, unsigned_time.twice("X-Time"), 1'700'000'000), "more than once"));
}
