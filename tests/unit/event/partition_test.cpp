#include "millrace/event/partition.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace millrace::event;

TEST_CASE("murmur2 is Kafka's") {
    struct row {
        std::string_view octets;
        std::int32_t hash;
    };
    // org.apache.kafka.common.utils.UtilsTest.testMurmur2; the last three by librdkafka's and Java's rule for
    // bytes beyond ASCII and for none.
    for (const row& r :
         {row{"21", -973932308}, row{"foobar", -790332482}, row{"a-little-bit-long-string", -985981536},
          row{"a-little-bit-longer-string", -1486304829},
          row{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971}, row{"abc", 479470107}})
        CHECK_MESSAGE(static_cast<std::int32_t>(murmur2(r.octets)) == r.hash, r.octets);
}

TEST_CASE("an event's partition is that of its source, a zero byte and its id") {
    const std::string joined("/shop\0order-17", 14);
    for (const std::int32_t partitions : {1, 2, 6, 7, 1'000})
        CHECK(partition_of("/shop", "order-17", partitions) ==
              static_cast<std::int32_t>(murmur2(joined) & 0x7fffffffU) % partitions);
}

TEST_CASE("what is the source and what is the id makes a difference") {
    CHECK(partition_of("/a", "b", 1'000'000) != partition_of("/", "ab", 1'000'000));
    CHECK(partition_of("/a", "", 1'000'000) != partition_of("/", "a", 1'000'000));
}

TEST_CASE("every partition gets its share, and there is none beyond the last") {
    std::set<std::int32_t> met;
    for (int i = 0; i < 200; ++i) {
        const std::int32_t p = partition_of("/millrace", std::to_string(i), 6);
        CHECK((p >= 0 && p < 6));
        met.insert(p);
    }
    CHECK(met.size() == 6);
}
