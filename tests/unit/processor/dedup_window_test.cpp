// What is a second one, for how long, and how much is remembered.
#include "millrace/processor/dedup_window.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <utility>

using namespace millrace;
using namespace millrace::processor;
using namespace std::chrono_literals;

namespace {

hash128 name(std::string_view source, std::string_view id) {
    return event_hasher({1, 2}).of(source, id).name();
}

} // namespace

TEST_CASE("the second event of one source and id within the window is one; another source or id is not") {
    dedup_window w({.window = 1'000ms, .max_entries = 10});
    CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{5'000}));
    CHECK(w.seen_before(name("/shop", "1"), unix_ms{5'000}));
    CHECK(w.seen_before(name("/shop", "1"), unix_ms{6'000})); // just within
    CHECK_FALSE(w.seen_before(name("/shop", "2"), unix_ms{6'000}));
    CHECK_FALSE(w.seen_before(name("/shop1", ""), unix_ms{6'000}));
    CHECK_FALSE(w.seen_before(name("/sho", "p1"), unix_ms{6'000}));
}

TEST_CASE("the window begins with the first one: to be seen again does not make it longer") {
    dedup_window w({.window = 1'000ms, .max_entries = 10});
    CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{5'000}));
    CHECK(w.seen_before(name("/shop", "1"), unix_ms{5'900}));
    CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{6'001}));
    CHECK(w.seen_before(name("/shop", "1"), unix_ms{6'001}));
}

TEST_CASE("a record that is older than those before it forgets nothing and is remembered") {
    dedup_window w({.window = 1'000ms, .max_entries = 10});
    CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{5'000}));
    CHECK_FALSE(w.seen_before(name("/shop", "2"), unix_ms{1'000}));
    CHECK(w.seen_before(name("/shop", "1"), unix_ms{5'000}));
    CHECK(w.seen_before(name("/shop", "2"), unix_ms{1'000}));
}

TEST_CASE("of more than it may remember the oldest goes") {
    dedup_window w({.window = 1'000ms, .max_entries = 3});
    for (const char* id : {"1", "2", "3", "4"})
        CHECK_FALSE(w.seen_before(name("/shop", id), unix_ms{1}));
    CHECK(w.size() == 3);
    for (const char* id : {"2", "3", "4"})
        CHECK(w.seen_before(name("/shop", id), unix_ms{1}));
    CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{1}));
}

TEST_CASE("off: nothing is a second one and nothing is remembered") {
    for (dedup_window w : {dedup_window(), dedup_window({.window = 0ms, .max_entries = 10}),
                           dedup_window({.window = 1'000ms, .max_entries = 0})}) {
        CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{1}));
        CHECK_FALSE(w.seen_before(name("/shop", "1"), unix_ms{1}));
        CHECK(w.size() == 0);
    }
}

TEST_CASE("as a plain list of what came would have it, for a long time and many sizes") {
    for (const std::size_t most : {1U, 7U, 255U, 256U, 257U, 1'000U}) {
        CAPTURE(most);
        dedup_window w({.window = 500ms, .max_entries = most});
        std::deque<std::pair<std::string, std::int64_t>> model;
        std::mt19937 random(static_cast<unsigned>(most));
        std::int64_t now = 0;
        for (int i = 0; i < 20'000; ++i) {
            now += static_cast<std::int64_t>(random() % 3);
            const std::string id = std::to_string(random() % 700);
            while (!model.empty() && model.front().second < now - 500)
                model.pop_front();
            const bool known = std::ranges::any_of(model, [&](const auto& e) { return e.first == id; });
            REQUIRE(w.seen_before(name("/s", id), unix_ms{now}) == known);
            if (!known) {
                if (model.size() == most)
                    model.pop_front();
                model.emplace_back(id, now);
            }
            REQUIRE(w.size() == model.size());
        }
    }
}
