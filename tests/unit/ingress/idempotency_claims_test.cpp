// What a request is told of its events, and how it leaves the window when they are settled.
#include "idempotency_claims.hpp"

#include "millrace/kafka/error.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;

namespace {

struct silent_exchange final : http::exchange {
    const http::request& request() const noexcept override { return request_; }
    void respond(const http::response&) override {}
    http::request request_;
};

/// A loop's side of publications, as event_path is it, without Kafka.
struct loop_side final : publication_owner {
    explicit loop_side(idempotency_window& w) : window(w) {}

    void release(idempotency_window::hold held, const kafka::delivery& outcome) noexcept override {
        for (twin* waited = window.settle(held, outcome); waited != nullptr;)
            std::exchange(waited, waited->next)->on_delivery(outcome);
    }
    void settled(publication& p) noexcept override {
        bool stored = true;
        for (const outcome& o : p.outcomes())
            stored = stored && !o.delivery->error;
        if (p.request)
            release(std::exchange(p.request, {}),
                    stored ? kafka::delivery{} : kafka::delivery{.error = kafka::errc::queue_full});
        ++done;
    }

    idempotency_window& window;
    boost::asio::io_context loop;
    int done = 0;
};

struct sent_event {
    std::string id;
    std::string data = "{}";
};

struct request {
    std::vector<sent_event> events;
    std::optional<std::string> key;
    bool batch = false;
    bool cloud_events = true;
    std::string poster;
};

/// Requests one after another, each with a publication of its own that stays until the end.
struct ingress_of_test {
    struct made {
        publication& p;
        bool reused = false;
        bool whole_request = false;
        std::vector<std::size_t> events;
        std::size_t own = 0;
    };

    made take(const request& r) {
        std::vector<event::event> events;
        for (const sent_event& e : r.events)
            events.push_back({.id = e.id,
                              .source = "/s",
                              .type = "t",
                              .content_type = "application/json",
                              .data = e.data,
                              .key = {},
                              .id_from_client = true,
                              .cloud_event = r.cloud_events,
                              .attributes = {}});
        publication& p = pool.take();
        p.begin(waiting, to, events.size(), r.batch, 10);
        for (std::size_t i = 0; i < events.size(); ++i)
            p.expect(i, events[i].id, events[i].source);
        const auto key = r.key ? std::optional<std::string_view>(*r.key) : std::nullopt;
        const reuse found = claims.claim(p, {"events", r.poster, key, events, r.batch});
        return {
            p, bool(found), found.whole_request, {found.events.begin(), found.events.end()}, p.own_events()};
    }

    /// All of its own events are stored, or not.
    static void settle(publication& p, bool stored, std::int64_t offset = 1) {
        for (std::size_t i = 0; i < p.events(); ++i) {
            if (p.is_own(i) && stored)
                p.listener(i).on_delivery({{}, partition_id{0}, record_offset{offset++}, unix_ms{5}});
            else if (p.is_own(i))
                p.fail(i, kafka::errc::queue_full);
        }
        p.sealed();
    }

    silent_exchange waiting;
    topic to;
    idempotency_window window{{}, 1};
    loop_side side{window};
    publication_pool pool{side, side.loop};
    runtime::counter awaited;
    idempotency_claims claims{window, awaited};
};

std::int64_t offset_of(publication& p, std::size_t index) {
    return value(p.outcomes()[index].delivery->offset);
}

} // namespace

TEST_CASE("a retry is given the first's delivery and publishes nothing") {
    for (const bool cloud_events : {true, false}) {
        ingress_of_test in;
        const request r{.events = {{"1"}}, .key = "1", .cloud_events = cloud_events};
        auto first = in.take(r);
        CHECK(first.own == 1);
        in.settle(first.p, true, 42);
        auto again = in.take(r);
        CHECK(again.own == 0);
        in.settle(again.p, true);
        CHECK(in.side.done == 2);
        CHECK(offset_of(again.p, 0) == 42);
    }
}

TEST_CASE("a twin waits and ends as the first does") {
    for (const bool stored : {true, false}) {
        ingress_of_test in;
        const request r{.events = {{"1"}}};
        auto first = in.take(r);
        auto second = in.take(r);
        CHECK(second.own == 0);
        CHECK(in.awaited.value() == 1);
        second.p.sealed();
        CHECK(in.side.done == 0);
        in.settle(first.p, stored, 42);
        CHECK(in.side.done == 2);
        CHECK(bool(second.p.outcomes()[0].delivery->error) == !stored);
        auto third = in.take(r);
        CHECK(third.own == (stored ? 0U : 1U));
        in.settle(third.p, true);
    }
}

TEST_CASE("a batch publishes what is new in it, and has the first receipts of the rest") {
    ingress_of_test in;
    auto first = in.take({.events = {{"1"}, {"2"}}, .batch = true});
    in.settle(first.p, true, 10);
    auto under_way = in.take({.events = {{"3"}}});
    auto mixed = in.take({.events = {{"2"}, {"3"}, {"4"}, {"4"}}, .batch = true});
    CHECK_FALSE(mixed.reused);
    CHECK(mixed.own == 1);
    CHECK(mixed.p.is_own(2));
    CHECK_FALSE(mixed.p.is_own(3)); // the same event twice in one request is one event
    in.settle(mixed.p, true, 30);
    CHECK(in.side.done == 1);
    in.settle(under_way.p, true, 20);
    CHECK(in.side.done == 3);
    CHECK(offset_of(mixed.p, 0) == 11);
    CHECK(offset_of(mixed.p, 1) == 20);
    CHECK(offset_of(mixed.p, 2) == 30);
    CHECK(offset_of(mixed.p, 3) == 30);
}

TEST_CASE("after a batch of which some failed, a retry publishes those alone") {
    ingress_of_test in;
    const request r{.events = {{"k/0"}, {"k/1"}, {"k/2"}}, .key = "k", .batch = true, .cloud_events = false};
    auto first = in.take(r);
    first.p.listener(0).on_delivery({});
    first.p.fail(1, kafka::errc::queue_full);
    first.p.listener(2).on_delivery({});
    first.p.sealed();
    auto again = in.take(r);
    CHECK_FALSE(again.reused);
    CHECK(again.own == 1);
    CHECK(again.p.is_own(1));
    in.settle(again.p, true);
    CHECK(in.take(r).own == 0);
}

TEST_CASE("ids used again for other content are named") {
    ingress_of_test in;
    in.settle(in.take({.events = {{"1"}, {"2"}}, .batch = true}).p, true);
    const auto found =
        in.take({.events = {{"0"}, {"1", "[]"}, {"2"}, {"2", "[]"}, {"5"}, {"5", "[]"}}, .batch = true});
    CHECK(found.reused);
    CHECK_FALSE(found.whole_request);
    CHECK(found.events == std::vector<std::size_t>{1, 3, 5});
}

TEST_CASE("an Idempotency-Key is of one request, whatever its form") {
    const request plain{.events = {{"k"}}, .key = "k", .cloud_events = false};
    const request lines{.events = {{"k/0"}}, .key = "k", .batch = true, .cloud_events = false};
    const request longer{.events = {{"k/0"}, {"k/1"}}, .key = "k", .batch = true, .cloud_events = false};
    const request cloud_event{.events = {{"1"}}, .key = "k"};
    const request other_event{.events = {{"2"}}, .key = "k"};
    const request other_body{.events = {{"k", "[]"}}, .key = "k", .cloud_events = false};
    const std::vector<request> all = {plain, lines, longer, cloud_event, other_event, other_body};
    for (std::size_t first = 0; first < all.size(); ++first) {
        ingress_of_test in;
        auto made = in.take(all[first]);
        for (const bool settled : {false, true}) {
            if (settled)
                in.settle(made.p, true);
            for (std::size_t second = 0; second < all.size(); ++second) {
                if (second != first)
                    CHECK(in.take(all[second]).whole_request);
            }
        }
        CHECK(in.take(all[first]).own == 0);
    }
}

TEST_CASE("each poster has ids of its own, and so has a key beside an id") {
    ingress_of_test in;
    in.settle(in.take({.events = {{"1"}}, .key = "1", .cloud_events = false, .poster = "a"}).p, true);
    CHECK(in.take({.events = {{"1", "[]"}}, .key = "1", .cloud_events = false, .poster = "b"}).own == 1);
    CHECK(in.take({.events = {{"1"}}, .poster = "a"}).own == 1);
}

TEST_CASE("a publication that is given up leaves nothing behind") {
    ingress_of_test in;
    in.settle(in.take({.events = {{"1"}}}).p, true);
    const auto refused = in.take({.events = {{"0"}, {"0"}, {"1", "[]"}}, .key = "k", .batch = true});
    REQUIRE(refused.reused);
    for (std::size_t i = 0; i < refused.p.events(); ++i)
        if (refused.p.is_own(i))
            refused.p.fail(i, kafka::errc::queue_full);
    refused.p.sealed();
    CHECK(in.side.done == 2);
    CHECK(in.window.size() == 1);
    CHECK(in.take({.events = {{"0", "[]"}}, .key = "k"}).own == 1);
}
