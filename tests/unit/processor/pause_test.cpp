// What is paused, and what that does to a partition.
#include "millrace/processor/partition.hpp"
#include "millrace/processor/pause_list.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::processor;

TEST_CASE("everything, or single partitions") {
    pause_list list;
    const topic_partition a{"events", partition_id{0}}, b{"events", partition_id{1}};
    CHECK(list.pause(a));
    CHECK_FALSE(list.pause(a));
    CHECK(list.covers(a));
    CHECK_FALSE(list.covers(b));
    CHECK(list.pause_all());
    CHECK_FALSE(list.pause_all());
    CHECK(list.covers(b));
    CHECK(list.resume(a));
    CHECK_FALSE(list.resume(a));
    CHECK(list.covers(a)); // everything still is
    list.pause(b);
    CHECK(list.resume_all());
    CHECK_FALSE(list.resume_all());
    CHECK_FALSE(list.covers(b));
}

TEST_CASE(
    "a paused partition fetches nothing, whatever the throttle says, and is paused when it comes back") {
    name_table sources{10};
    const partition_limits limits{.max_held_back = 10, .max_window = 20, .receipts = 16};
    partition p{{"events", partition_id{3}}, 0};
    p.assign(record_offset{0}, sources, limits);
    CHECK_FALSE(p.regulate(0));
    p.halt(true);
    CHECK(p.regulate(0)); // fetching is to stop
    CHECK(p.state() == partition_state::paused);
    CHECK(p.takes_events()); // what was fetched goes on
    CHECK_FALSE(p.fetches());
    CHECK_FALSE(p.regulate(10)); // the throttle goes on meanwhile: nothing is to be done
    CHECK(p.state() == partition_state::paused);
    p.halt(false);
    CHECK_FALSE(p.regulate(9));
    CHECK(p.state() == partition_state::throttled);
    p.halt(true);
    CHECK_FALSE(p.regulate(9));
    CHECK(p.state() == partition_state::paused);
    CHECK_FALSE(p.regulate(0));
    p.halt(false);
    CHECK(p.regulate(0)); // fetching is to go on
    CHECK(p.state() == partition_state::active);

    p.halt(true);
    p.regulate(0);
    p.revoke();
    CHECK(p.state() == partition_state::revoking);
    CHECK_FALSE(p.regulate(0));
    p.give_up();
    p.assign(record_offset{5}, sources, limits);
    CHECK(p.regulate(0));
    CHECK(p.state() == partition_state::paused);
}
