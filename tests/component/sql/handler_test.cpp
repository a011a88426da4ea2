// What the handlers do with a store that does as it is told: events are done when they are committed, wait
// while the database is away, and fail alone.
#include "sql_handler.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>

using namespace millrace;
using namespace millrace::processor;
using namespace std::chrono_literals;
using nlohmann::json;
using sql::verdict;

namespace {

using ids = std::vector<std::string>;

// Notes each batch and answers when told to, by a rule.
struct scripted_store final : sql::store {
    struct call {
        ids of;
        written done;
    };
    std::vector<call> calls;
    std::size_t room = 1;
    std::size_t answered = 0;
    bool* gone = nullptr;

    ~scripted_store() override {
        if (gone != nullptr)
            *gone = true;
    }
    std::size_t free() const override { return room - (calls.size() - answered); }
    void write(std::vector<const sql::row*> rows, written done) override {
        call c{{}, std::move(done)};
        for (const sql::row* r : rows)
            c.of.push_back(r->id);
        calls.push_back(std::move(c));
    }
    sql::store_state state() const override { return {"connected", 1, {}}; }

    void answer(const sql::outcome& o) { calls[answered++].done(o); }
};

struct bench : completion_desk::owner {
    boost::asio::io_context loop;
    scripted_store* store = nullptr;
    completion_desk* desk = completion_desk::open(*this);
    std::map<std::uint32_t, std::string> heard; ///< by ticket
    std::function<void()> on_done;
    std::unique_ptr<sql_handler> handler;

    explicit bench(sql::batcher::limits limits = {.max_events = 4, .max_in_hand = 1'000}) {
        handler = std::make_unique<sql_handler>(loop, "postgres", limits, [this](std::function<void()>) {
            auto made = std::make_unique<scripted_store>();
            store = made.get();
            return made;
        });
    }
    ~bench() {
        desk->leave();
        handler.reset();
    }

    void complete(std::uint32_t ticket, const outcome& how) noexcept override {
        static constexpr std::array names = {"done", "retry", "terminal"};
        heard[ticket] = names[static_cast<std::size_t>(how.what)];
        if (how.what != outcome::kind::done)
            heard[ticket] += " " + std::string(how.error_class);
        if (on_done)
            std::exchange(on_done, nullptr)();
    }

    void give(std::uint32_t ticket, std::string id = {}) {
        if (id.empty())
            id = std::to_string(ticket);
        event::event e;
        e.id = id;
        e.source = "/s";
        e.type = "t";
        e.cloud_event = true;
        delivery d;
        d.event = &e;
        d.topic = "events";
        handler->handle(d, completion(*desk, ticket));
    }
    void turn() {
        loop.restart();
        loop.poll();
    }
    void answer(const sql::outcome& o) {
        store->answer(o);
        turn();
    }
    ids last() const { return store->calls.back().of; }
    json status() const { return json::parse(handler->status_json())["store"]; }
};

} // namespace

TEST_CASE("those of one turn are one batch; those that come meanwhile are the next") {
    bench b;
    for (std::uint32_t t = 0; t < 3; ++t)
        b.give(t);
    CHECK(b.store->calls.empty());
    b.turn();
    CHECK(b.last() == ids{"0", "1", "2"});
    for (std::uint32_t t = 3; t < 8; ++t)
        b.give(t);
    b.turn();
    CHECK(b.store->calls.size() == 1);
    CHECK(b.heard.empty()); // nothing is done before it is committed
    b.answer({.added = 2});
    CHECK(b.heard.size() == 3);
    CHECK(b.last() == ids{"3", "4", "5", "6"});
    b.answer({.added = 4});
    CHECK(b.last() == ids{"7"});
    b.answer({.added = 1});
    CHECK(b.heard.size() == 8);
    CHECK(std::ranges::all_of(b.heard, [](const auto& h) { return h.second == "done"; }));
    const json s = b.status();
    CHECK(s["batches"] == 3);
    CHECK(s["rows_added"] == 7);
    CHECK(s["rows_known"] == 1);
    CHECK(s["last_batch_events"] == 1);
    CHECK(s["waiting"] == 0);
    CHECK(s["last_error"].is_null());
    runtime::exposition text(runtime::exposition::format::prometheus);
    b.handler->write_metrics(text);
    const std::string metrics = std::move(text).finish();
    CHECK(metrics.find("millrace_handler_sql_rows_total{outcome=\"known\"} 1\n") != std::string::npos);
    CHECK(metrics.find("millrace_handler_sql_transactions_total{outcome=\"committed\"} 3\n") !=
          std::string::npos);
}

TEST_CASE("an event that comes while others are concluded takes no place of theirs") {
    bench b;
    b.give(0);
    b.give(1);
    b.turn();
    b.on_done = [&] { b.give(2); };
    b.answer({.added = 2});
    CHECK(b.last() == ids{"2"});
    b.answer({.added = 1});
    CHECK(b.heard == std::map<std::uint32_t, std::string>{{0, "done"}, {1, "done"}, {2, "done"}});
}

TEST_CASE("while the database is away events wait, use up no attempts, and stay one batch") {
    bench b;
    b.give(0);
    b.give(1);
    b.turn();
    b.store->answer({.what = verdict::later, .error_class = "connection", .message = "gone"});
    for (int failures = 1; failures < 4; ++failures) {
        const std::size_t calls = b.store->calls.size();
        b.loop.restart();
        while (b.store->calls.size() == calls)
            REQUIRE(b.loop.run_one_for(30s) > 0);
        CHECK(b.last() == ids{"0", "1"});
        b.store->answer({.what = verdict::later, .error_class = "connection", .message = "gone"});
    }
    CHECK(b.heard.empty());
    CHECK(b.status()["waiting"] == 2);
    CHECK(b.status()["last_error"]["class"] == "connection");
    b.loop.restart();
    while (b.store->calls.size() == 4)
        REQUIRE(b.loop.run_one_for(30s) > 0);
    b.answer({.added = 0}); // it had been committed the first time
    CHECK(b.heard.size() == 2);
    CHECK(b.status()["rows_known"] == 2);
}

TEST_CASE("a batch that takes longer than a statement may is tried in halves, in order") {
    const sql::outcome timeout{.what = verdict::later, .error_class = "sqlstate_57", .message = "57014"};
    bench b;
    for (std::uint32_t t = 0; t < 3; ++t)
        b.give(t);
    b.turn();
    const auto next = [&](const sql::outcome& o) {
        const std::size_t calls = b.store->calls.size();
        b.store->answer(o);
        b.loop.restart();
        while (b.store->calls.size() == calls)
            REQUIRE(b.loop.run_one_for(30s) > 0);
        return b.last();
    };
    CHECK(next(timeout) == ids{"0"});
    CHECK(next(timeout) == ids{"0"}); // there is nothing to divide
    CHECK(next({.added = 1}) == ids{"1", "2"});
    CHECK(next(timeout) == ids{"1"});
    CHECK(next({.added = 1}) == ids{"2"});
    b.answer({.added = 1});
    CHECK(b.heard == std::map<std::uint32_t, std::string>{{0, "done"}, {1, "done"}, {2, "done"}});
}

TEST_CASE("the one that is refused fails alone") {
    const sql::outcome refusal{.what = verdict::refused, .error_class = "sqlstate_22", .message = "no"};
    bench b;
    for (std::uint32_t t = 0; t < 4; ++t)
        b.give(t);
    b.turn();
    SUBCASE("found by halves") {
        while (b.store->free() == 0) {
            const ids now = b.last();
            b.answer(std::ranges::find(now, "2") != now.end() ? refusal : sql::outcome{.added = now.size()});
        }
    }
    SUBCASE("named") {
        sql::outcome named = refusal;
        named.culprit = 2;
        b.answer(named);
        CHECK(b.last() == ids{"0", "1", "3"});
        b.answer({.added = 3});
    }
    CHECK(b.heard == std::map<std::uint32_t, std::string>{
                         {0, "done"}, {1, "done"}, {2, "terminal sqlstate_22"}, {3, "done"}});
    CHECK(b.status()["rows_refused"] == 1);
    CHECK(b.status()["rows_added"] == 3);
}

TEST_CASE("one that fails for an unknown reason is tried again, as often as any event is") {
    bench b;
    b.give(0);
    b.turn();
    b.answer({.what = verdict::suspect, .error_class = "sqlstate_XX", .message = "bug"});
    CHECK(b.heard == std::map<std::uint32_t, std::string>{{0, "retry sqlstate_XX"}});
}

TEST_CASE("an identity that no key has room for is refused without asking") {
    bench b;
    b.give(0, std::string(sql::max_identity_bytes, 'i'));
    CHECK(b.heard == std::map<std::uint32_t, std::string>{{0, "terminal identity_too_long"}});
    b.turn();
    CHECK(b.store->calls.empty());
}

TEST_CASE("an end with a batch under way says nothing, and the store goes before the rows do") {
    bench b;
    bool gone = false;
    b.store->gone = &gone;
    b.give(0);
    b.turn();
    b.give(1);
    b.desk->leave();
    b.handler.reset();
    CHECK(gone);
    b.turn();
    CHECK(b.heard.empty());
    b.desk = completion_desk::open(b);
}
