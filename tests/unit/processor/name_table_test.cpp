// Names get numbers, up to a bound.
#include "millrace/processor/name_table.hpp"

#include <doctest/doctest.h>

#include <string>

using millrace::processor::name_table;

TEST_CASE("a name keeps its number and a number its name") {
    name_table names(10);
    const auto a = names.find_or_add("a");
    const auto b = names.find_or_add("b");
    CHECK(a != b);
    CHECK(names.find_or_add("a") == a);
    CHECK(names.find_or_add("b") == b);
    CHECK(names.name(a) == "a");
    CHECK(names.name(b) == "b");
    CHECK(a != name_table::other);
}

TEST_CASE("names beyond the bound are other, those known before stay") {
    name_table names(3);
    const auto first = names.find_or_add("0");
    for (int i = 1; i < 100; ++i)
        names.find_or_add(std::to_string(i));
    CHECK(names.size() == 4);
    CHECK(names.find_or_add("99") == name_table::other);
    CHECK(names.find_or_add("0") == first);
    CHECK(names.find_or_add("98") == name_table::other);
}

TEST_CASE("a name of unreasonable length is other") {
    name_table names(3);
    CHECK(names.find_or_add(std::string(257, 'x')) == name_table::other);
    CHECK(names.find_or_add(std::string(256, 'x')) != name_table::other);
}

TEST_CASE("the word other is a name like any other") {
    name_table names(3);
    const auto n = names.find_or_add("other");
    CHECK(n != name_table::other);
    CHECK(names.find_or_add("other") == n);
}
