#include "descriptors.hpp"

#include <doctest/doctest.h>

#include <cstdint>

using namespace millrace::ingress;

TEST_CASE("connections leave descriptors for the process itself") {
    CHECK(connections_within(20'000, 10'000, 1) == 10'000);
    CHECK(connections_within(1'024, 10'000, 1) == 1'024 - 96);
    CHECK(connections_within(1'024, 10'000, 4) == 1'024 - 192);
    CHECK(connections_within(1'024, 100, 1) == 100);
    CHECK(connections_within(100, 10'000, 1) == 50); // half of what is next to nothing
    CHECK(connections_within(0, 10'000, 1) == 1);
    CHECK(connections_within(UINT64_MAX, 10'000, 1) == 10'000); // unlimited
}
