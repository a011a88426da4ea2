#include "admission.hpp"

#include <doctest/doctest.h>

using millrace::ingress::admission;

TEST_CASE("all of a request is admitted, or nothing of it") {
    admission budget(10, 1'000);
    CHECK(budget.admit(4, 400));
    CHECK_FALSE(budget.admit(7, 1));   // events
    CHECK_FALSE(budget.admit(1, 601)); // bytes
    CHECK(budget.events() == 4);
    CHECK(budget.bytes() == 400);
    CHECK(budget.admit(6, 600)); // exactly to the bound
    CHECK(budget.full());
    CHECK_FALSE(budget.admit(1, 0));
}

TEST_CASE("what is released can be admitted again") {
    admission budget(2, 100);
    REQUIRE(budget.admit(2, 100));
    budget.release(1, 100);
    CHECK_FALSE(budget.full());
    CHECK(budget.admit(1, 100));
    CHECK(budget.full());
}

TEST_CASE("bytes need not be met exactly: room for less than one more event is none") {
    admission budget(100, 1'000);
    REQUIRE(budget.admit(9, 900));
    CHECK_FALSE(budget.full());
    REQUIRE(budget.admit(1, 60));
    CHECK(budget.full());
    budget.release(1, 100);
    CHECK_FALSE(budget.full());
}

TEST_CASE("one large event among small ones leaves room for what is usual") {
    admission budget(1'000, 100'000);
    for (int i = 0; i < 100; ++i) {
        REQUIRE(budget.admit(1, 100));
        budget.release(1, 100);
    }
    REQUIRE(budget.admit(1, 60'000));
    CHECK_FALSE(budget.full());
    REQUIRE(budget.admit(1, 38'000));
    CHECK(budget.full()); // by now that is usual, too
}

TEST_CASE("either bound alone makes it full") {
    admission by_events(1, 100);
    REQUIRE(by_events.admit(1, 1));
    CHECK(by_events.full());
    admission by_bytes(100, 10);
    REQUIRE(by_bytes.admit(1, 10));
    CHECK(by_bytes.full());
}
