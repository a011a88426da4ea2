// Arrays in PostgreSQL's binary form, octet by octet; a real server reads them in the integration tests.
#include "postgres_columns.hpp"
#include "schema.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <string_view>

using namespace millrace;
using namespace millrace::sql;

namespace {

using namespace std::string_literals;

row example() {
    row r;
    r.place = {"t", static_cast<partition_id>(258), static_cast<record_offset>(1)};
    r.timestamp = {946'684'800'001}; // a millisecond into the year 2000
    r.source = "/s";
    r.id = "a";
    r.data = "\0x"s;
    return r;
}

std::string header(unsigned type, int elements) {
    std::string h = "\0\0\0\1\0\0\0\1\0\0"s;
    h += static_cast<char>(type >> 8);
    h += static_cast<char>(type);
    return h + "\0\0\0"s + static_cast<char>(elements) + "\0\0\0\1"s;
}

} // namespace

TEST_CASE("each column is an array of its type") {
    const row one = example();
    row two = example();
    two.key = "k";
    const row* rows[] = {&one, &two};
    const postgres_columns c = to_columns(rows);
    REQUIRE(c.values.size() == 14);
    REQUIRE(c.types.size() == 14);
    CHECK(std::ranges::count(std::string_view(columns), ',') == 13);
    CHECK(c.types[0] == 1009);
    CHECK(c.values[0] == header(25, 2) + "\0\0\0\1t\0\0\0\1t"s);
    CHECK(c.values[1] == header(23, 2) + "\0\0\0\4\0\0\1\2\0\0\0\4\0\0\1\2"s);
    CHECK(c.values[2] == header(20, 2) + "\0\0\0\10\0\0\0\0\0\0\0\1\0\0\0\10\0\0\0\0\0\0\0\1"s);
    CHECK(c.values[3] == header(1184, 2) + "\0\0\0\10\0\0\0\0\0\0\3\350\0\0\0\10\0\0\0\0\0\0\3\350"s);
    CHECK(c.values[9] == header(17, 2) + "\377\377\377\377\0\0\0\1k"s); // a null, and a key
    CHECK(c.values[12] == header(17, 2) + "\0\0\0\2\0x\0\0\0\2\0x"s);
}
