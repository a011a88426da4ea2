#include "idempotency_window.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace millrace;
using namespace millrace::ingress;
using namespace std::chrono_literals;

using verdict = idempotency_window::verdict;

TEST_CASE("the window is off where a limit leaves no room") {
    CHECK(idempotency_window({}, 1).on());
    CHECK_FALSE(idempotency_window({.window = 0s}, 1).on());
    CHECK_FALSE(idempotency_window({.max_entries = 0}, 1).on());
    CHECK_FALSE(idempotency_window({.max_bytes = 10}, 4).on());
}

TEST_CASE("entries and bytes are bounds, however many loops there are") {
    for (const std::uint64_t loops : {1U, 2U, 16U})
        for (const std::uint64_t entries : {1U, 10U, 1'500U, 100'000U, 1'000'000U}) {
            const idempotency_window window({.max_entries = entries, .max_bytes = 10'000'000}, loops);
            CHECK(window.on());
            CHECK(window.capacity() <= entries);
            CHECK(window.bytes() <= 10'000'000);
            const std::uint64_t possible = std::min<std::uint64_t>(entries, 10'000'000 / 80);
            CHECK(window.capacity() >= possible - possible / 100); // and they are made use of
        }
}

TEST_CASE("an entry takes 80 bytes") {
    CHECK(idempotency_table::bytes_per_entry == 80); // docs/ingress.md says so
}

TEST_CASE("of many loops that claim the same at once, one is the first") {
    constexpr std::uint64_t names = 2'000;
    constexpr int loops = 4;
    struct silent final : twin {
        void on_delivery(const kafka::delivery&) noexcept override {}
    };
    idempotency_window window({}, loops);
    std::atomic<std::uint64_t> first{0};
    std::atomic<std::uint64_t> told{0};
    std::atomic<std::uint64_t> waited{0};
    std::vector<std::vector<silent>> twins(loops);
    {
        std::vector<std::jthread> threads;
        for (std::size_t t = 0; t < loops; ++t) {
            twins[t] = std::vector<silent>(names);
            threads.emplace_back([&, t] {
                for (std::uint64_t n = 0; n < names; ++n) {
                    const auto found =
                        window.claim({{n * 0x9e3779b97f4a7c15U, n}, 0}, steady_time{1h}, &twins[t][n]);
                    if (found.is == verdict::under_way)
                        ++waited;
                    if (found.is != verdict::first)
                        continue;
                    ++first;
                    for (const twin* w = window.settle(found.held, {}); w != nullptr; w = w->next)
                        ++told;
                }
            });
        }
    }
    CHECK(first == names);
    CHECK(told == waited);
    CHECK(window.size() == names);
}
