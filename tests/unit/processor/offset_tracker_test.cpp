// Only the contiguous finished prefix may be committed, whatever the order of completion and the gaps in the
// log.
#include "millrace/processor/offset_tracker.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using namespace millrace;
using processor::offset_tracker;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

struct step {
    char what;      // a: add, f: finish the n-th added, s: skip to
    std::int64_t n; // offset, or index
    std::int64_t watermark;
};

struct script {
    const char* name;
    std::vector<step> steps;
};

} // namespace

TEST_CASE("the watermark is the end of the contiguous finished prefix") {
    const std::vector<script> table = {
        {"in order", {{'a', 5, 5}, {'f', 0, 6}, {'a', 6, 6}, {'f', 1, 7}}},
        {"out of order", {{'a', 5, 5}, {'a', 6, 5}, {'a', 7, 5}, {'f', 2, 5}, {'f', 1, 5}, {'f', 0, 8}}},
        {"a hole stays a hole", {{'a', 0, 0}, {'a', 1, 0}, {'a', 2, 0}, {'f', 0, 1}, {'f', 2, 1}}},
        {"gaps of compaction are passed with the event before",
         {{'a', 10, 10}, {'a', 20, 10}, {'f', 0, 11}, {'f', 1, 21}}},
        {"control records at the end", {{'a', 3, 3}, {'f', 0, 4}, {'s', 7, 7}}},
        {"control records behind an unfinished event", {{'a', 3, 3}, {'s', 7, 3}, {'f', 0, 7}}},
        {"and behind a finished one that waits",
         {{'a', 3, 3}, {'a', 4, 3}, {'f', 1, 3}, {'s', 9, 3}, {'f', 0, 9}}},
        {"skipping back is nothing", {{'a', 3, 3}, {'f', 0, 4}, {'s', 2, 4}}},
        {"an empty log", {{'s', 0, 0}}},
    };
    for (const script& s : table) {
        CAPTURE(s.name);
        offset_tracker tracker;
        std::vector<offset_tracker::sequence> added;
        for (const step& each : s.steps) {
            CAPTURE(each.what);
            CAPTURE(each.n);
            if (each.what == 'a')
                added.push_back(tracker.add(at(each.n)));
            else if (each.what == 'f')
                tracker.finish(added[static_cast<std::size_t>(each.n)]);
            else
                tracker.skip_to(at(each.n));
            REQUIRE(tracker.watermark());
            CHECK(value(*tracker.watermark()) == each.watermark);
        }
    }
}

TEST_CASE("nothing is known before the first event, and what was committed is") {
    CHECK_FALSE(offset_tracker().watermark());
    CHECK_FALSE(offset_tracker().position());
    const offset_tracker resumed(at(42));
    CHECK(resumed.watermark() == at(42));
    CHECK(resumed.position() == at(42));
}

TEST_CASE("a committed offset that the log no longer has is passed with the first event") {
    offset_tracker tracker(at(42));
    const auto s = tracker.add(at(100));
    CHECK(tracker.watermark() == at(42));
    tracker.finish(s);
    CHECK(tracker.watermark() == at(101));
}

TEST_CASE("what is finished beyond the watermark, in runs; a gap counts with the event before it") {
    using runs = processor::offset_runs;
    offset_tracker tracker(at(5));
    std::vector<offset_tracker::sequence> added;
    for (const std::int64_t n : {5, 6, 7, 8, 20, 21, 22})
        added.push_back(tracker.add(at(n)));
    CHECK(tracker.finished_beyond().empty());
    tracker.finish(added[1]);
    tracker.finish(added[2]);
    tracker.finish(added[5]);
    CHECK(tracker.finished() == 3);
    CHECK(tracker.finished_beyond() == runs{{at(6), at(8)}, {at(21), at(22)}});
    tracker.finish(added[6]);
    tracker.skip_to(at(30));
    CHECK(tracker.finished_beyond() == runs{{at(6), at(8)}, {at(21), at(30)}});
    for (const std::int64_t n : {0, 4, 6, 7, 21, 22, 29})
        CHECK(tracker.is_finished(at(n)));
    for (const std::int64_t n : {5, 8, 20, 30, 100})
        CHECK_FALSE(tracker.is_finished(at(n)));
    tracker.finish(added[0]);
    CHECK(tracker.watermark() == at(8));
    CHECK(tracker.finished_beyond() == runs{{at(21), at(30)}});
    tracker.finish(added[3]);
    tracker.finish(added[4]);
    CHECK(tracker.finished_beyond().empty());
    CHECK(tracker.is_finished(at(29)));
    CHECK_FALSE(offset_tracker().is_finished(at(0)));
}

TEST_CASE("against a plain model, 20,000 events in random order with random gaps") {
    std::mt19937 random(7);
    offset_tracker tracker;
    struct one {
        std::int64_t offset;
        offset_tracker::sequence s;
    };
    std::vector<one> open;
    std::int64_t offset = 0;
    std::int64_t last_end = 0;
    for (int i = 0; i < 20'000; ++i) {
        offset += 1 + static_cast<std::int64_t>(random() % 3);
        open.push_back({offset, tracker.add(at(offset))});
        last_end = offset + 1;
        while (!open.empty() && random() % 300 != 0 && (open.size() > 200 || random() % 2 == 0)) {
            const auto victim = open.begin() + static_cast<std::ptrdiff_t>(random() % open.size());
            tracker.finish(victim->s);
            open.erase(victim);
        }
        // Nothing unfinished is ever below the watermark.
        for (const one& o : open)
            REQUIRE(value(*tracker.watermark()) <= o.offset);
        if (i % 1'000 != 0)
            continue;
        const processor::offset_runs beyond = tracker.finished_beyond();
        for (const one& o : open) {
            REQUIRE_FALSE(contains(beyond, at(o.offset)));
            REQUIRE_FALSE(tracker.is_finished(at(o.offset)));
        }
        for (std::int64_t n = value(*tracker.watermark()); n < last_end; ++n)
            REQUIRE(contains(beyond, at(n)) <= tracker.is_finished(at(n)));
    }
    for (const one& o : open)
        tracker.finish(o.s);
    CHECK(value(*tracker.watermark()) == last_end);
    CHECK(tracker.window() == 0);
}
