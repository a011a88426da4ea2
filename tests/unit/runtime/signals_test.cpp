// The first signal asks, the second ends, also where the loop is stuck.
#include "millrace/runtime/signals.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>

using millrace::runtime::signals;
namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds deadline{10};

/// Exit status of a child process that runs `body`.
int status_of(const std::function<int()>& body) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0)
        ::_exit(body());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("the first signal calls stop on the loop, once, and the loop can run dry after release") {
    for (const int number : {SIGTERM, SIGINT}) {
        asio::io_context loop;
        int stops = 0;
        std::optional<signals> s;
        s.emplace(loop, [&] {
            ++stops;
            s->release();
        });
        ::raise(number);
        CHECK(stops == 0); // not from within the signal handler
        loop.run_for(deadline);
        CHECK(stops == 1);
        CHECK(loop.stopped()); // it ran dry
    }
}

TEST_CASE("SIGHUP reloads where there is something to reload, and is ignored otherwise") {
    asio::io_context loop;
    int reloads = 0;
    {
        signals s(loop, [] {}, [&] { ++reloads; });
        ::raise(SIGHUP);
        loop.run_one_for(deadline);
        ::raise(SIGHUP);
        loop.run_one_for(deadline);
        CHECK(reloads == 2);
    }
    loop.restart();
    loop.run_for(deadline);
    const signals without(loop, [] {});
    ::raise(SIGHUP); // would end this process
    ::raise(SIGPIPE);
    CHECK(reloads == 2);
}

TEST_CASE("the second signal ends a process whose loop is stuck") {
    CHECK(status_of([] {
              asio::io_context never_run;
              const signals s(never_run, [] {});
              ::raise(SIGTERM);
              ::raise(SIGTERM);
              return 0;
          }) == 128 + SIGTERM);
    CHECK(status_of([] { // also after release, and one of the other kind
              asio::io_context loop;
              std::optional<signals> s;
              s.emplace(loop, [&] { s->release(); });
              ::raise(SIGTERM);
              loop.run_for(deadline);
              ::raise(SIGINT);
              return 0;
          }) == 128 + SIGINT);
}

TEST_CASE("there is one at a time, and what is queued when it goes does no harm") {
    asio::io_context loop;
    int stops = 0;
    {
        const signals s(loop, [&] { ++stops; });
        CHECK_THROWS(signals(loop, [] {}));
        ::raise(SIGTERM);
    }
    loop.run_for(deadline);
    CHECK(stops == 0);
}
