// When brokers count as away, told by the states of connections.
#include "producer_reach.hpp"

#include <doctest/doctest.h>

#include <initializer_list>

using namespace millrace;
using namespace millrace::kafka;
using namespace std::chrono_literals;

namespace {

struct watcher {
    reach of;
    steady_time now{};

    reach::verdict see(const char* broker, std::initializer_list<const char*> states) {
        for (const auto* state : states)
            of.on_change({broker, state, now});
        return of.current();
    }
    reach::verdict after(milliseconds passed) {
        now += passed;
        of.on_tick(now);
        return of.current();
    }
    reach::verdict all_down() {
        of.on_all_down();
        return of.current();
    }
};

using enum reach::verdict;

} // namespace

TEST_CASE("nothing is known before the first connection, and that it failed when it did") {
    watcher w;
    CHECK(w.of.current() == unknown);
    CHECK(w.see("a:1", {"INIT", "TRY_CONNECT", "CONNECT", "SSL_HANDSHAKE", "APIVERSION_QUERY"}) == unknown);
    CHECK(w.see("a:1", {"UP"}) == reachable);
    watcher failing;
    CHECK(failing.see("a:1", {"TRY_CONNECT", "CONNECT", "DOWN"}) == unknown);
    CHECK(failing.all_down() == away);
    CHECK(failing.see("a:1", {"INIT", "TRY_CONNECT", "CONNECT", "DOWN"}) == away);
    CHECK(failing.see("a:1", {"INIT", "TRY_CONNECT", "CONNECT", "APIVERSION_QUERY", "UP"}) == reachable);
}

TEST_CASE("a connection that the broker closed for being idle is no outage") {
    watcher w;
    w.see("a:1", {"CONNECT", "UP"});
    CHECK(w.see("a:1", {"DOWN"}) == reachable);
    CHECK(w.all_down() == reachable);
    CHECK(w.see("a:1", {"INIT"}) == reachable);
    CHECK(w.after(1h) == reachable); // nobody needs it
    CHECK(w.see("a:1", {"TRY_CONNECT", "CONNECT", "UP"}) == reachable);
    CHECK(w.after(1h) == reachable);
}

TEST_CASE("a connection that is lost and cannot be made again is an outage, in whatever order it is told") {
    SUBCASE("the report first") {
        watcher w;
        w.see("a:1", {"CONNECT", "UP", "DOWN"});
        w.all_down();
        CHECK(w.see("a:1", {"INIT", "TRY_CONNECT", "CONNECT", "DOWN"}) == away);
        CHECK(w.see("a:1", {"TRY_CONNECT", "CONNECT", "UP"}) == reachable);
    }
    SUBCASE("the report last") {
        watcher w;
        w.see("a:1", {"CONNECT", "UP", "DOWN", "INIT", "TRY_CONNECT", "CONNECT", "DOWN"});
        CHECK(w.of.current() == reachable);
        CHECK(w.all_down() == away);
    }
    SUBCASE("a report that is older than the connection") {
        watcher w;
        w.see("a:1", {"CONNECT", "UP", "DOWN", "TRY_CONNECT", "CONNECT", "UP"});
        CHECK(w.all_down() == reachable);
        CHECK(w.see("a:1", {"DOWN", "TRY_CONNECT", "CONNECT", "DOWN"}) == reachable);
    }
}

TEST_CASE("one of several brokers is enough") {
    watcher w;
    w.see("a:1", {"CONNECT", "UP"});
    w.see("b:1", {"CONNECT", "UP"});
    CHECK(w.see("a:1", {"DOWN", "TRY_CONNECT", "CONNECT", "DOWN", "TRY_CONNECT"}) == reachable);
    CHECK(w.after(1h) == reachable);
    CHECK(w.see("b:1", {"UPDATE", "UP", "REAUTH", "UP"}) == reachable);
    CHECK(w.see("b:1", {"DOWN", "TRY_CONNECT", "CONNECT", "DOWN"}) == reachable); // there may be a third
    CHECK(w.see("c:1", {"TRY_CONNECT", "CONNECT", "UP"}) == reachable);
}

TEST_CASE("attempts that lead to nothing for a second are an outage, even where none has failed") {
    watcher w;
    w.see("a:1", {"CONNECT", "UP", "DOWN"});
    w.after(1h);
    w.see("a:1", {"TRY_CONNECT", "CONNECT"}); // and no answer: a network that swallows
    CHECK(w.after(999ms) == reachable);
    CHECK(w.after(1ms) == away);
    CHECK(w.see("a:1", {"APIVERSION_QUERY", "UP"}) == reachable);
    CHECK(w.after(1h) == reachable);
}
