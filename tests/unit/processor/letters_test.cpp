// Pages of dead letters: what is asked for, which come first, where the next page goes on, which were
// redriven.
#include "letter_page.hpp"
#include "letter_query.hpp"
#include "mark_index.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

using namespace millrace;
using namespace millrace::processor;

namespace {

record_offset at(std::int64_t n) {
    return record_offset{n};
}

topic_partition dlq(int partition) {
    return {"events.dlq", partition_id{partition}};
}

listed_letter listed(int partition, std::int64_t offset, std::int64_t stored) {
    listed_letter l;
    l.what.event = {"events", partition_id{partition}, at(offset + 1'000)};
    l.what.place = {"events.dlq", partition_id{partition}, at(offset)};
    l.what.stored = {stored};
    return l;
}

/// Logs in memory: of each the times at which its letters were stored, by offset.
struct logs {
    std::vector<std::vector<std::int64_t>> stored;

    std::vector<letter_page::source> sources(const std::optional<letter_cursor>& cursor) const {
        std::vector<letter_page::source> all;
        for (int i = 0; i < static_cast<int>(stored.size()); ++i) {
            const auto size = static_cast<std::int64_t>(stored[static_cast<std::size_t>(i)].size());
            const auto found = cursor ? cursor->find(dlq(i)) : letter_cursor::const_iterator();
            const bool named = cursor && found != cursor->end();
            all.push_back({dlq(i), at(0), named ? found->second : at(cursor ? 0 : size)});
        }
        return all;
    }

    /// Reads what a page wants; the times of its letters.
    std::vector<std::int64_t> fill(letter_page& page, std::size_t* records = nullptr) const {
        while (const auto piece = page.next()) {
            std::vector<listed_letter> found;
            for (auto n = value(piece->from); n < value(piece->to); ++n)
                found.push_back(listed(static_cast<int>(piece->source), n,
                                       stored[piece->source][static_cast<std::size_t>(n)]));
            if (records != nullptr)
                *records += found.size();
            page.give(*piece, std::move(found));
        }
        std::vector<std::int64_t> times;
        for (const listed_letter& l : page.letters())
            times.push_back(l.what.stored.value);
        return times;
    }
};

} // namespace

TEST_CASE("pages go from the newest to the oldest, each letter once, whatever came meanwhile") {
    logs all;
    all.stored.resize(3);
    std::vector<std::int64_t> expected;
    for (std::int64_t t = 0; t < 500; ++t) {
        all.stored[static_cast<std::size_t>(t % 7 % 3)].push_back(t);
        expected.push_back(499 - t);
    }
    for (const std::size_t limit : {1U, 7U, 100U, 1'000U}) {
        CAPTURE(limit);
        std::vector<std::int64_t> seen;
        std::optional<letter_cursor> cursor;
        for (;;) {
            letter_page page(all.sources(cursor), limit, 20'000);
            const auto times = all.fill(page);
            CHECK(times.size() <= limit);
            seen.insert(seen.end(), times.begin(), times.end());
            cursor = page.cursor();
            if (!cursor)
                break;
            cursor = parse_cursor(to_text(*cursor));
            REQUIRE(cursor);
            if (limit == 100)
                all.stored[0].push_back(10'000); // a new letter changes no page that follows
        }
        CHECK(seen == expected);
        if (limit == 100)
            std::erase(all.stored[0], 10'000);
    }
}

TEST_CASE("a page reads a bounded number of records, and the next goes on behind them") {
    logs all;
    all.stored.resize(1);
    for (std::int64_t t = 0; t < 1'000; ++t)
        all.stored[0].push_back(t);
    letter_page page(all.sources(std::nullopt), 10, 300);
    std::size_t records = 0;
    while (const auto piece = page.next()) { // a filter that lets nothing pass
        records += static_cast<std::size_t>(value(piece->to) - value(piece->from));
        page.give(*piece, {});
    }
    CHECK(records == 300);
    CHECK(page.letters().empty());
    REQUIRE(page.cursor());
    CHECK(page.cursor()->at(dlq(0)) == at(700));
}

TEST_CASE("a cursor is text that only we write") {
    const letter_cursor c = {
        {dlq(0), at(17)}, {dlq(12), at(0)}, {{"a.b_c-d.dlq", partition_id{3}}, at(9'000'000'000)}};
    CHECK(parse_cursor(to_text(c)) == c);
    for (const char* text : {"", "x", "!!!!", "ZXZlbnRz", "ZXZlbnRzOg", "ZXZlbnRzOjA9LTE", "ZXZlbnRzOng9MQ"})
        CHECK_FALSE(parse_cursor(text));
}

TEST_CASE("what a listing may be asked for") {
    struct row {
        const char* query;
        bool right;
    };
    for (const row& r :
         std::vector<row>{{"", true},
                          {"limit=1", true},
                          {"limit=1000&topic=a&error_class=timeout&type=t&id=%2Fx&redriven=false", true},
                          {"limit=0", false},
                          {"limit=1001", false},
                          {"limit=-1", false},
                          {"limit=ten", false},
                          {"redriven=yes", false},
                          {"cursor=nonsense", false},
                          {"cursor=", false},
                          {"topic=%zz", false},
                          {"topic=a&topic=b", false},
                          {"error-class=x", false}}) {
        CAPTURE(r.query);
        const auto parsed = parse_letter_query(r.query);
        CHECK(std::holds_alternative<letter_query>(parsed) == r.right);
        if (const auto* const wrong = std::get_if<http::problem>(&parsed))
            CHECK(wrong->status == 400);
    }
    const auto parsed = parse_letter_query("topic=a%20b&limit=7&redriven=true");
    const auto& q = std::get<letter_query>(parsed);
    CHECK(q.topic == "a b");
    CHECK(q.limit == 7);
    CHECK(q.redriven == true);
    const auto near = parse_letter_query("errorclass=x");
    CHECK(std::get<http::problem>(near).detail.find("'error_class'") != std::string::npos);
}

TEST_CASE("filters") {
    letter l;
    l.event.topic = "events";
    l.error_class = "timeout";
    l.type = "order";
    l.id = "7";
    const auto wants = [&](const char* query, bool redriven) {
        return std::get<letter_query>(parse_letter_query(query)).wants(l, redriven);
    };
    CHECK(wants("", false));
    CHECK(wants("", true));
    CHECK(wants("redriven=true", true));
    CHECK_FALSE(wants("redriven=true", false));
    CHECK_FALSE(wants("redriven=false", true));
    CHECK(wants("topic=events&error_class=timeout&type=order&id=7", false));
    for (const char* query : {"topic=other", "error_class=other", "type=other", "id=8"})
        CHECK_FALSE(wants(query, false));
}

TEST_CASE("marks are known from the end of the log backwards, and not read twice") {
    mark_index index;
    const topic_partition log = dlq(0);
    index.adopt(log, at(0), at(100));
    CHECK_FALSE(index.missing(log, at(100)));
    auto piece = index.missing(log, at(40));
    REQUIRE(piece);
    CHECK(piece->from == at(40));
    CHECK(piece->to == at(100));
    index.learn(log, *piece);
    const letter l = listed(0, 50, 1'000'000).what;
    index.add(log, {at(50), l.event, l.timestamp, unix_ms{1'000'500}});
    CHECK_FALSE(index.missing(log, at(40)));
    CHECK(index.redriven_at(log, l) == unix_ms{1'000'500});

    letter again = l; // of the same event: it may be there twice
    again.place.offset = at(51);
    CHECK(index.redriven_at(log, again) == unix_ms{1'000'500});
    CHECK_FALSE(index.redriven_at(log, listed(0, 52, 0).what));

    index.adopt(log, at(0), at(130)); // it has grown
    piece = index.missing(log, at(40));
    REQUIRE(piece);
    CHECK(piece->from == at(100));
    CHECK(piece->to == at(130));
    index.learn(log, *piece);
    CHECK_FALSE(index.missing(log, at(40)));
    index.adopt(log, at(51), at(130)); // retention has removed the letter
    CHECK(index.size() == 0);
    index.adopt(log, at(0), at(5)); // another log
    CHECK_FALSE(index.missing(log, at(5)));
    CHECK(index.missing(log, at(0)));
}

TEST_CASE("a mark of an event that had the same coordinates in an earlier log is none of this one's") {
    mark_index index;
    index.adopt(dlq(0), at(0), at(10));
    letter l = listed(0, 5, 10'000'000).what;
    l.timestamp = unix_ms{7};
    index.add(dlq(0), {at(5), l.event, unix_ms{6}, unix_ms{10'000'000}});
    CHECK_FALSE(index.redriven_at(dlq(0), l));
    index.add(dlq(0), {at(5), l.event, unix_ms{7}, unix_ms{10'000'001}});
    CHECK(index.redriven_at(dlq(0), l) == unix_ms{10'000'001});
}

TEST_CASE("coordinates as text") {
    CHECK(to_text(coordinates{"a.b", partition_id{3}, at(42)}) == "a.b/3/42");
    CHECK(parse_coordinates("a.b/3/42") == coordinates{"a.b", partition_id{3}, at(42)});
    for (const char* text : {"", "a", "a/1", "/1/2", "a/x/2", "a/1/x", "a/-1/2", "a/1/-2", "a/1/"})
        CHECK_FALSE(parse_coordinates(text));
}
