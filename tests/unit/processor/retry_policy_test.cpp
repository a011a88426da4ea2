// Exponential, capped, fully jittered, bounded in number; Retry-After is a floor with a cap.
#include "millrace/processor/retry_policy.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace millrace;
using processor::retry_policy;

TEST_CASE("the ceiling doubles up to the cap") {
    const retry_policy policy{5, milliseconds{200}, milliseconds{1000}};
    struct row {
        std::uint64_t attempts;
        int ceiling_ms;
    };
    for (const row& r :
         std::vector<row>{{1, 200}, {2, 400}, {3, 800}, {4, 1000}, {40, 1000}, {1'000'000, 1000}}) {
        CAPTURE(r.attempts);
        CHECK(policy.ceiling(r.attempts).count() == r.ceiling_ms);
    }
    CHECK(retry_policy{5, milliseconds{0}, milliseconds{1000}}.ceiling(9).count() == 0);
    CHECK(retry_policy{5, milliseconds{500}, milliseconds{100}}.ceiling(1).count() == 100);
}

TEST_CASE("the pause is spread from nothing to the ceiling") {
    const retry_policy policy{5, milliseconds{200}, milliseconds{1000}};
    CHECK(policy.pause(1, {}, 0)->count() == 0);
    CHECK(policy.pause(1, {}, 200)->count() == 200);
    CHECK(policy.pause(1, {}, 201)->count() == 0);
    CHECK(policy.pause(2, {}, 399)->count() == 399);
    CHECK(policy.pause(1, {}, UINT64_MAX)->count() <= 200);
}

TEST_CASE("the attempts are counted") {
    const retry_policy policy{3, milliseconds{200}, milliseconds{1000}};
    CHECK(policy.pause(1, {}, 1));
    CHECK(policy.pause(2, {}, 1));
    CHECK_FALSE(policy.pause(3, {}, 1));
    CHECK_FALSE(policy.pause(3, milliseconds{5}, 1));
    CHECK_FALSE(retry_policy{1}.pause(1, {}, 1));
}

TEST_CASE("Retry-After is a floor, up to its own cap") {
    retry_policy policy{5, milliseconds{200}, milliseconds{1000}};
    policy.max_retry_after = milliseconds{60'000};
    CHECK(policy.pause(1, milliseconds{5000}, 100)->count() == 5000);
    CHECK(policy.pause(1, milliseconds{50}, 100)->count() == 100);
    CHECK(policy.pause(1, milliseconds{3'600'000}, 100)->count() == 60'000);
}
