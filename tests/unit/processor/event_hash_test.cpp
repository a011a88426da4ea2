// By what an event is known, and that no two events share it.
#include "millrace/processor/event_hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

TEST_CASE("events of one source and id have one name; those of others have another") {
    event_hasher hasher({1, 2});
    std::vector<hash128> seen;
    for (const auto& [source, id] : std::vector<std::pair<std::string_view, std::string_view>>{{"/a", "1"},
                                                                                               {"/a", "2"},
                                                                                               {"/b", "1"},
                                                                                               {"1", "/a"},
                                                                                               {"", ""},
                                                                                               {"x", "x"},
                                                                                               {"y", "y"},
                                                                                               {"", "/a1"},
                                                                                               {"/a1", ""}}) {
        const hash128 name = hasher.of(source, id).name();
        CHECK(std::ranges::find(seen, name) == seen.end());
        CHECK(hasher.of(source, id).name() == name);
        CHECK(event_hasher({1, 2}).of(source, id).name() == name);
        CHECK(event_hasher({1, 3}).of(source, id).name() != name);
        seen.push_back(name);
    }
}

TEST_CASE("its parts are what they are alone") {
    event_hasher hasher({1, 2});
    for (const std::string_view source : {"/a", "/a", "/b", ""}) {
        const event_hash both = hasher.of(source, "1");
        CHECK(both.id == hasher.of_id("1"));
        CHECK(both.source == hasher.of_source(source));
    }
}
