// The file's own thread: outcomes come on the loop, and none after the end.
#include "fixture.hpp"
#include "sqlite_database.hpp"
#include "sqlite_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <thread>

using namespace millrace;
using namespace millrace::sql;
using namespace millrace::test;
using namespace std::chrono_literals;

namespace {

std::int64_t rows_in(const std::string& path) {
    sqlite_database db({path, "millrace_events", 10s}, {});
    sqlite_statement s(db.handle(), "SELECT count(*) FROM millrace_events");
    REQUIRE(s.step());
    return s.number(0);
}

} // namespace

TEST_CASE("batch after batch, each called back on the loop's thread") {
    const temporary_folder folder;
    boost::asio::io_context loop;
    int frees = 0;
    auto store = open_sqlite(loop, {folder.file(), "millrace_events", 5s}, [&] { ++frees; });
    CHECK(store->state().name == "connected");
    const std::vector<row> rows = {event_row("a"), event_row("b")};
    std::size_t added = 0;
    const auto here = std::this_thread::get_id();
    for (int i = 0; i < 3; ++i) {
        REQUIRE(store->free() == 1);
        bool called = false;
        store->write(pointers(rows), [&](const outcome& o) {
            called = true;
            added += o.added;
            CHECK(std::this_thread::get_id() == here);
        });
        CHECK(store->free() == 0);
        CHECK_FALSE(called);
        loop.restart();
        loop.run(); // a batch under way keeps it running
        CHECK(called);
    }
    CHECK(added == 2);
    CHECK(frees == 3);
}

TEST_CASE("an end while another program holds the file: at once, without a word") {
    const temporary_folder folder;
    boost::asio::io_context loop;
    auto store = open_sqlite(loop, {folder.file(), "millrace_events", 1h}, [] { FAIL("free"); });
    sqlite_database other({folder.file(), "millrace_events", 5s}, {});
    execute(other.handle(), "BEGIN IMMEDIATE");
    const std::vector<row> rows = {event_row("a")};
    store->write(pointers(rows), [](const outcome&) { FAIL("written"); });
    store.reset();
    loop.run();
    execute(other.handle(), "COMMIT");
    CHECK(rows_in(folder.file()) == 0);
}

TEST_CASE("a file that is gone comes back") {
    const temporary_folder folder;
    boost::asio::io_context loop;
    auto store = open_sqlite(loop, {folder.file(), "millrace_events", 5s}, [] {});
    const std::vector<row> rows = {event_row("a")};
    outcome last;
    const auto write = [&] {
        store->write(pointers(rows), [&](const outcome& o) { last = o; });
        loop.restart();
        loop.run();
    };
    // The first batch opens the file; without its folder it cannot.
    const std::filesystem::path parent = std::filesystem::path(folder.file()).parent_path();
    std::filesystem::rename(parent, parent.string() + "-away");
    write();
    CHECK(last.what == verdict::later);
    CHECK(last.error_class == "sqlite_open");
    CHECK(store->state().name == "disconnected");
    CHECK_FALSE(store->state().last_error.empty());
    std::filesystem::rename(parent.string() + "-away", parent);
    write();
    CHECK(last.added == 1);
    CHECK(store->state().name == "connected");
}
