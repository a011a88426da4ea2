// What is kept with a commit is read back as it was, within its size; anything else says nothing.
#include "millrace/processor/commit_notes.hpp"

#include <doctest/doctest.h>

#include <random>
#include <string>

using namespace millrace;
using namespace millrace::processor;

namespace {

record_offset at(std::int64_t n) {
    return static_cast<record_offset>(n);
}

offset_run run(std::int64_t from, std::int64_t to) {
    return {at(from), at(to)};
}

} // namespace

TEST_CASE("what is written is read back") {
    const witness seen{at(7), unix_ms{1'700'000'000'000}, UINT64_MAX};
    const std::int64_t far = std::int64_t{1} << 60;
    const commit_notes table[] = {
        {},
        {.seen = seen},
        {.tail = at(0)},
        {.finished = {run(101, 102)}},
        {.finished = {run(100, 101), run(300, 40'000), run(40'001, 40'002)}},
        {.finished = {run(far, far + 1), run(far + 5, far + 500)}},
        {.seen = seen, .tail = at(42), .finished = {run(105, 106)}},
    };
    for (const commit_notes& notes : table) {
        const std::string text = to_metadata(notes, at(100));
        CAPTURE(text);
        CHECK(parse_notes(text, at(100)) == notes);
    }
    CHECK(to_metadata(commit_notes{}, at(100)).empty());
}

TEST_CASE("a witness alone is written as it always was") {
    const witness seen{at(7), unix_ms{1}, 2};
    CHECK(to_metadata(commit_notes{.seen = seen}, at(100)) == to_metadata(seen));
}

TEST_CASE("a tail that does not lie before the commit is none") {
    CHECK(to_metadata(commit_notes{.tail = at(100)}, at(100)).empty());
    CHECK_FALSE(parse_notes("tail=100", at(100)).tail);
    CHECK_FALSE(parse_notes("tail=-1", at(100)).tail);
    CHECK(parse_notes("tail=99", at(100)).tail == at(99));
}

TEST_CASE("of more runs than there is room for the nearest are kept, and all others of the notes") {
    commit_notes notes{.seen = witness{at(1), unix_ms{2}, 3}, .tail = at(5)};
    for (std::int64_t n = 0; n < 5'000; ++n)
        notes.finished.push_back(run(101 + 2 * n, 102 + 2 * n));
    for (const std::size_t room : {200U, 1'000U, 3'500U}) {
        CAPTURE(room);
        const std::string text = to_metadata(notes, at(100), room);
        CHECK(text.size() <= room);
        CHECK(text.size() + 8 > room); // and no room is wasted
        const commit_notes read = parse_notes(text, at(100));
        CHECK(read.seen == notes.seen);
        CHECK(read.tail == notes.tail);
        REQUIRE_FALSE(read.finished.empty());
        CHECK(std::equal(read.finished.begin(), read.finished.end(), notes.finished.begin()));
    }
    for (std::size_t room = 0; room < 120; ++room)
        CHECK(to_metadata(notes, at(100), room).size() <= room);
    CHECK(to_metadata(notes, at(100), 0).empty());
}

TEST_CASE("another program's text, a damaged one and one of another commit say nothing") {
    const commit_notes notes{
        .seen = witness{at(1), unix_ms{2}, 3}, .tail = at(5), .finished = {run(101, 180)}};
    const std::string text = to_metadata(notes, at(100));
    for (const char* foreign :
         {"", " ", "consumer-7", "{\"a\": 1}", "seen=", "tail=", "done=1:", "done=1:100:", "done=1:100:====",
          "done=2:100:AAAA", "seen=1/2", "tail=1x", "done=1:100:AAAAAA"})
        CHECK(parse_notes(foreign, at(100)) == commit_notes{});
    CHECK(parse_notes(text, at(101)).finished.empty());
    CHECK(parse_notes(text, at(10)).finished.empty());
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        const auto read = parse_notes(text.substr(0, cut), at(100)).finished;
        CHECK(read.empty());
    }
    const std::size_t runs = text.rfind(':') + 1;
    for (std::size_t i = runs; i < text.size(); ++i) {
        std::string damaged = text;
        damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
        CAPTURE(damaged);
        CHECK(parse_notes(damaged, at(100)).finished.empty());
    }
}

TEST_CASE("noise is never taken for notes, nor does it do harm") {
    std::mt19937 random(5);
    for (int i = 0; i < 20'000; ++i) {
        std::string text = "done=1:100:";
        for (std::size_t n = random() % 40; n > 0; --n)
            text.push_back("ABCDabcd0123-_= :/"[random() % 18]);
        CHECK(parse_notes(text, at(100)).finished.empty());
    }
}

TEST_CASE("an offset is within a run from its first to before its end") {
    const offset_runs runs = {run(5, 7), run(10, 11)};
    for (const std::int64_t n : {5, 6, 10})
        CHECK(contains(runs, at(n)));
    for (const std::int64_t n : {0, 4, 7, 9, 11, 100})
        CHECK_FALSE(contains(runs, at(n)));
    CHECK_FALSE(contains({}, at(0)));
}
