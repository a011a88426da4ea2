#include "idempotency_identity.hpp"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;

namespace {

constexpr hash_secret secret{1, 2};

event::event plain() {
    return {.id = "1",
            .source = "/s",
            .type = "t",
            .content_type = "application/json",
            .data = "{}",
            .key = {},
            .id_from_client = true,
            .attributes = {}};
}

bool same(const identity& a, const identity& b) {
    return a.name == b.name && a.content == b.content;
}

} // namespace

TEST_CASE("an event's name is of topic, poster, source and id, and of nothing else") {
    const identities here(secret, "events", "checkout");
    const identity e = here.of_event(plain());
    CHECK(same(e, here.of_event(plain())));
    CHECK(identities(secret, "other", "checkout").of_event(plain()).name != e.name);
    CHECK(identities(secret, "events", "").of_event(plain()).name != e.name);
    CHECK(identities(hash_secret{1, 3}, "events", "checkout").of_event(plain()).name != e.name);
    CHECK(identities(secret, "events", "checkout", 1).of_event(plain()).name !=
          e.name); // of a log that is gone
    event::event other = plain();
    other.id = "2";
    CHECK(here.of_event(other).name != e.name);
    other = plain();
    other.source = "/t";
    CHECK(here.of_event(other).name != e.name);
    other = plain();
    other.data = "[]";
    CHECK(here.of_event(other).name == e.name);
    CHECK(here.of_request("1", plain()).name != e.name); // a key of a request is no id of an event
}

TEST_CASE("an event's content is its data, type, content type, key and attributes") {
    const identities here(secret, "events", "");
    const std::uint64_t content = here.of_event(plain()).content;
    const auto differs = [&](auto change) {
        event::event e = plain();
        change(e);
        return here.of_event(e).content != content;
    };
    static constexpr std::array<event::attribute, 1> extension = {{{"ce_a", "1"}}};
    CHECK(differs([](auto& e) { e.data = "{ }"; }));
    CHECK(differs([](auto& e) { e.type = "u"; }));
    CHECK(differs([](auto& e) { e.content_type = "application/xml"; }));
    CHECK(differs([](auto& e) { e.key = "k"; }));
    CHECK(differs([](auto& e) { e.key = ""; }));
    CHECK(differs([](auto& e) { e.attributes = extension; }));
    CHECK_FALSE(differs([](auto& e) { e.cloud_event = true; })); // how it came does not matter
}

TEST_CASE("attributes are a set: their order does not matter, their values do") {
    const identities here(secret, "events", "");
    const auto content = [&](std::vector<event::attribute> attributes) {
        event::event e = plain();
        e.attributes = attributes;
        return here.of_event(e).content;
    };
    CHECK(content({{"ce_a", "1"}, {"ce_b", "2"}}) == content({{"ce_b", "2"}, {"ce_a", "1"}}));
    CHECK(content({{"ce_a", "1"}, {"ce_b", "2"}}) != content({{"ce_a", "2"}, {"ce_b", "1"}}));
    CHECK(content({{"ce_a", "1"}, {"ce_a", "1"}}) != content({}));
}

TEST_CASE("a request with a key is known by the key, and repeats all of its events") {
    const identities here(secret, "events", "");
    event::event second = plain();
    second.id = "2";
    const std::vector<identity> one = {here.of_event(plain())};
    const std::vector<identity> two = {one[0], here.of_event(second)};
    const std::vector<identity> swapped = {two[1], two[0]};
    const identity known = here.of_request("k", two, true);
    CHECK(same(known, here.of_request("k", two, true)));
    CHECK(here.of_request("l", two, true).name != known.name);
    for (const identity& other : {here.of_request("k", one, true), here.of_request("k", swapped, true),
                                  here.of_request("k", two, false), here.of_request("k", plain())}) {
        CHECK(other.name == known.name);
        CHECK(other.content != known.content);
    }
}
