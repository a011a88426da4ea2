#include "publication.hpp"

#include "millrace/kafka/error.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <vector>

using namespace millrace;
using namespace millrace::ingress;

namespace {

struct silent_exchange final : http::exchange {
    const http::request& request() const noexcept override { return request_; }
    void respond(const http::response&) override {}
    http::request request_;
};

struct recording_owner final : publication_owner {
    void release(idempotency_window::hold held, const kafka::delivery& outcome) noexcept override {
        released.push_back(held.entry);
        failed = bool(outcome.error);
    }
    void settled(publication& p) noexcept override { done.push_back(&p); }
    bool keep(publication& p, std::size_t index, const kafka::delivery&,
              const kafka::message&) noexcept override {
        if (keeps)
            p.returned.push_back({index, {}});
        return keeps;
    }
    bool keeps = false;
    std::vector<publication*> done;
    std::vector<std::uint32_t> released;
    bool failed = false;
    boost::asio::io_context loop;
};

constexpr bool keeping = true; // what comes back

struct request_under_way {
    request_under_way(std::size_t events, bool batch, bool keeps = false) {
        owner.keeps = keeps;
        p.begin(waiting, to, events, batch, 10);
    }
    recording_owner owner;
    publication_pool pool{owner, owner.loop};
    silent_exchange waiting;
    const topic to;
    publication& p = pool.take();
};

} // namespace

TEST_CASE("a publication is settled once, when the last event is and the request was handed over whole") {
    request_under_way r(2, true);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.expect(1, "2", "/s");
    p.listener(0).on_delivery({}); // a report that comes before the second event is handed over
    CHECK(owner.done.empty());
    p.listener(1).on_delivery({});
    CHECK(owner.done.empty());
    p.sealed();
    CHECK(owner.done.size() == 1);
}

TEST_CASE("an event that the publisher does not take is settled with its reason") {
    request_under_way r(1, false);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.fail(0, make_error_code(kafka::errc::queue_full));
    p.sealed();
    REQUIRE(owner.done.size() == 1);
    CHECK(p.outcomes()[0].delivery->error == kafka::errc::queue_full);
}

TEST_CASE("used again, a publication remembers nothing of the request before") {
    request_under_way r(1, false);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.fail(0, make_error_code(kafka::errc::queue_full));
    p.sealed();
    pool.give_back(p);
    publication& again = pool.take();
    CHECK(&again == &p);
    again.begin(waiting, to, 1, false, 10);
    again.expect(0, "2", "/s");
    again.listener(0).on_delivery({});
    again.sealed();
    CHECK_FALSE(again.outcomes()[0].delivery->error);
    CHECK(again.outcomes()[0].id == "2");
}

TEST_CASE("the pool keeps the order of arrival, whatever is given back in between") {
    recording_owner owner;
    publication_pool pool(owner, owner.loop);
    publication& a = pool.take();
    publication& b = pool.take();
    publication& c = pool.take();
    CHECK(pool.oldest() == &a);
    pool.give_back(b);
    CHECK(pool.oldest() == &a);
    CHECK(a.newer == &c);
    pool.give_back(a);
    CHECK(pool.oldest() == &c);
    pool.give_back(c);
    CHECK(pool.oldest() == nullptr);
}

TEST_CASE("what a peak took is not kept for ever") {
    recording_owner owner;
    publication_pool pool(owner, owner.loop);
    std::vector<publication*> peak;
    for (int i = 0; i < 5'000; ++i)
        peak.push_back(&pool.take());
    for (publication* p : peak)
        pool.give_back(*p);
    CHECK(pool.spare() > 0);
    CHECK(pool.spare() <= 1'024);
    pool.take(); // still under way at the end: freed with the pool
}

TEST_CASE("an event that came back and is kept settles later, and its twins wait until then") {
    request_under_way r(2, true, keeping);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.expect(1, "2", "/s");
    p.hold(1, {0, 7});
    p.sealed();
    p.listener(0).on_delivery({});
    p.listener(1).on_return({.error = kafka::errc::not_stored}, {});
    CHECK(owner.released.empty());
    REQUIRE(owner.done.size() == 1); // to decide what becomes of what came back
    REQUIRE(p.returned.size() == 1);
    CHECK(p.returned[0].index == 1);
    SUBCASE("it goes another way") {
        p.returned.clear();
        p.listener(1).on_delivery({});
        CHECK_FALSE(owner.failed);
    }
    SUBCASE("it stays not stored") {
        p.returned.clear();
        p.let_stand(1);
        CHECK(owner.failed);
        CHECK(p.outcomes()[1].delivery->error == kafka::errc::not_stored);
    }
    CHECK(owner.released == std::vector<std::uint32_t>{7});
    CHECK(owner.done.size() == 2);
}

TEST_CASE("of what is not settled nobody knows, even of what came back and goes another way") {
    request_under_way r(3, true, keeping);
    auto& [owner, pool, waiting, to, p] = r;
    for (std::size_t i = 0; i < 3; ++i)
        p.expect(i, "1", "/s");
    p.sealed();
    p.listener(0).on_delivery({.offset = record_offset{7}});
    p.listener(1).on_return({.error = kafka::errc::not_stored}, {});
    const auto states = p.outcomes_so_far();
    CHECK(states[0].delivery->offset == record_offset{7});
    CHECK(states[1].delivery->error == condition::outcome_unknown);
    CHECK(states[2].delivery->error == condition::outcome_unknown);
}

TEST_CASE("an event that came back and is not kept has failed") {
    request_under_way r(1, false);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.sealed();
    p.listener(0).on_return({.error = kafka::errc::not_stored}, {});
    REQUIRE(owner.done.size() == 1);
    CHECK(p.outcomes()[0].delivery->error == kafka::errc::not_stored);
}

TEST_CASE("an event that came back goes its other way although its own twin waits for it") {
    request_under_way r(3, true, keeping);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.expect(1, "1", "/s");
    p.expect(2, "2", "/s");
    p.hold(0, {0, 7});
    p.wait(1);
    p.sealed();
    p.listener(0).on_return({.error = kafka::errc::not_stored}, {});
    CHECK(owner.done.empty()); // the third is under way
    p.listener(2).on_delivery({});
    CHECK(owner.done.size() == 1);
    p.returned.clear();
    p.waiter(1).on_delivery({}); // as the window does it: the twin first
    CHECK(owner.done.size() == 1);
    p.listener(0).on_delivery({});
    CHECK(owner.done.size() == 2);
    CHECK(owner.released == std::vector<std::uint32_t>{7});
}

TEST_CASE("twins that wait alone are waited for") {
    request_under_way r(1, false);
    auto& [owner, pool, waiting, to, p] = r;
    p.expect(0, "1", "/s");
    p.wait(0);
    p.sealed();
    CHECK(owner.done.empty());
    p.waiter(0).on_delivery({});
    CHECK(owner.done.size() == 1);
}
