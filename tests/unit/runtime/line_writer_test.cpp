// Who writes to the log is never held up by who reads it, and what is dropped is said.
#include "line_writer.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <sstream>
#include <string>
#include <thread>

using namespace millrace;
using namespace millrace::runtime;
using namespace std::chrono_literals;

namespace {

/// A pipe that holds one page.
class small_pipe {
  public:
    small_pipe() {
        REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0);
        REQUIRE(::fcntl(ends_[1], F_SETPIPE_SZ, 4096) == 4096);
    }
    ~small_pipe() {
        close_reader();
        close_writer();
    }
    small_pipe(const small_pipe&) = delete;
    small_pipe& operator=(const small_pipe&) = delete;

    int writer() const { return ends_[1]; }
    void close_reader() { close(ends_[0]); }
    void close_writer() { close(ends_[1]); }

    /// Whole lines, until `enough`, or the end of the pipe, or ten seconds without any.
    std::string read_until(const std::function<bool(std::string_view)>& enough) {
        std::string all;
        std::array<char, 512> part{};
        while (all.empty() || all.back() != '\n' || !enough(all)) {
            pollfd readable{.fd = ends_[0], .events = POLLIN, .revents = 0};
            const ssize_t n =
                ::poll(&readable, 1, 10'000) > 0 ? ::read(ends_[0], part.data(), part.size()) : 0;
            if (n <= 0)
                break;
            all.append(part.data(), static_cast<std::size_t>(n));
        }
        return all;
    }

    std::string read_until(std::string_view line) {
        return read_until([&](std::string_view all) { return all.find(line) != std::string_view::npos; });
    }

  private:
    static void close(int& end) {
        if (end >= 0)
            ::close(end);
        end = -1;
    }

    std::array<int, 2> ends_{-1, -1};
};

std::string notice(std::uint64_t dropped) {
    return "dropped " + std::to_string(dropped) + "\n";
}

const std::string line = std::string(99, 'x') + '\n';

constexpr writer_limits small{.max_bytes = 10'000, .patience = 10ms, .farewell = 50ms};

struct account {
    std::size_t lines = 0;
    std::size_t dropped = 0; ///< as the notices say
};

account account_of(const std::string& text) {
    account all;
    std::istringstream in(text);
    for (std::string l; std::getline(in, l);) {
        if (l.starts_with("dropped "))
            all.dropped += std::stoul(l.substr(8));
        else
            ++all.lines;
    }
    return all;
}

} // namespace

TEST_CASE("lines come out in their order, and the end waits for them") {
    small_pipe pipe;
    std::string all;
    std::jthread reader([&] { all = pipe.read_until("line 499\n"); });
    {
        line_writer to(pipe.writer(), {}, notice);
        for (int i = 0; i < 500; ++i)
            to.put("line " + std::to_string(i) + "\n", when_full::drop);
        CHECK(to.dropped() == 0);
    }
    pipe.close_writer();
    reader.join();
    std::string expected;
    for (int i = 0; i < 500; ++i)
        expected += "line " + std::to_string(i) + "\n";
    CHECK(all == expected);
}

TEST_CASE("a reader that does not read: memory is bounded, lines are dropped, and it is said once it reads") {
    for (const when_full then : {when_full::drop, when_full::wait}) {
        small_pipe pipe;
        line_writer to(pipe.writer(), small, notice);
        constexpr std::size_t put = 100'000; // with 10 ms each this would take longer than ctest allows
        for (std::size_t i = 0; i < put; ++i)
            to.put(line, then);
        // At most what waits, what is being written, and what the pipe holds.
        const std::size_t most = (2 * small.max_bytes + 4096) / line.size();
        CHECK(to.dropped() >= put - most);
        const account all = account_of(pipe.read_until([&](std::string_view text) {
            const account now = account_of(std::string(text));
            return now.lines + now.dropped == put;
        }));
        CHECK(all.lines + all.dropped == put);
        CHECK(all.dropped == to.dropped());
        to.put("again\n", then);
        CHECK(pipe.read_until("again") == "again\n");
    }
}

TEST_CASE("a slow reader: who may wait loses nothing") {
    small_pipe pipe;
    std::string all;
    std::jthread reader([&] { all = pipe.read_until("the end"); });
    line_writer to(pipe.writer(), {.max_bytes = 1'000, .patience = 60s}, notice);
    for (int i = 0; i < 2'000; ++i)
        to.put(line, when_full::wait);
    to.put("the end\n", when_full::wait);
    reader.join();
    CHECK(to.dropped() == 0);
    CHECK(account_of(all).lines == 2'001);
}

TEST_CASE("the end does not wait for a reader that does not read") {
    small_pipe pipe;
    line_writer to(pipe.writer(), small, notice);
    for (int i = 0; i < 100; ++i)
        to.put(line, when_full::drop);
    to.flush();
}

TEST_CASE("a descriptor that fails: the lines are counted, and nothing ends or hangs") {
    small_pipe pipe;
    pipe.close_reader(); // SIGPIPE would end the program
    line_writer to(pipe.writer(), small, notice);
    to.put(line, when_full::drop);
    to.put(line, when_full::drop);
    to.flush();
    CHECK(to.dropped() == 2);
}

TEST_CASE("a line that could not be made counts as dropped") {
    small_pipe pipe;
    line_writer to(pipe.writer(), small, notice);
    to.lose();
    to.put("next\n", when_full::drop);
    CHECK(pipe.read_until("dropped") == "next\ndropped 1\n");
}
