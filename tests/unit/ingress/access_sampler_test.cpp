// Which requests get a line: tables of a second's requests.
#include "access_sampler.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace millrace;
using namespace millrace::ingress;
using namespace std::chrono_literals;

namespace {

constexpr steady_time start{1'000s};

/// One letter a request, `x` failed: what becomes of it is `.` or the number that was left out before it.
std::string lines_for(access_sampler& sampler, std::string_view requests, steady_time at) {
    std::string out;
    for (const char r : requests) {
        const auto taken = sampler.take(at, r == 'x');
        out += taken ? std::to_string(*taken) : ".";
    }
    return out;
}

} // namespace

TEST_CASE("a second of requests") {
    struct row {
        std::uint64_t lines_per_second;
        std::string_view requests;
        std::string_view lines;
    };
    const row rows[] = {
        {2, "oo", "00"},
        // two of all, two of every second, two of every fourth, two of every eighth
        {2, "oooooooooooooooooooooooooooooo", "00.1.1...3...3.......7.......7"},
        {1, "ooooooo", "0.1...3"},
        {4, "oooooooooooo", "0000.1.1.1.1"},
        // failures have as many lines of their own; then they are sampled like all others
        {2, "ooxxxxxx", "000000.."},
        {1, "oxoxoxo", "000...3"},
        {1, "xxxx", "000."},
    };
    for (const row& r : rows) {
        CAPTURE(r.requests);
        access_sampler sampler(r.lines_per_second);
        CHECK(lines_for(sampler, r.requests, start) == r.lines);
    }
}

TEST_CASE("each second begins anew, and says what the last one left out") {
    access_sampler sampler(1);
    CHECK(lines_for(sampler, "oooooo", start) == "0.1...");
    CHECK(lines_for(sampler, "o", start + 999ms) == "3");
    CHECK(lines_for(sampler, "ooo", start + 999ms) == "...");
    CHECK(lines_for(sampler, "oo", start + 1000ms) == "3.");
    CHECK(lines_for(sampler, "x", start + 1001ms) == "1");
    CHECK(lines_for(sampler, "o", start + 3600s) == "0");
}

TEST_CASE("lines grow with the logarithm of the rate") {
    access_sampler sampler(10);
    int lines = 0;
    std::uint64_t said = 0;
    for (int i = 0; i < 1'000'000; ++i)
        if (const auto taken = sampler.take(start, true)) {
            ++lines;
            said += *taken;
        }
    CHECK(lines >= 10 * 16);
    CHECK(lines <= 10 * 18 + 10);
    CHECK(said + static_cast<std::uint64_t>(lines) <= 1'000'000);
}

TEST_CASE("no lines at all") {
    CHECK_FALSE(access_sampler(0).on());
    CHECK(access_sampler(1).on());
}
