// What a client may learn of an event, for how long, and with which words.
#include "millrace/processor/receipts.hpp"

#include <doctest/doctest.h>

using namespace millrace;
using namespace millrace::processor;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

struct fixture {
    name_table sources{2};
    receipts all{sources, 8};
};

} // namespace

TEST_CASE_FIXTURE(fixture, "an event is followed from its start to its end") {
    CHECK_FALSE(all.find(at(5)));
    all.start(at(5), "id-5", "/shop", 1, unix_ms{100});
    auto r = all.find(at(5));
    REQUIRE(r);
    CHECK(r->state == event_state::in_flight);
    CHECK(r->id == "id-5");
    CHECK(r->source == "/shop");
    CHECK(r->attempts == 1);
    CHECK(r->updated->value == 100);
    CHECK(r->error_class.empty());

    all.blame(at(5), "timeout", "no answer");
    all.move(at(5), event_state::retrying, unix_ms{200});
    all.start(at(5), "id-5", "/shop", 2, unix_ms{300});
    all.move(at(5), event_state::processed, unix_ms{400});
    r = all.find(at(5));
    CHECK(r->state == event_state::processed);
    CHECK(r->attempts == 2);
    CHECK(r->error_class == "timeout");
    CHECK(r->error_message == "no answer");
    CHECK(r->updated->value == 400);
}

TEST_CASE_FIXTURE(fixture, "final ones give way to newer ones, others do not") {
    all.start(at(1), "one", "/a", 1, unix_ms{1});
    all.start(at(2), "two", "/a", 1, unix_ms{1});
    all.move(at(2), event_state::processed, unix_ms{2});
    all.start(at(9), "nine", "/a", 1, unix_ms{3});
    all.start(at(10), "ten", "/a", 1, unix_ms{3});
    CHECK(all.find(at(9))->id == "nine");
    CHECK(all.find(at(10))->id == "ten");
    CHECK_FALSE(all.find(at(2)));
    REQUIRE(all.find(at(1))); // still under way
    all.start(at(1), "one", "/a", 2, unix_ms{4});
    CHECK(all.find(at(1))->attempts == 2);
    CHECK(all.find(at(9))->id == "nine");
    all.move(at(1), event_state::dead_lettered, unix_ms{5});
    CHECK_FALSE(all.find(at(1))); // as old as it is, it is not kept
}

TEST_CASE_FIXTURE(fixture, "an entry that is taken over keeps nothing of the one before") {
    all.start(at(0), std::string(100, 'x'), "/a", 7, unix_ms{1});
    all.blame(at(0), "c", "m");
    CHECK(all.find(at(0))->id == std::string(100, 'x'));
    all.move(at(0), event_state::dead_lettered, unix_ms{2});
    all.start(at(8), "short", "/b", 1, unix_ms{3});
    const auto r = all.find(at(8));
    CHECK(r->id == "short");
    CHECK(r->source == "/b");
    CHECK(r->error_class.empty());
    CHECK(r->error_message.empty());
    CHECK(r->attempts == 1);
}

TEST_CASE_FIXTURE(fixture, "ids of every length") {
    for (const std::size_t size : {0U, 1U, 36U, 48U, 49U, 255U, 256U, 1000U}) {
        CAPTURE(size);
        all.start(at(3), std::string(size, 'i'), "/a", 1, unix_ms{1});
        CHECK(all.find(at(3))->id == std::string(size, 'i'));
    }
}

TEST_CASE_FIXTURE(fixture, "sources beyond the table's bound are kept with the event") {
    all.start(at(0), "a", "/a", 1, unix_ms{1});
    all.start(at(1), "b", "/b", 1, unix_ms{1});
    all.start(at(2), "c", "/c", 1, unix_ms{1});
    CHECK(all.find(at(0))->source == "/a");
    CHECK(all.find(at(2))->source == "/c");
}

TEST_CASE_FIXTURE(fixture, "a long message is cut") {
    all.start(at(0), "a", "/a", 1, unix_ms{1});
    all.blame(at(0), "c", std::string(5000, 'm'));
    CHECK(all.find(at(0))->error_message.size() == 512);
}
