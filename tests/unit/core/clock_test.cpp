// RFC 3339 out of milliseconds.
#include "millrace/core/clock.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace millrace;

TEST_CASE("a time is written in UTC with milliseconds") {
    const struct {
        std::int64_t ms;
        const char* text;
    } table[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {1, "1970-01-01T00:00:00.001Z"},
        {1'709'208'000'123, "2024-02-29T12:00:00.123Z"},
        {1'735'689'599'999, "2024-12-31T23:59:59.999Z"},
        {1'735'689'600'000, "2025-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {253'402'300'799'999, "9999-12-31T23:59:59.999Z"},
    };
    for (const auto& row : table)
        CHECK(to_rfc3339({row.ms}) == row.text);
}

TEST_CASE("the system's time is past the day this was written") {
    CHECK(system_now() > unix_ms{1'700'000'000'000});
}
