// Rates: how much at once, how much in a second, whose; and that nobody gets more by having many addresses.
#include "rate_limiter.hpp"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;
using std::chrono::nanoseconds;

namespace {

const steady_time start{std::chrono::hours(1)};

steady_time at(int milliseconds_later) {
    return start + milliseconds(milliseconds_later);
}

ip_address v6(std::uint8_t network, std::uint8_t host) {
    ip_address a;
    a.bytes[0] = 0x20;
    a.bytes[7] = network;
    a.bytes[15] = host;
    return a;
}

template <class Take>
int taken_of(int requests, Take take) {
    int taken = 0;
    for (int i = 0; i < requests; ++i)
        taken += take() == wait_time::zero() ? 1 : 0;
    return taken;
}

} // namespace

TEST_CASE("a second's worth at once, then one at a time") {
    rate_bucket bucket;
    const rate ten{10};
    CHECK(taken_of(20, [&] { return bucket.take(ten, at(0)); }) == 10);
    CHECK(bucket.take(ten, at(0)) == milliseconds(100));
    CHECK(bucket.take(ten, at(99)) == milliseconds(1)); // a refused one costs nothing
    CHECK(bucket.take(ten, at(100)) == wait_time::zero());
    CHECK(bucket.take(ten, at(100)) == milliseconds(100));
    CHECK(taken_of(20, [&] { return bucket.take(ten, at(500)); }) == 4);
    CHECK(taken_of(20, [&] { return bucket.take(ten, at(60'000)); }) == 10); // silence earns no more
}

TEST_CASE("no rate is no limit; the slowest and the fastest hold") {
    rate_bucket bucket;
    CHECK(taken_of(1'000, [&] { return bucket.take({0}, at(0)); }) == 1'000);
    CHECK(taken_of(5, [&] { return bucket.take({1}, at(0)); }) == 1);
    CHECK(bucket.take({1}, at(0)) == milliseconds(1'000));
    rate_bucket fast;
    CHECK(taken_of(1'000'100, [&] { return fast.take({1'000'000}, at(0)); }) == 1'000'000);
}

TEST_CASE("Retry-After is in whole seconds and never 0") {
    CHECK(retry_after_s(nanoseconds(1)) == 1);
    CHECK(retry_after_s(milliseconds(1'000)) == 1);
    CHECK(retry_after_s(milliseconds(1'001)) == 2);
}

TEST_CASE("loops that take from one bucket at the same time get its rate, not each their own") {
    rate_bucket bucket;
    std::atomic<int> taken{0};
    std::vector<std::jthread> loops;
    for (int i = 0; i < 4; ++i)
        loops.emplace_back([&] { taken += taken_of(10'000, [&] { return bucket.take({1'000}, at(0)); }); });
    loops.clear();
    CHECK(taken == 1'000);
}

TEST_CASE("addresses have a bucket each, networks of IPv6 one") {
    rate_table table(1'024, {1, 2});
    const rate two{2};
    const auto take = [&](const ip_address& a) {
        return taken_of(5, [&] { return table.take(a, two, at(0)); });
    };
    CHECK(take(*parse_address("192.0.2.1")) == 2);
    CHECK(take(*parse_address("192.0.2.1")) == 0);
    CHECK(take(*parse_address("192.0.2.2")) == 2);
    CHECK(take(v6(1, 1)) == 2);
    CHECK(take(v6(1, 2)) == 0); // one who has a network has all its addresses
    CHECK(take(v6(2, 1)) == 2);
    CHECK(taken_of(100, [&] { return table.take(v6(1, 1), {0}, at(0)); }) == 100);
}

TEST_CASE("with more addresses than buckets, all together get no more than the buckets allow") {
    rate_table table(2, {1, 2});
    int taken = 0;
    for (int turn = 0; turn < 3; ++turn)
        for (int i = 0; i < 200; ++i)
            taken += table.take(v6(static_cast<std::uint8_t>(i), 1), {3}, at(0)) == wait_time::zero() ? 1 : 0;
    CHECK(taken == static_cast<int>(2 * rate_table::ways * 3));
    CHECK(table.take(v6(201, 1), {3}, at(1'000)) == wait_time::zero()); // and a second later there is room
}
