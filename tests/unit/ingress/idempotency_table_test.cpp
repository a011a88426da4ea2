#include "idempotency_table.hpp"

#include "millrace/core/random.hpp"
#include "millrace/kafka/error.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;
using namespace std::chrono_literals;

using verdict = idempotency_table::verdict;

namespace {

constexpr steady_time start{1'000h};

struct waiting final : twin {
    void on_delivery(const kafka::delivery&) noexcept override {}
};

// Spread over the index as hashes are, and the same for every run.
identity number(std::uint64_t n, std::uint64_t content = 0) {
    fast_random spread(n);
    return {{spread(), spread()}, content};
}

kafka::delivery stored_at(std::int64_t offset) {
    return {{}, partition_id{3}, record_offset{offset}, unix_ms{offset * 10}};
}

const kafka::delivery failed{.error = kafka::errc::queue_full};

std::size_t length(const twin* list) {
    std::size_t n = 0;
    for (; list != nullptr; list = list->next)
        ++n;
    return n;
}

void store(idempotency_table& in, std::uint64_t n, steady_time now) {
    const auto found = in.claim(number(n), now, nullptr);
    REQUIRE(found.is == verdict::first);
    in.settle(found.entry, stored_at(static_cast<std::int64_t>(n)));
}

} // namespace

TEST_CASE("the first is published, the second waits for it, the third gets its answer") {
    idempotency_table table(10, 60s);
    const auto first = table.claim(number(1), start, nullptr);
    REQUIRE(first.is == verdict::first);
    waiting a;
    waiting b;
    CHECK(table.claim(number(1), start, &a).is == verdict::under_way);
    CHECK(table.claim(number(1), start, &b).is == verdict::under_way);
    CHECK(length(table.settle(first.entry, stored_at(42))) == 2);
    const auto third = table.claim(number(1), start + 59s, nullptr);
    CHECK(third.is == verdict::stored);
    CHECK(third.delivery.partition == partition_id{3});
    CHECK(third.delivery.offset == record_offset{42});
    CHECK(third.delivery.timestamp == unix_ms{420});
    CHECK_FALSE(third.delivery.error);
    CHECK(table.size() == 1);
}

TEST_CASE("a failure is forgotten, and told to those who waited: a retry is published") {
    idempotency_table table(10, 60s);
    const auto first = table.claim(number(1), start, nullptr);
    waiting twin_of_it;
    REQUIRE(table.claim(number(1), start, &twin_of_it).is == verdict::under_way);
    CHECK(table.settle(first.entry, failed) == &twin_of_it);
    CHECK(table.size() == 0);
    const auto retry = table.claim(number(1), start, nullptr);
    CHECK(retry.is == verdict::first);
    CHECK(table.settle(retry.entry, stored_at(1)) == nullptr); // nobody waits for this one
}

TEST_CASE("other content under the same name is reuse, whether the first is stored or under way") {
    idempotency_table table(10, 60s);
    const auto first = table.claim(number(1, 7), start, nullptr);
    waiting never_told;
    CHECK(table.claim(number(1, 8), start, &never_told).is == verdict::reused);
    CHECK(table.settle(first.entry, stored_at(1)) == nullptr);
    CHECK(table.claim(number(1, 8), start, nullptr).is == verdict::reused);
    CHECK(table.claim(number(1, 7), start, nullptr).is == verdict::stored);
}

TEST_CASE("after the window a name is new, with any content, and its old answer does not come back") {
    idempotency_table table(10, 60s);
    for (std::uint64_t n = 1; n <= 5; ++n)
        store(table, n, start);
    CHECK(table.claim(number(5), start + 60s - 1ns, nullptr).is == verdict::stored);
    const auto again = table.claim(number(5, 9), start + 60s, nullptr);
    REQUIRE(again.is == verdict::first);
    CHECK(table.claim(number(5, 9), start + 60s, nullptr).is == verdict::under_way);
    table.settle(again.entry, stored_at(77));
    for (std::uint64_t n = 6; n <= 9; ++n)
        store(table, n, start + 61s); // what has expired is let go on the way
    CHECK(table.claim(number(5, 9), start + 61s, nullptr).delivery.offset == record_offset{77});
    CHECK(table.size() == 5);
}

TEST_CASE("where there is no room, the oldest answer goes before its time, and that is counted") {
    idempotency_table table(3, 60s);
    for (std::uint64_t n = 1; n <= 3; ++n)
        store(table, n, start);
    CHECK(table.evicted_early() == 0);
    store(table, 4, start);
    CHECK(table.evicted_early() == 1);
    CHECK(table.size() == 3);
    for (std::uint64_t n = 2; n <= 4; ++n)
        CHECK(table.claim(number(n), start, nullptr).is == verdict::stored);
    CHECK(table.claim(number(1), start, nullptr).is == verdict::first);
}

TEST_CASE("what has expired makes room without being counted") {
    idempotency_table table(3, 60s);
    for (std::uint64_t n = 1; n <= 3; ++n)
        store(table, n, start);
    for (std::uint64_t n = 4; n <= 6; ++n)
        store(table, n, start + 60s);
    CHECK(table.evicted_early() == 0);
    CHECK(table.size() == 3);
}

TEST_CASE("an event under way is never forgotten: with all entries under way, more are not remembered") {
    idempotency_table table(2, 60s);
    const auto first = table.claim(number(1), start, nullptr);
    const auto second = table.claim(number(2), start, nullptr);
    CHECK(table.claim(number(3), start + 100s, nullptr).is == verdict::untracked);
    CHECK(table.claim(number(1), start + 100s, nullptr).is == verdict::under_way);
    table.settle(second.entry, stored_at(2));
    CHECK(table.claim(number(4), start, nullptr).is == verdict::first); // in the place of 2
    table.settle(first.entry, stored_at(1));
    CHECK(table.claim(number(1), start, nullptr).is == verdict::stored);
}

TEST_CASE("a small table under every mixture of operations keeps what it says") {
    struct known {
        bool under_way = true;
        std::uint32_t entry = 0;
        steady_time claimed;
        std::int64_t offset = 0; // also the order in which they were stored
    };
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        fast_random random(seed);
        constexpr std::uint32_t capacity = 16;
        idempotency_table table(capacity, 60s);
        std::map<std::uint64_t, known> model;
        std::int64_t stored = 0;
        std::int64_t newest_lost = 0;
        steady_time now = start;
        for (int step = 0; step < 4'000; ++step) {
            now += std::chrono::seconds(static_cast<std::int64_t>(random() % 4));
            const std::uint64_t n = random() % 40;
            const auto at = model.find(n);
            if (at != model.end() && at->second.under_way && random() % 2 == 0) {
                const bool fails = random() % 3 == 0;
                table.settle(at->second.entry, fails ? failed : stored_at(++stored));
                at->second.under_way = false;
                at->second.offset = stored;
                if (fails)
                    model.erase(at);
                continue;
            }
            const auto found = table.claim(number(n), now, nullptr);
            REQUIRE(table.size() <= capacity);
            const bool live = at != model.end() && (at->second.under_way || now - at->second.claimed < 60s);
            if (found.is == verdict::under_way) {
                REQUIRE((live && at->second.under_way));
            } else if (found.is == verdict::stored) {
                REQUIRE((live && !at->second.under_way));
                REQUIRE(value(found.delivery.offset) == at->second.offset);
                REQUIRE(at->second.offset > newest_lost); // the oldest goes first
            } else {
                REQUIRE((!live || !at->second.under_way));
                if (live)
                    newest_lost = std::max(newest_lost, at->second.offset);
                model.erase(n);
                if (found.is == verdict::first)
                    model[n] = {.entry = found.entry, .claimed = now};
                else
                    REQUIRE(std::ranges::count_if(model, [](const auto& m) { return m.second.under_way; }) ==
                            capacity);
            }
        }
    }
}
