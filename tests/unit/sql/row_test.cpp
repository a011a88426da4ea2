// Which rows are of one event, and how large a row is.
#include "millrace/sql/row.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>
#include <vector>

using namespace millrace;
using namespace millrace::sql;

namespace {

row made(bool cloud_event, int partition, int offset, std::int64_t timestamp_ms, const std::string& id,
         const std::string& topic = "orders") {
    row r;
    r.place = {topic, static_cast<partition_id>(partition), static_cast<record_offset>(offset)};
    r.timestamp = {timestamp_ms};
    r.source = "/shop";
    r.id = id;
    r.cloud_event = cloud_event;
    return r;
}

auto identity(const row& r) {
    return std::tuple(r.id, r.source, r.place.topic, r.plain_record_ms());
}

} // namespace

TEST_CASE("identity: a replay, a client's retry, a redrive, a log that was made anew") {
    const std::string place = "orders/1/7";
    struct pair {
        const char* name;
        row one;
        row other;
        bool same;
    };
    const std::vector<pair> pairs = {
        {"the same record again", made(true, 1, 7, 1000, "a"), made(true, 1, 7, 1000, "a"), true},
        {"the event again, elsewhere and later", made(true, 1, 7, 1000, "a"), made(true, 2, 9, 5000, "a"),
         true},
        {"another event at that place", made(true, 1, 7, 1000, "a"), made(true, 1, 7, 2000, "b"), false},
        {"another topic", made(true, 1, 7, 1000, "a"), made(true, 1, 7, 1000, "a", "invoices"), false},
        {"a plain record again", made(false, 1, 7, 1000, place), made(false, 1, 7, 1000, place), true},
        {"a plain record of a new log", made(false, 1, 7, 1000, place), made(false, 1, 7, 2000, place),
         false},
        {"a CloudEvent that is named like a place", made(true, 0, 0, 1000, place),
         made(false, 1, 7, 1000, place), false},
    };
    for (const pair& p : pairs) {
        CAPTURE(p.name);
        CHECK((identity(p.one) == identity(p.other)) == p.same);
    }
}

TEST_CASE("a key of PostgreSQL has room for so much") {
    row r = made(true, 0, 0, 0, std::string(max_identity_bytes - 5, 'i')); // "/shop"
    CHECK(r.fits_the_key());
    r.id += "i";
    CHECK_FALSE(r.fits_the_key());
}

TEST_CASE("a row's size counts all of it") {
    row r = made(true, 0, 0, 0, "a");
    const std::size_t empty = r.bytes();
    r.data = std::string(1'000, 'd');
    r.key = std::string(100, 'k');
    r.subject = "sub";
    CHECK(r.bytes() == empty + 1'103);
}

TEST_CASE("timestamps that no database holds become ones that it does") {
    constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
    CHECK(to_rfc3339(storable({most})) == "9999-12-31T23:59:59.999Z");
    CHECK(to_rfc3339(storable({-most})) == "0001-01-01T00:00:00.000Z");
    CHECK(storable({-1}).value == -1);
    CHECK(storable({1'764'000'000'123}).value == 1'764'000'000'123);
}
