// Which events are written together, when, and what is tried after a failure.
#include "millrace/sql/batcher.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <vector>

using namespace millrace;
using namespace millrace::sql;
using namespace std::chrono_literals;

namespace {

constexpr steady_time zero{};
constexpr std::size_t plenty = 1'000;

using tickets = std::vector<batcher::ticket>;

tickets of(const std::optional<batcher::batch>& b) {
    tickets all;
    if (b)
        for (const batcher::item& i : *b)
            all.push_back(i.of);
    return all;
}

batcher with(const batcher::limits& limits, std::size_t events, std::size_t bytes = 10) {
    batcher b(limits);
    for (std::size_t i = 0; i < events; ++i)
        b.add(static_cast<batcher::ticket>(i), bytes, zero);
    return b;
}

} // namespace

TEST_CASE("a batch takes what there is, in order, up to its bounds") {
    struct row {
        const char* name;
        batcher::limits limits;
        std::size_t events;
        std::size_t bytes;
        std::vector<std::size_t> sizes;
    };
    const std::vector<row> rows = {
        {"nothing", {10, plenty, 0ms, plenty}, 0, 10, {}},
        {"fewer than fit", {10, plenty, 0ms, plenty}, 3, 10, {3}},
        {"as many as fit", {10, plenty, 0ms, plenty}, 10, 10, {10}},
        {"more: the rest is the next one", {10, plenty, 0ms, plenty}, 25, 10, {10, 10, 5}},
        {"one at a time", {1, plenty, 0ms, plenty}, 3, 10, {1, 1, 1}},
        {"bounded by bytes", {10, 35, 0ms, plenty}, 7, 10, {3, 3, 1}},
        {"larger than a batch may be: alone", {10, 35, 0ms, plenty}, 2, 100, {1, 1}},
    };
    for (const row& r : rows) {
        CAPTURE(r.name);
        batcher b = with(r.limits, r.events, r.bytes);
        batcher::ticket next = 0;
        for (const std::size_t size : r.sizes) {
            const auto got = of(b.take(zero));
            REQUIRE(got.size() == size);
            for (const batcher::ticket t : got)
                CHECK(t == next++);
        }
        CHECK_FALSE(b.take(zero));
        CHECK_FALSE(b.due());
    }
}

TEST_CASE("the first one waits for others, but no longer than the linger, nor for who cannot come") {
    const batcher::limits limits{4, 100, 50ms, 3};
    SUBCASE("alone") {
        batcher b = with(limits, 1);
        CHECK(b.due() == zero + 50ms);
        CHECK_FALSE(b.take(zero + 49ms));
        CHECK(of(b.take(zero + 50ms)) == tickets{0});
    }
    SUBCASE("the linger is the first one's") {
        batcher b = with(limits, 1);
        b.add(1, 10, zero + 40ms);
        CHECK(of(b.take(zero + 50ms)) == tickets{0, 1});
    }
    SUBCASE("enough events") {
        batcher b = with({2, 100, 50ms, plenty}, 2);
        CHECK(of(b.take(zero)) == tickets{0, 1});
    }
    SUBCASE("enough bytes") {
        batcher b = with({4, 20, 50ms, plenty}, 2);
        CHECK(of(b.take(zero)) == tickets{0, 1});
    }
    SUBCASE("all that there can be are here") {
        batcher b = with(limits, 3);
        CHECK(of(b.take(zero)) == tickets{0, 1, 2});
    }
    SUBCASE("those that are being written cannot come either") {
        batcher b = with(limits, 3);
        REQUIRE(b.take(zero));
        b.finish(1);
        b.add(3, 10, zero);
        CHECK(of(b.take(zero)) == tickets{3});
    }
}

TEST_CASE("a batch that has to wait comes back whole, before all others, and nothing comes sooner") {
    batcher b = with({2, plenty, 0ms, plenty}, 5);
    const auto first = b.take(zero);
    b.again(*first, zero + 1s);
    CHECK(b.due() == zero + 1s);
    CHECK_FALSE(b.take(zero + 999ms));
    CHECK(of(b.take(zero + 1s)) == tickets{0, 1});
    CHECK(of(b.take(zero + 1s)) == tickets{2, 3});
    CHECK(of(b.take(zero + 1s)) == tickets{4});
    CHECK(b.in_hand() == 5);
    b.finish(5);
    CHECK(b.in_hand() == 0);
}

TEST_CASE("a batch that failed is divided until the one to blame is alone; the others stay in order") {
    for (batcher::ticket bad = 0; bad < 7; ++bad) {
        CAPTURE(bad);
        batcher b = with({7, plenty, 0ms, plenty}, 9);
        tickets stored;
        tickets refused;
        while (const auto batch = b.take(zero)) {
            const tickets now = of(batch);
            if (std::find(now.begin(), now.end(), bad) == now.end())
                stored.insert(stored.end(), now.begin(), now.end());
            else if (now.size() == 1)
                refused.push_back(now.front());
            else
                b.divide(*batch);
        }
        CHECK(refused == tickets{bad});
        tickets wanted;
        for (batcher::ticket t = 0; t < 9; ++t)
            if (t != bad)
                wanted.push_back(t);
        CHECK(stored == wanted);
    }
}

TEST_CASE("what is left when the one to blame is known comes next; nothing is left of one") {
    batcher b = with({3, plenty, 0ms, plenty}, 4);
    auto batch = b.take(zero);
    batch->erase(batch->begin() + 1);
    b.put_back(*batch);
    CHECK(of(b.take(zero)) == tickets{0, 2});
    CHECK(of(b.take(zero)) == tickets{3});
    b.put_back({});
    CHECK_FALSE(b.due());
}
