// When a target is left alone, and when it is tried again.
#include "circuit_breaker.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using processor::circuit_breaker;
using enum processor::circuit_breaker::state;

namespace {

struct fixture {
    circuit_breaker breaker{{3, milliseconds{100}, milliseconds{300}}};
    steady_time now{};

    void fail(int times = 1) {
        for (int i = 0; i < times; ++i)
            breaker.failed(breaker.begin(), now);
    }
    void pass(int ms) { now += milliseconds{ms}; }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "failures in a row open it; a success between them starts the count anew") {
    fail(2);
    breaker.succeeded(breaker.begin());
    fail(2);
    CHECK(breaker.at(now) == closed);
    CHECK(breaker.admits(now));
    CHECK(breaker.closed_for(now).count() == 0);
    fail();
    CHECK(breaker.at(now) == open);
    CHECK_FALSE(breaker.admits(now));
    CHECK(breaker.closed_for(now).count() == 100);
    CHECK(breaker.times_opened() == 1);
}

TEST_CASE_FIXTURE(fixture, "after its pause one attempt goes, and no other until its end") {
    fail(3);
    pass(99);
    CHECK(breaker.closed_for(now).count() == 1);
    pass(1);
    CHECK(breaker.at(now) == half_open);
    CHECK(breaker.admits(now));
    const auto probe = breaker.begin();
    CHECK_FALSE(breaker.admits(now));
    pass(10'000);
    CHECK_FALSE(breaker.admits(now));
    CHECK(breaker.at(now) == half_open);
    CHECK(breaker.closed_for(now).count() == 0);
    breaker.succeeded(probe);
    CHECK(breaker.at(now) == closed);
    CHECK(breaker.failures_in_a_row() == 0);
    fail(2);
    CHECK(breaker.admits(now));
}

TEST_CASE_FIXTURE(fixture,
                  "a probe that fails doubles the pause, up to a bound; one that succeeds forgets that") {
    fail(3);
    for (const int pause : {100, 200, 300, 300}) {
        CHECK(breaker.closed_for(now).count() == pause);
        pass(pause);
        REQUIRE(breaker.admits(now));
        if (pause != 300 || breaker.failures_in_a_row() < 6)
            fail();
        else
            breaker.succeeded(breaker.begin());
    }
    CHECK(breaker.at(now) == closed);
    CHECK(breaker.times_opened() == 1);
    fail(3);
    CHECK(breaker.closed_for(now).count() == 100);
    CHECK(breaker.times_opened() == 2);
}

TEST_CASE_FIXTURE(fixture, "what began before it opened says nothing any more") {
    const auto early = breaker.begin();
    const auto late = breaker.begin();
    fail(3);
    breaker.succeeded(early);
    CHECK(breaker.at(now) == open);
    pass(100);
    const auto probe = breaker.begin();
    breaker.failed(late, now);
    CHECK(breaker.at(now) == half_open);
    CHECK_FALSE(breaker.admits(now));
    breaker.succeeded(probe);
    CHECK(breaker.at(now) == closed);
}

TEST_CASE("with 0 it never opens; a first pause over the bound is the bound") {
    circuit_breaker never({0, milliseconds{100}, milliseconds{300}});
    for (int i = 0; i < 1'000; ++i)
        never.failed(never.begin(), steady_time{});
    CHECK(never.at(steady_time{}) == closed);
    circuit_breaker bounded({1, milliseconds{500}, milliseconds{300}});
    bounded.failed(bounded.begin(), steady_time{});
    CHECK(bounded.closed_for(steady_time{}).count() == 300);
}
