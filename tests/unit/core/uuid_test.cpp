// UUIDs of version 7: their form, their order, and that none comes twice.
#include "millrace/core/uuid.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace millrace;

namespace {

std::string text_of(const std::array<char, 36>& id) {
    return {id.data(), id.size()};
}

std::int64_t ms_of(const std::string& id) {
    return std::stoll(id.substr(0, 8) + id.substr(9, 4), nullptr, 16);
}

} // namespace

TEST_CASE("a UUID has version 7, the variant of RFC 9562 and the time it was made") {
    uuid7_generator make(1);
    for (int i = 0; i < 1000; ++i) {
        const std::string id = text_of(make.next({0x0198'c0de'f00d + i}));
        REQUIRE(id.size() == 36);
        CHECK(id.find_first_not_of("0123456789abcdef-") == std::string::npos);
        CHECK(id[8] == '-');
        CHECK(id[13] == '-');
        CHECK(id[14] == '7');
        CHECK(id[18] == '-');
        CHECK(std::string("89ab").find(id[19]) != std::string::npos);
        CHECK(id[23] == '-');
        CHECK(ms_of(id) == 0x0198'c0de'f00d + i);
    }
}

TEST_CASE("UUIDs sort in the order made, within a millisecond too, and beyond its counter") {
    uuid7_generator make(2);
    std::string last;
    for (int i = 0; i < 20'000; ++i) { // the counter has 4096 steps
        const std::string id = text_of(make.next({1'700'000'000'000}));
        REQUIRE(last < id);
        last = id;
    }
}

TEST_CASE("a clock that steps back gives no id twice") {
    uuid7_generator make(3);
    std::set<std::string> seen;
    std::string last;
    for (int i = 0; i < 3000; ++i) {
        const std::string id = text_of(make.next({1'700'000'000'000 - i % 100}));
        REQUIRE(seen.insert(id).second);
        REQUIRE(last < id);
        last = id;
    }
}

TEST_CASE("generators seeded by the system differ, and those of one seed agree") {
    CHECK(uuid7_generator().next({1}) != uuid7_generator().next({1}));
    CHECK(uuid7_generator(7).next({1}) == uuid7_generator(7).next({1}));
}
