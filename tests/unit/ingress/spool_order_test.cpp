// In which order events leave the spool, whatever becomes of each of them.
#include "spool_order.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace millrace::ingress;

namespace {

spooled_event numbered(std::uint64_t seq, std::size_t size = 0) {
    spooled_event e;
    e.seq = seq;
    e.value.assign(size, 'x');
    return e;
}

spool_order holding(std::uint64_t events, spool_window limits = {}) {
    spool_order order(limits);
    for (std::uint64_t seq = 1; seq <= events; ++seq)
        order.push(numbered(seq));
    return order;
}

/// Those that may be sent now.
std::vector<std::uint64_t> sent(spool_order& order) {
    std::vector<std::uint64_t> out;
    while (const spooled_event* next = order.next())
        out.push_back(next->seq);
    return out;
}

using numbers = std::vector<std::uint64_t>;

} // namespace

TEST_CASE("events are sent in the order in which they were taken, and leave when they are stored") {
    spool_order order = holding(3);
    CHECK(sent(order) == numbers{1, 2, 3});
    CHECK(order.under_way() == 3);
    CHECK(order.stored(2).event.seq == 2);
    CHECK(order.stored(1).event.seq == 1);
    order.push(numbered(4));
    CHECK(sent(order) == numbers{4});
    CHECK(order.events() == 2);
    CHECK(order.last() == 4);
}

TEST_CASE("after a failure nothing is sent before all that is under way has come home; then in order again") {
    spool_order order = holding(5);
    CHECK(sent(order) == numbers{1, 2, 3, 4, 5});
    order.failed(2);
    order.push(numbered(6));
    CHECK(sent(order).empty());
    order.stored(1);
    order.failed(3);
    order.failed(5);
    CHECK(sent(order).empty());
    order.stored(4);
    CHECK(sent(order) == numbers{2, 3, 5, 6});
}

TEST_CASE("one that fails alone is sent again at once") {
    spool_order order = holding(1);
    CHECK(sent(order) == numbers{1});
    order.failed(1);
    CHECK(sent(order) == numbers{1});
}

TEST_CASE("what Kafka refuses for good stays, lets others pass, and is tried again when told so") {
    spool_order order = holding(3);
    CHECK(sent(order) == numbers{1, 2, 3});
    CHECK(order.refused(2));
    order.stored(1);
    order.stored(3);
    order.push(numbered(4));
    CHECK(sent(order) == numbers{4});
    CHECK(order.aside() == 1);
    CHECK(order.find(2) != nullptr);
    order.try_refused_again();
    CHECK(sent(order) == numbers{2});
    CHECK_FALSE(order.refused(2)); // which is no news
    order.try_refused_again();
    CHECK(sent(order) == numbers{2});
    CHECK(order.stored(2).was_refused);
    CHECK_FALSE(order.stored(4).was_refused);
    CHECK(order.events() == 0);
}

TEST_CASE("with too many refused ones nothing more is sent") {
    spool_order order = holding(4, {.events = 10, .bytes = 10'000, .aside = 2});
    CHECK(sent(order) == numbers{1, 2, 3, 4});
    order.refused(1);
    order.refused(2);
    order.stored(3);
    order.stored(4);
    order.push(numbered(5));
    CHECK(sent(order).empty());
    CHECK(order.stuck());
    CHECK_FALSE(order.wants_more()); // or each look would take in another window
    order.try_refused_again();
    CHECK_FALSE(order.stuck());
    CHECK(order.wants_more());
    CHECK(sent(order) == numbers{1, 2, 5});
}

TEST_CASE("more is read once half of the window is free, in events and in bytes") {
    spool_order order({.events = 4, .bytes = 4'000, .aside = 2});
    CHECK(order.wants_more());
    CHECK(order.room().events == 4);
    order.push(numbered(1));
    CHECK(order.wants_more());
    order.push(numbered(2));
    CHECK_FALSE(order.wants_more());
    sent(order);
    order.stored(1);
    order.stored(2);
    CHECK(order.bytes() == 0);
    order.push(numbered(3, 3'000));
    CHECK_FALSE(order.wants_more());
}
