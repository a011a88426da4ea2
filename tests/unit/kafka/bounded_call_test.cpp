#include "bounded_call.hpp"

#include <doctest/doctest.h>

#include <future>
#include <memory>

using namespace millrace;
using kafka::returns_within;

TEST_CASE("a call that returns is waited for") {
    bool called = false;
    CHECK(returns_within(milliseconds{60'000}, [&] { called = true; }));
    CHECK(called);
}

TEST_CASE("a call that does not return is left to itself") {
    const auto never = std::make_shared<std::promise<void>>();
    CHECK_FALSE(returns_within(milliseconds{1}, [never] { never->get_future().wait(); }));
    never->set_value(); // its thread ends
}
