// From where on a log has to be read again, and how much of it.
#include "millrace/processor/dedup_tail.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace millrace;
using namespace millrace::processor;
using namespace std::chrono_literals;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

// Records 0, 1, … with one every `apart_ms`.
void read_log(tail_marks& into, std::int64_t records, std::int64_t apart_ms, std::size_t bytes) {
    for (std::int64_t n = 0; n < records; ++n)
        into.note(at(n), unix_ms{1'000'000 + n * apart_ms}, bytes);
}

struct bounds {
    const char* what;
    tail_limits limits;
    std::int64_t apart_ms;
    std::size_t bytes;
    std::int64_t end;
    std::int64_t needed; // the first record that has to be read again
};

} // namespace

TEST_CASE("the tail begins before what is within every limit, and not much before") {
    const tail_limits most{.window = 10'000s, .max_records = 1'000'000, .max_bytes = 1U << 30U};
    tail_limits few = most, short_time = most, small = most;
    few.max_records = 1'600;
    short_time.window = 1'600s;
    small.max_bytes = 160'000;
    const bounds table[] = {
        {"everything", most, 1, 100, 10'000, 0},
        {"so many records", few, 1, 100, 10'000, 8'400},
        {"so many records before a commit that is behind", few, 1, 100, 5'000, 3'400},
        {"so long", short_time, 1'000, 100, 10'000, 8'400},
        {"so long before a commit that is behind", short_time, 1'000, 100, 5'000, 3'400},
    };
    for (const bounds& b : table) {
        CAPTURE(b.what);
        tail_marks marks(b.limits);
        read_log(marks, 10'000, b.apart_ms, b.bytes);
        const auto begin = marks.begin(at(b.end));
        REQUIRE(begin);
        CHECK(value(*begin) <= b.needed);
        CHECK(value(*begin) >= b.needed - 250);
        CHECK(marks.begin(at(b.end)) == begin); // asking changes nothing
    }
    tail_marks marks(small);
    read_log(marks, 10'000, 1, 100);
    const auto begin = marks.begin(at(10'000));
    REQUIRE(begin);
    CHECK(value(*begin) >= 8'400 - 101); // bytes are a bound, not a need
    CHECK(value(*begin) < 8'700);
}

TEST_CASE("where nothing was read, or nothing is to be remembered, there is no tail") {
    CHECK_FALSE(tail_marks({.window = 1s, .max_records = 10, .max_bytes = 10}).begin(at(5)));
    for (const tail_limits& off :
         {tail_limits{}, tail_limits{.window = 0s, .max_records = 10, .max_bytes = 10},
          tail_limits{.window = 1s, .max_records = 0, .max_bytes = 10}}) {
        tail_marks marks(off);
        read_log(marks, 1'000, 1'000, 100);
        CHECK_FALSE(marks.begin(at(1'000)));
    }
    tail_marks later({.window = 1s, .max_records = 10, .max_bytes = 10});
    later.note(at(50), unix_ms{1}, 1);
    CHECK_FALSE(later.begin(at(50)));
    CHECK(later.begin(at(51)) == at(50));
}

TEST_CASE("a commit that stands still for long costs no more memory and loses nothing") {
    tail_marks marks({.window = 100s, .max_records = 1'000, .max_bytes = 1'000'000});
    read_log(marks, 200'000, 1'000, 1'000); // a mark each six seconds or so: far more than are kept
    CHECK(marks.begin(at(1'000)) == at(0));
    const auto begin = marks.begin(at(190'000));
    REQUIRE(begin);
    CHECK(value(*begin) <= 189'900);
}

TEST_CASE("times that go back do not hide what is within the window") {
    tail_marks marks({.window = 100s, .max_records = 1'000'000, .max_bytes = 1U << 30U});
    for (std::int64_t n = 0; n < 1'000; ++n) // every second record is 50 s behind
        marks.note(at(n), unix_ms{1'000'000 + n * 1'000 - (n % 2) * 50'000}, 100);
    const auto begin = marks.begin(at(1'000));
    REQUIRE(begin);
    CHECK(value(*begin) <= 899);
    CHECK(value(*begin) >= 830);
}

TEST_CASE("a tail of small records is read whole") {
    tail_reading r(at(100), at(200), 1'000'000, 1h);
    CHECK(r.on());
    CHECK_FALSE(r.covers(at(99)));
    CHECK(r.covers(at(100)));
    CHECK(r.covers(at(199)));
    CHECK_FALSE(r.covers(at(200)));
    for (std::int64_t n = 100; n < 200; ++n) {
        CHECK(r.on());
        CHECK_FALSE(r.read(at(n), 300));
        CHECK(r.position() == at(n + 1));
    }
    CHECK_FALSE(r.on());
    CHECK_FALSE(r.covers(at(150)));
    CHECK(r.records() == 100);
}

TEST_CASE("of a tail of large records the nearer part is read, and no more than the limit") {
    for (const std::size_t size : {1'000U, 10'000U, 100'000U, 900'000U, 5'000'000U}) {
        CAPTURE(size);
        constexpr std::uint64_t most = 1'000'000;
        tail_reading r(at(0), at(50'000), most, 1h);
        std::uint64_t bytes = 0;
        std::int64_t n = 0, last = 0;
        while (r.on()) {
            bytes += size;
            last = n;
            const auto leap = r.read(at(n), size);
            if (leap) {
                REQUIRE(value(*leap) > n);
                CHECK(r.position() == *leap);
            }
            n = leap ? value(*leap) : n + 1;
        }
        CHECK(bytes <= most + size);
        if (size <= 100'000)
            CHECK(last == 49'999); // those right before the commit are the likeliest to be repeated
    }
}

TEST_CASE("a log that begins later, and one with gaps, are not taken for one of small records") {
    tail_reading r(at(0), at(100'000), 1'000'000, 1h);
    std::uint64_t bytes = 0;
    for (std::int64_t n = 90'000; r.on();) {
        bytes += 10'000;
        const auto leap = r.read(at(n), 10'000);
        n = leap ? value(*leap) : n + 10; // compacted: one of ten is there
    }
    CHECK(bytes <= 1'010'000);
    CHECK(bytes >= 500'000);
}

TEST_CASE("a tail ends where it is told to, and when its time is up") {
    tail_reading r(at(0), at(10), 1'000, 10s);
    CHECK_FALSE(r.pass(9s));
    CHECK(r.on());
    CHECK(r.pass(1s));
    CHECK_FALSE(r.on());
    CHECK(r.position() == at(10));
    CHECK_FALSE(r.pass(11s)); // said once
    tail_reading other(at(0), at(10), 1'000, 1s);
    other.finish();
    CHECK_FALSE(other.on());
    CHECK_FALSE(other.pass(11s));
    CHECK_FALSE(tail_reading().on());
    CHECK_FALSE(tail_reading(at(7), at(7), 1'000, 1s).on());
}
