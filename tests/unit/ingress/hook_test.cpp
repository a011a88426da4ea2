// From a delivery to its event: where each attribute comes from in each scheme, and what has none.
#include "hook.hpp"
#include "hook_delivery.hpp"
#include "millrace/crypto/encoding.hpp"
#include "millrace/crypto/hmac.hpp"
#include "millrace/event/record.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace millrace;
using ingress::hook;
using ingress::hook_reader;

namespace {

constexpr std::int64_t now_s = 1'700'000'000;

hook made(const settings::hook& from) {
    std::vector<std::string> errors;
    auto hook = hook::make("mine", from, errors);
    REQUIRE(hook);
    return *std::move(hook);
}

std::string hex_of(std::string_view secret, std::initializer_list<std::string_view> parts) {
    return crypto::to_hex(crypto::hmac(crypto::hash::sha256, secret).sign(parts));
}

// Each keeps a view of the signature that it makes.

delivery github(std::string& signature, std::string_view body) {
    signature = "sha256=" + hex_of("s3cret", {body});
    return {{{"Content-Type", "application/json"},
             {"X-GitHub-Event", "push"},
             {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
             {"X-GitHub-Hook-ID", "292430182"},
             {"X-GitHub-Hook-Installation-Target-Type", "repository"},
             {"X-GitHub-Hook-Installation-Target-ID", "79929171"},
             {"X-Hub-Signature", "sha1=7d38cdd689735b008b3c702edd92eea23791c5f6"},
             {"X-Hub-Signature-256", signature},
             {"User-Agent", "GitHub-Hookshot/044aadd"},
             {"ce-id", "smuggled"},
             {"ce-smuggled", "too"}},
            body};
}

delivery stripe(std::string& signature, std::string_view body) {
    signature = "t=1700000000,v1=" + hex_of("s3cret", {"1700000000.", body});
    return {{{"Content-Type", "application/json; charset=utf-8"}, {"Stripe-Signature", signature}}, body};
}

delivery standard(std::string& signature, std::string_view body) {
    const std::string raw =
        crypto::hmac(crypto::hash::sha256, "key").sign({"msg_1.1700000000.", body}); // a2V5 in base64
    signature = "v1," + crypto::to_base64(raw);
    return {{{"Content-Type", "application/json"},
             {"webhook-id", "msg_1"},
             {"webhook-timestamp", "1700000000"},
             {"webhook-signature", signature}},
            body};
}

delivery own(std::string& signature, std::string_view body) {
    signature = hex_of("s3cret", {body});
    return {{{"Content-Type", "application/json"}, {"X-Sum", signature}, {"X-Id", "42"}}, body};
}

const settings::hook github_hook = {.scheme = "github", .secrets = {"s3cret"}, .topic = "code"};
const settings::hook stripe_hook = {.scheme = "stripe", .secrets = {"s3cret"}};
const settings::hook standard_hook = {.scheme = "standard", .secrets = {"whsec_a2V5"}};
const settings::hook own_hook = {
    .scheme = "hmac", .secrets = {"s3cret"}, .id_from = "header X-Id", .signature_header = "X-Sum"};

/// What would be the headers of the Kafka record.
std::map<std::string, std::string> headers_of(const event::event& e) {
    std::vector<field> headers;
    event::append_headers(e, {}, headers);
    std::map<std::string, std::string> by_name;
    for (const field& header : headers)
        by_name.emplace(header.name, header.value);
    return by_name;
}

using headers = std::map<std::string, std::string>;

/// The status and code of the refusal.
std::string refusal(const hook& by, const delivery& of) {
    hook_reader reader(event::decode_limits{.max_event_bytes = 1'000});
    const auto event = by.accept(of.request(), {now_s * 1'000}, reader);
    REQUIRE(event.has_error());
    return std::to_string(event.error().status) + " " + std::string(event.error().code);
}

headers event_of(const settings::hook& by, const delivery& of) {
    hook_reader reader({});
    const auto event = made(by).accept(of.request(), {now_s * 1'000}, reader);
    REQUIRE_MESSAGE(event.has_value(), (event.has_error() ? event.error().detail : std::string()));
    CHECK(event->data.data() == of.body.data()); // the very bytes
    CHECK(event->data.size() == of.body.size());
    CHECK(event->id_from_client);
    return headers_of(*event);
}

} // namespace

TEST_CASE("github: what becomes of a delivery, and no signature does") {
    std::string signature;
    const delivery push = github(signature, R"({"ref": "refs/heads/main"})");
    CHECK(event_of(github_hook, push) == headers{{"content-type", "application/json"},
                                                 {"ce_specversion", "1.0"},
                                                 {"ce_id", "72d3162e-cc78-11e3-81ab-4c9367dc0958"},
                                                 {"ce_source", "/hooks/mine"},
                                                 {"ce_type", "github.push"},
                                                 {"ce_githubhookid", "292430182"},
                                                 {"ce_githubtargettype", "repository"},
                                                 {"ce_githubtargetid", "79929171"}});
    CHECK(made(github_hook).topic() == "code");
    const std::string form = "payload=%7B%7D";
    std::string form_signature;
    const delivery as_form =
        github(form_signature, form).with("Content-Type", "application/x-www-form-urlencoded");
    CHECK(event_of(github_hook, as_form).at("content-type") == "application/x-www-form-urlencoded");
}

TEST_CASE("stripe: id and type are in the body") {
    std::string signature;
    const delivery paid = stripe(signature, R"({"id":"evt_1","data":{"id":"in_9"},"type":"invoice.paid"})");
    CHECK(event_of(stripe_hook, paid) == headers{{"content-type", "application/json; charset=utf-8"},
                                                 {"ce_specversion", "1.0"},
                                                 {"ce_id", "evt_1"},
                                                 {"ce_source", "/hooks/mine"},
                                                 {"ce_type", "stripe.invoice.paid"}});
}

TEST_CASE("standard: the type is the body's, where it has one") {
    std::string signature;
    const delivery typed = standard(signature, R"({"type":"user.created","data":{}})");
    CHECK(event_of(standard_hook, typed) == headers{{"content-type", "application/json"},
                                                    {"ce_specversion", "1.0"},
                                                    {"ce_id", "msg_1"},
                                                    {"ce_source", "/hooks/mine"},
                                                    {"ce_type", "standard.user.created"}});
    CHECK(event_of(standard_hook, standard(signature, "{}")).at("ce_type") == "standard.event");
    const delivery text = standard(signature, "hello").with("Content-Type", "text/plain");
    CHECK(event_of(standard_hook, text).at("ce_type") == "standard.event");
    const delivery untyped = standard(signature, "octets").without("Content-Type");
    CHECK(!event_of(standard_hook, untyped).contains("content-type"));
}

TEST_CASE("hmac: id, type and key are where the configuration says") {
    std::string signature;
    const delivery made_one = own(signature, R"({"kind":"made","order":{"number":17}})");
    CHECK(event_of(own_hook, made_one) == headers{{"content-type", "application/json"},
                                                  {"ce_specversion", "1.0"},
                                                  {"ce_id", "42"},
                                                  {"ce_source", "/hooks/mine"},
                                                  {"ce_type", "hmac.event"}});
    settings::hook by = own_hook;
    by.source = "https://shop.example/orders";
    by.id_from = "body /order/number";
    by.type_from = "body /kind";
    by.key_from = "body /order/number";
    const headers found = event_of(by, made_one);
    CHECK(found.at("ce_id") == "17");
    CHECK(found.at("ce_type") == "hmac.made");
    CHECK(found.at("ce_source") == "https://shop.example/orders");
    hook_reader reader({});
    CHECK(made(by).accept(made_one.request(), {now_s * 1'000}, reader)->key == "17");
}

TEST_CASE("a key is where it is configured, and a delivery without it has none") {
    std::string signature;
    settings::hook by = github_hook;
    by.key_from = "body /repository/full_name";
    const hook keyed = made(by);
    hook_reader reader({});
    const delivery push = github(signature, R"({"repository":{"full_name":"a/b"}})");
    CHECK(keyed.accept(push.request(), {}, reader)->key == "a/b");
    std::string other;
    CHECK(!keyed.accept(github(other, "{}").request(), {}, reader)->key);
    CHECK(!keyed.accept(github(other, R"({"repository":{"full_name":""}})").request(), {}, reader)->key);
    CHECK(!made(github_hook).accept(push.request(), {}, reader)->key);
}

TEST_CASE("texts beyond ASCII, percent signs and quotes arrive as they were") {
    std::string signature;
    settings::hook by = own_hook;
    by.id_from = "body /id";
    CHECK(event_of(by, own(signature, R"({"id":"50% \"caf\u00e9\" é"})")).at("ce_id") ==
          "50% \"caf\xc3\xa9\" \xc3\xa9");
    const delivery raw = own(signature, "{}").with("X-Id", "a%20b \xc3\xa9");
    CHECK(event_of(own_hook, raw).at("ce_id") == "a%20b \xc3\xa9");
}

TEST_CASE("what is not signed is 401, says how to sign, and stops there") {
    std::string signature;
    const delivery good = github(signature, R"({"a":1})");
    const hook by = made(github_hook);
    for (const delivery& bad :
         {good.without("X-Hub-Signature-256"), good.twice("X-Hub-Signature-256"),
          good.with_body(R"({"a":2})"), good.with("X-Hub-Signature-256", "sha256=00"),
          good.without("X-Hub-Signature-256").without("X-GitHub-Delivery"), good.with_body("not JSON")})
        CHECK(refusal(by, bad) == "401 unauthorized");
    hook_reader reader({});
    const auto refused = by.accept(good.with_body("{}").request(), {}, reader);
    REQUIRE(refused.has_error());
    REQUIRE(refused.error().headers.size() == 1);
    CHECK(refused.error().headers[0].first == "WWW-Authenticate");
    CHECK(refused.error().headers[0].second == R"(Webhook scheme="github")");
    CHECK(!refused.error().retryable);
}

TEST_CASE("a stale or future delivery is 401") {
    std::string signature;
    const delivery good = stripe(signature, R"({"id":"evt_1","type":"a"})");
    const hook by = made(stripe_hook);
    hook_reader reader({});
    CHECK(by.accept(good.request(), {(now_s + 300) * 1'000 + 999}, reader).has_value());
    CHECK(by.accept(good.request(), {(now_s + 301) * 1'000}, reader).error().status == 401);
    CHECK(by.accept(good.request(), {(now_s - 301) * 1'000}, reader).error().status == 401);
}

TEST_CASE("a signed delivery without an id is 400") {
    std::string signature;
    const auto check = [&](const settings::hook& by, const delivery& of) {
        CHECK(refusal(made(by), of) == "400 malformed_event");
    };
    check(github_hook, github(signature, "{}").without("X-GitHub-Delivery"));
    check(github_hook, github(signature, "{}").with("X-GitHub-Delivery", ""));
    check(github_hook, github(signature, "{}").twice("X-GitHub-Delivery"));
    check(standard_hook, standard(signature, "{}").without("webhook-id"));
    check(stripe_hook, stripe(signature, R"({"type":"a"})"));
    check(stripe_hook, stripe(signature, R"({"id":"","type":"a"})"));
    check(stripe_hook, stripe(signature, R"({"id":null,"type":"a"})"));
    check(stripe_hook, stripe(signature, R"({"id":"a","id":"b","type":"a"})"));
    check(stripe_hook, stripe(signature, ""));
    check(stripe_hook, stripe(signature, R"({"id":"a","type":"b")"));
    check(stripe_hook, stripe(signature, R"({"id":"a","type":"b")").with("Content-Type", "text/plain"));
    check(own_hook, own(signature, "{}").without("X-Id"));
}

TEST_CASE("a type that has to be there and is not, and attributes that cannot be, are 400") {
    std::string signature;
    CHECK(refusal(made(github_hook), github(signature, "{}").without("X-GitHub-Event")) ==
          "400 malformed_event");
    CHECK(refusal(made(stripe_hook), stripe(signature, R"({"id":"a"})")) == "400 malformed_event");
    settings::hook by = own_hook;
    by.type_from = "header X-Kind";
    CHECK(refusal(made(by), own(signature, "{}")) == "400 malformed_event");
    CHECK(refusal(made(stripe_hook), stripe(signature, R"({"id":"a\u0000b","type":"a"})")) ==
          "400 malformed_event");
    CHECK(refusal(made(own_hook), own(signature, "{}").with("X-Id", "\xff")) == "400 malformed_event");
}

TEST_CASE("the body has to be what its headers say") {
    std::string signature;
    const hook by = made(github_hook);
    CHECK(refusal(by, github(signature, "{")) == "400 malformed_event");
    CHECK(refusal(by, github(signature, "{}").twice("Content-Type")) == "400 malformed_request");
    CHECK(refusal(by, github(signature, "{}").with("Content-Type", "nonsense")) == "400 malformed_event");
    CHECK(refusal(by, github(signature, "{}").with("Content-Encoding", "gzip")) ==
          "415 unsupported_media_type");
    CHECK(refusal(by, github(signature, "{}").with("Content-Type", "Application/CloudEvents+json")) ==
          "415 unsupported_media_type");
    const std::string large = "\"" + std::string(999, 'x') + "\"";
    CHECK(refusal(by, github(signature, large)) == "413 too_large");
    CHECK(event_of(github_hook, github(signature, "{}").with("Content-Encoding", "identity")).size() == 8);
}

TEST_CASE("a reader is used again by deliveries of any hook") {
    std::string first_signature;
    std::string second_signature;
    const delivery first = github(first_signature, R"({"n":1})");
    const delivery second = stripe(second_signature, R"({"id":"evt_1","type":"a"})");
    const hook one = made(github_hook);
    const hook other = made(stripe_hook);
    hook_reader reader({});
    for (int i = 0; i < 3; ++i) {
        CHECK(headers_of(*one.accept(first.request(), {now_s * 1'000}, reader)).size() == 8);
        CHECK(headers_of(*other.accept(second.request(), {now_s * 1'000}, reader)).size() == 5);
    }
}
