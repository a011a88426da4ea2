// Records that a question asks for, on the mock cluster.
#include "cluster_fixture.hpp"
#include "millrace/kafka/error.hpp"

namespace millrace::kafka::test {
namespace {

using fixture = cluster_fixture;

TEST_CASE_FIXTURE(fixture, "a stretch of a log is read, up to where a visitor has enough") {
    produce(mock, "events", 0, 100);
    std::vector<std::int64_t> seen;
    const auto scan = [&](std::int64_t from, std::int64_t to, std::size_t enough,
                          milliseconds deadline = 10s) {
        seen.clear();
        const auto end = ask<record_offset>([&](auto done) {
            asked->scan(
                p0, record_offset{from}, record_offset{to}, deadline,
                [&seen, enough](const message& m) {
                    seen.push_back(value(m.offset()));
                    return seen.size() == enough;
                },
                std::move(done));
        });
        REQUIRE(end.has_value());
        return value(*end);
    };
    CHECK(scan(10, 30, 1'000) == 30);
    CHECK(seen.size() == 20);
    CHECK(seen.front() == 10);
    CHECK(seen.back() == 29);
    CHECK(scan(10, 30, 5) == 15);
    CHECK(seen.size() == 5);
    CHECK(scan(95, 500, 1'000, 2s) == 100); // no end before `to` is believed
    CHECK(seen.size() == 5);
    CHECK(scan(30, 30, 1) == 30);
    CHECK(seen.empty());
    mock.broker_down();
    CHECK(ask<record_offset>([&](auto done) {
              asked->scan(
                  {"events", partition_id{1}}, record_offset{0}, record_offset{5}, 500ms,
                  [](auto&) { return false; }, std::move(done));
          }).error() == condition::timed_out);
}

TEST_CASE_FIXTURE(fixture, "single records are read, in any order; beyond the end there is none") {
    produce(mock, "events", 0, 1'000);
    for (const int at : {500, 0, 999, 998, 1}) {
        const auto m = read(at);
        REQUIRE(m.has_value());
        REQUIRE(bool(*m));
        CHECK(m->offset() == record_offset{at});
        CHECK(m->value() == std::to_string(at));
    }
    for (const int at : {1'000, 5'000}) {
        const auto m = read(at);
        REQUIRE(m.has_value());
        CHECK_FALSE(bool(*m));
    }
}

TEST_CASE_FIXTURE(fixture, "a partition that is not there is an error, and soon") {
    answer<message> a;
    asked->read({"events", partition_id{9}}, record_offset{0}, 60s, a.callback());
    REQUIRE(a.wait(loop));
    CHECK(a.got.error() == errc::unknown_topic);
    answer<log_range> b;
    asked->range({"events", partition_id{9}}, 60s, b.callback());
    REQUIRE(b.wait(loop));
    CHECK(b.got.error() == errc::unknown_topic);
}

TEST_CASE_FIXTURE(fixture, "a record is found by what a visitor says, from a time on, within a limit") {
    produce(mock, "events", 0, 1'000); // with the times 1000, 1001, …
    std::atomic<int> visited = 0;
    auto find = [&](std::int64_t since, std::size_t limit, std::string wanted) {
        visited = 0;
        return ask<message>([&](auto done) {
            asked->find(
                p0, unix_ms{since}, limit, 10s,
                [&visited, wanted](const message& m) {
                    ++visited;
                    return m.value() == wanted;
                },
                std::move(done));
        });
    };
    const auto found = find(1'900, 1'000, "950");
    REQUIRE(found.has_value());
    REQUIRE(bool(*found));
    CHECK(found->offset() == record_offset{950});
    CHECK(visited == 51); // 900 to 950
    const auto too_early = find(1'951, 1'000, "950");
    REQUIRE(too_early.has_value());
    CHECK_FALSE(bool(*too_early));
    const auto none = find(99'999, 1'000, "950");
    REQUIRE(none.has_value());
    CHECK_FALSE(bool(*none));
    CHECK(visited == 0);
    CHECK(find(1'900, 51, "950").has_value());
    const auto limited = find(1'900, 50, "950"); // not there is one thing, not looked for another
    REQUIRE(limited.has_error());
    CHECK(limited.error() == errc::search_ended);
    CHECK(visited == 50);
    const auto all = find(1'900, 100, "none");
    REQUIRE(all.has_value());
    CHECK_FALSE(bool(*all));
}

} // namespace
} // namespace millrace::kafka::test
