// Connections leave descriptors for the process itself.
#include "millrace/runtime/descriptors.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>

using namespace millrace::runtime;

TEST_CASE("what a limit of descriptors allows") {
    CHECK(connections_within(20'000, 10'000, 96) == 10'000);
    CHECK(connections_within(1'024, 10'000, 96) == 1'024 - 96);
    CHECK(connections_within(1'024, 100, 96) == 100);
    CHECK(connections_within(100, 10'000, 96) == 50); // half of what is next to nothing
    CHECK(connections_within(0, 10'000, 96) == 1);
    CHECK(connections_within(UINT64_MAX, 10'000, 96) == 10'000); // unlimited
}

TEST_CASE("the soft limit is raised as far as needed, not over the hard one, and never lowered") {
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    const rlimit low{64, before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    rlimit now{};
    CHECK(make_room_for(100, 20) == 100);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &now) == 0);
    CHECK(now.rlim_cur == 120);
    CHECK(make_room_for(10, 20) == 10);
    REQUIRE(getrlimit(RLIMIT_NOFILE, &now) == 0);
    CHECK(now.rlim_cur == 120);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &before) == 0);
}
