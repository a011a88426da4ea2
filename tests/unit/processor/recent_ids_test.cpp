// Which places are found by an id, in which order, and for how long.
#include "millrace/processor/recent_ids.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

namespace {

event_hasher hasher({3, 4});

event_hash event(std::string_view id, std::string_view source = "/s") {
    return hasher.of(source, id);
}

recent_ids::place at(std::int64_t offset, std::uint32_t partition = 0, std::uint32_t term = 1) {
    return {static_cast<record_offset>(offset), partition, term};
}

std::vector<recent_ids::place> all_of(const recent_ids& ids, std::string_view id,
                                      std::optional<std::string_view> source = {}) {
    std::vector<recent_ids::place> found;
    const auto from = source ? std::optional(hasher.of_source(*source)) : std::nullopt;
    ids.find(hasher.of_id(id), from, [&](const recent_ids::place& p) {
        found.push_back(p);
        return false;
    });
    return found;
}

} // namespace

TEST_CASE("an id is found where it was, the most recent place first") {
    recent_ids ids(8);
    CHECK(all_of(ids, "a").empty());
    ids.add(event("a"), at(1, 0, 5));
    ids.add(event("b"), at(2));
    ids.add(event("a"), at(3, 2, 7));
    CHECK(all_of(ids, "a") == std::vector{at(3, 2, 7), at(1, 0, 5)});
    CHECK(all_of(ids, "b") == std::vector{at(2)});
    CHECK(all_of(ids, "c").empty());
    CHECK(all_of(ids, "").empty());
}

TEST_CASE("of a source that is asked for only its own are told") {
    recent_ids ids(8);
    ids.add(event("a", "/one"), at(1));
    ids.add(event("a", "/two"), at(2));
    ids.add(event("a", "/one"), at(3));
    CHECK(all_of(ids, "a", "/one") == std::vector{at(3), at(1)});
    CHECK(all_of(ids, "a", "/two") == std::vector{at(2)});
    CHECK(all_of(ids, "a", "/three").empty());
    CHECK(all_of(ids, "a").size() == 3);
}

TEST_CASE("a search ends where the visitor has found what it looks for") {
    recent_ids ids(8);
    for (int i = 0; i < 4; ++i)
        ids.add(event("a"), at(i));
    std::size_t seen = 0;
    ids.find(hasher.of_id("a"), std::nullopt, [&](const recent_ids::place& p) {
        ++seen;
        return p == at(2);
    });
    CHECK(seen == 2);
}

TEST_CASE("of more than it may remember the oldest goes") {
    recent_ids ids(4);
    for (int i = 0; i < 4; ++i)
        ids.add(event(std::to_string(i)), at(i));
    CHECK(all_of(ids, "0").size() == 1);
    ids.add(event("4"), at(4));
    CHECK(all_of(ids, "0").empty());
    for (int i = 1; i < 5; ++i)
        CHECK(all_of(ids, std::to_string(i)) == std::vector{at(i)});
}

TEST_CASE("it holds at least what it was asked to, in a power of two") {
    struct row {
        std::size_t asked;
        std::size_t got;
    };
    for (const row& r : {row{0, 0}, {1, 1}, {2, 2}, {3, 4}, {65'536, 65'536}, {65'537, 131'072}}) {
        CAPTURE(r.asked);
        CHECK(recent_ids(r.asked).capacity() == r.got);
    }
}

TEST_CASE("off: nothing is remembered") {
    recent_ids ids(0);
    ids.add(event("a"), at(1));
    CHECK(all_of(ids, "a").empty());
}

TEST_CASE("a search of an id that came very often is bounded") {
    recent_ids ids(recent_ids::max_steps * 4);
    for (std::size_t i = 0; i < ids.capacity(); ++i)
        ids.add(event("again"), at(static_cast<std::int64_t>(i)));
    const auto found = all_of(ids, "again");
    CHECK(found.size() == recent_ids::max_steps);
    CHECK(found.front() == at(static_cast<std::int64_t>(ids.capacity()) - 1));
}

TEST_CASE("as a plain list of what came would have it, for a long time and many sizes") {
    for (const std::size_t most : {1U, 2U, 16U, 256U, 1'024U}) {
        CAPTURE(most);
        recent_ids ids(most);
        std::deque<std::pair<std::string, recent_ids::place>> model;
        std::mt19937 random(static_cast<unsigned>(most));
        for (std::int64_t i = 0; i < 20'000; ++i) {
            const std::string id = std::to_string(random() % 700);
            ids.add(event(id), at(i, static_cast<std::uint32_t>(random() % 6)));
            model.emplace_front(id, at(i, all_of(ids, id).front().partition));
            if (model.size() > most)
                model.pop_back();
            const std::string asked = std::to_string(random() % 700);
            std::vector<recent_ids::place> expected;
            for (const auto& [known, place] : model)
                if (known == asked)
                    expected.push_back(place);
            REQUIRE(all_of(ids, asked) == expected);
        }
    }
}
