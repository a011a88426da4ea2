// What is found in a ring, also when the numbers of its entries have wrapped.
#include "millrace/processor/recent_ring.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

using namespace millrace::processor;

namespace {

struct entry {
    std::uint64_t hash = 0;
    int value = 0;
    std::uint16_t before = 0;
};

using ring = recent_ring<entry, std::uint16_t>;

std::vector<int> values(const ring& in, std::uint64_t hash, std::size_t reach) {
    std::vector<int> found;
    in.find(hash, reach, [&](const entry& e) {
        if (e.hash == hash)
            found.push_back(e.value);
        return false;
    });
    return found;
}

} // namespace

TEST_CASE("as a plain list has it, over many wraps of the numbers") {
    for (const std::size_t buckets_per_entry : {1U, 2U}) {
        CAPTURE(buckets_per_entry);
        ring tested(200, buckets_per_entry);
        REQUIRE(tested.capacity() == 256);
        std::deque<entry> model; // the most recent first
        std::mt19937 random(1);
        for (int i = 0; i < 300'000; ++i) {
            const bool rare = i % 100'000 > 90'000; // buckets that are not touched for more than a wrap
            const std::uint64_t hash = random() % (rare ? 3 : 700);
            tested.push(hash, {hash, i, 0});
            model.push_front({hash, i, 0});
            if (model.size() > tested.capacity())
                model.pop_back();
            if (i % 7 != 0)
                continue;
            const std::size_t reach = random() % (model.size() + 1);
            const std::uint64_t asked = random() % 700;
            std::vector<int> expected;
            for (std::size_t age = 0; age < reach; ++age)
                if (model[age].hash == asked)
                    expected.push_back(model[age].value);
            REQUIRE(values(tested, asked, reach) == expected);
            if (reach > 0)
                REQUIRE(tested.back(reach).value == model[reach - 1].value);
        }
    }
}

TEST_CASE("a search ends where the visitor says so") {
    ring tested(8);
    for (int i = 0; i < 5; ++i)
        tested.push(1, {1, i, 0});
    int seen = 0;
    CHECK(tested.find(1, 5, [&](const entry& e) { return ++seen == 2 && e.value == 3; }));
    CHECK(seen == 2);
    CHECK_FALSE(tested.find(2, 5, [](const entry& e) { return e.hash == 2; }));
    CHECK_FALSE(ring().find(1, 0, [](const entry&) { return true; }));
}
