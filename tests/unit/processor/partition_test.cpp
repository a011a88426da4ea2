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

TEST_CASE_FIXTURE(
    fixture, "a log that goes back is in doubt: nothing more is taken or committed until it starts over") {
    p.assign(at(100), sources, limits);
    CHECK_FALSE(p.trusts(at(100)));
    CHECK_FALSE(p.hear(at(100))); // the first sign, and as expected
    CHECK(p.trusts(at(100)));
    p.tracker.finish(p.tracker.add(at(100)));
    CHECK(p.to_commit() == at(101));
    CHECK_FALSE(p.trusts(at(7)));
    CHECK(p.hear(at(7)));
    CHECK(p.doubted());
    CHECK_FALSE(p.trusts(at(101)));
    CHECK_FALSE(p.hear(at(101))); // said once
    CHECK_FALSE(p.to_commit());
    CHECK(p.settled());

    const auto term = p.term();
    p.receipts->start(at(3), "old", "/a", 1, unix_ms{1});
    p.start_over(at(2), sources, limits);
    CHECK(p.term() != term);
    CHECK_FALSE(p.doubted());
    CHECK_FALSE(p.heard());
    CHECK_FALSE(p.receipts->find(at(3)));
    CHECK(p.tracker.position() == at(2));
    CHECK(p.to_commit() == at(2)); // the group must not go on where the old log was
}

TEST_CASE_FIXTURE(fixture,
                  "a log that was taken over with a witness is looked at when it is first heard of") {
    p.assign(at(100), sources, limits);
    p.identity = log_identity(witness{at(99), unix_ms{1}, 2});
    CHECK(p.hear(at(100)));
    CHECK_FALSE(p.hear(at(101)));
    p.assign(at(100), sources, limits);
    CHECK_FALSE(p.identity.sworn());
    p.doubt(); // found out by another partition of the topic
    CHECK(p.hear(at(100)));
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
