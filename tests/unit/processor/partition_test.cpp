// What a partition may do in which state.
#include "millrace/processor/partition.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::processor;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

struct fixture {
    name_table sources{10};
    partition p{{"events", partition_id{3}}, 0};
    partition_limits limits{.max_held_back = 10, .max_window = 20, .receipts = 16};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "states follow the group's decisions") {
    CHECK(p.state() == partition_state::gone);
    CHECK_FALSE(p.takes_events());
    p.assign(at(5), sources, limits);
    CHECK(p.takes_events());
    CHECK(p.committed() == at(5));
    const auto term = p.term();
    p.revoke();
    CHECK(p.owned());
    CHECK_FALSE(p.takes_events());
    p.give_up();
    CHECK_FALSE(p.owned());
    CHECK(p.term() != term);
    p.revoke();
    CHECK(p.state() == partition_state::gone);
}

TEST_CASE_FIXTURE(fixture, "throttled from the high mark on, active again from half of it") {
    p.assign(at(0), sources, limits);
    struct row {
        std::size_t held_back;
        bool turned;
        partition_state state;
    };
    using enum partition_state;
    for (const row& r : {row{9, false, active},
                         {10, true, throttled},
                         {9, false, throttled},
                         {6, false, throttled},
                         {5, true, active},
                         {9, false, active}}) {
        CAPTURE(r.held_back);
        CHECK(p.regulate(r.held_back) == r.turned);
        CHECK(p.state() == r.state);
    }
    CHECK(p.takes_events());
}

TEST_CASE_FIXTURE(fixture, "an unfinished event far behind throttles, whatever waits") {
    p.assign(at(0), sources, limits);
    const auto first = p.tracker.add(at(0));
    for (int n = 1; n < 20; ++n)
        p.tracker.finish(p.tracker.add(at(n)));
    CHECK(p.regulate(0));
    CHECK(p.state() == partition_state::throttled);
    p.tracker.finish(first);
    CHECK(p.regulate(0));
    CHECK(p.state() == partition_state::active);
}

TEST_CASE_FIXTURE(fixture, "a revoked partition is not regulated back to life") {
    p.assign(at(0), sources, limits);
    p.revoke();
    CHECK_FALSE(p.regulate(1000));
    CHECK(p.state() == partition_state::revoking);
}

TEST_CASE_FIXTURE(fixture, "commits: asked once, again after a failure, never when gone") {
    p.assign(at(0), sources, limits);
    CHECK_FALSE(p.to_commit());
    CHECK(p.settled());
    const auto s = p.tracker.add(at(0));
    CHECK_FALSE(p.to_commit());
    p.tracker.finish(s);
    CHECK(p.to_commit() == at(1));
    CHECK_FALSE(p.settled());
    p.commit_asked(at(1));
    CHECK_FALSE(p.to_commit());
    p.commit_failed();
    CHECK(p.to_commit() == at(1));
    p.commit_asked(at(1));
    p.commit_succeeded(at(1));
    CHECK_FALSE(p.to_commit());
    CHECK(p.settled());
    p.tracker.finish(p.tracker.add(at(1)));
    CHECK(p.to_commit() == at(2));
    p.give_up();
    CHECK_FALSE(p.to_commit());
}
