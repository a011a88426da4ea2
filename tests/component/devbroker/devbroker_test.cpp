// The dev broker as a process: what it says, that it serves, and how it ends; and its command line.
#include "millrace/devbroker/options.hpp"
#include "millrace/kafka/publisher.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace millrace;
using namespace std::chrono_literals;

namespace {

/// The program with its standard output on a pipe. Killed at the end where it is still there.
class process {
  public:
    explicit process(std::vector<std::string> arguments) {
        REQUIRE(::pipe2(pipe_.data(), O_CLOEXEC) == 0);
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, pipe_[1], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, pipe_[1], STDERR_FILENO);
        arguments.insert(arguments.begin(), MILLRACE_DEVBROKER);
        std::vector<char*> argv;
        for (auto& argument : arguments)
            argv.push_back(argument.data());
        argv.push_back(nullptr);
        REQUIRE(::posix_spawn(&pid_, MILLRACE_DEVBROKER, &actions, nullptr, argv.data(), environ) == 0);
        posix_spawn_file_actions_destroy(&actions);
        ::close(pipe_[1]);
    }
    ~process() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(pipe_[0]);
    }
    process(const process&) = delete;
    process& operator=(const process&) = delete;

    /// What was printed until `text` was, or the end, or the deadline.
    std::string read_until(const std::string& text) {
        const auto end = steady_clock::now() + 20s;
        while (output_.find(text) == output_.npos && steady_clock::now() < end) {
            pollfd ready{pipe_[0], POLLIN, 0};
            if (::poll(&ready, 1, 100) <= 0)
                continue;
            std::array<char, 4096> bytes;
            const auto size = ::read(pipe_[0], bytes.data(), bytes.size());
            if (size <= 0)
                break;
            output_.append(bytes.data(), static_cast<std::size_t>(size));
        }
        return output_;
    }

    void signal(int number) { REQUIRE(::kill(pid_, number) == 0); }

    int exit_status() {
        read_until("\xff"); // its output ends with it
        int status = 0;
        REQUIRE(::waitpid(pid_, &status, 0) == pid_);
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    }

  private:
    std::array<int, 2> pipe_{};
    pid_t pid_ = -1;
    std::string output_;
};

struct counter final : kafka::delivery_listener {
    int stored = 0;
    int failed = 0;
    void on_delivery(const kafka::delivery& d) noexcept override { ++(d.error ? failed : stored); }
};

std::filesystem::path scratch_file() {
    return std::filesystem::temp_directory_path() / ("millrace-devbroker-test-" + std::to_string(::getpid()));
}

devbroker::parsed parse(std::vector<const char*> arguments) {
    return devbroker::parse(arguments);
}

} // namespace

TEST_CASE("it announces itself, serves other processes and ends on a signal with 0") {
    for (const int number : {SIGINT, SIGTERM}) {
        const auto file = scratch_file();
        process broker({"--topic", "orders:3", "--bootstrap-file", file.string()});
        const std::string said = broker.read_until("no administration\n");
        CAPTURE(said);
        std::string address;
        std::getline(std::ifstream(file), address);
        CHECK(said.starts_with("millrace-devbroker listens on " + address + "\n"));
        CHECK(address.starts_with("127.0.0.1:"));
        CHECK(said.find("topics: orders:3\n") != said.npos);
        CHECK(said.find("in memory") != said.npos);
        CHECK(said.find("5 MiB or 100,000 batches") != said.npos);

        boost::asio::io_context loop{1};
        kafka::publisher publisher(loop, {.client = {.brokers = address}});
        counter told;
        const auto end = steady_clock::now() + 20s;
        while (!publisher.available() && steady_clock::now() < end)
            loop.run_one_for(20ms);
        REQUIRE_FALSE(publisher.send(kafka::lane::prompt, "orders",
                                     {.value = "x", .timestamp = system_now(), .partition = partition_id{2}},
                                     told));
        while (told.stored + told.failed == 0 && steady_clock::now() < end)
            loop.run_one_for(20ms);
        CHECK(told.stored == 1);

        broker.signal(number);
        CHECK(broker.exit_status() == 0);
        CHECK_FALSE(std::filesystem::exists(file));
        bool closed = false;
        publisher.close(1s, [&] { closed = true; });
        loop.run_for(20s);
        CHECK(closed);
    }
}

TEST_CASE("an address that cannot be written down is an error, not a silence") {
    process broker({"--bootstrap-file", "/nowhere/at/all"});
    CHECK(broker.read_until("\n").find("/nowhere/at/all") != std::string::npos);
    CHECK(broker.exit_status() == 1);
}

TEST_CASE("mistakes on the command line end it with 2, help with 0") {
    process wrong({"--topic"});
    CHECK(wrong.read_until("--help").find("--topic needs a value") != std::string::npos);
    CHECK(wrong.exit_status() == 2);
    process asking({"--help"});
    CHECK(asking.read_until("usage").find("usage") != std::string::npos);
    CHECK(asking.exit_status() == 0);
}

TEST_CASE("the command line") {
    const auto plain = parse({});
    REQUIRE(plain.options);
    CHECK(plain.options->topics == std::vector<devbroker::topic>{{"events", 6}, {"events.dlq", 6}});
    const auto full = parse({"--topic", "a:1", "--topic=b.c:12", "--bootstrap-file=/tmp/x"});
    REQUIRE(full.options);
    CHECK(full.options->topics == std::vector<devbroker::topic>{{"a", 1}, {"b.c", 12}});
    CHECK(full.options->bootstrap_file == "/tmp/x");

    struct mistake {
        std::vector<const char*> arguments;
        const char* said;
    };
    const std::vector<mistake> mistakes{
        {{"--topik", "a:1"}, "do you mean --topic?"},
        {{"--listen"}, "--bootstrap-file"},
        {{"--topic", "a"}, "NAME:PARTITIONS"},
        {{"--topic", "a:0"}, "NAME:PARTITIONS"},
        {{"--topic", "a:1001"}, "NAME:PARTITIONS"},
        {{"--topic", "a:2x"}, "NAME:PARTITIONS"},
        {{"--topic", "a b:1"}, "a topic's name"},
        {{"--topic", ":1"}, "a topic's name"},
        {{"--topic", "a:1", "--topic", "a:2"}, "named twice"},
        {{"--bootstrap-file="}, "needs a value"},
        {{"events"}, "no such option"},
    };
    for (const auto& m : mistakes) {
        const auto result = parse(m.arguments);
        CHECK_FALSE(result.options);
        CHECK(result.exit_code == 2);
        CHECK_MESSAGE(result.text.find(m.said) != std::string::npos, result.text);
    }
    const auto both = parse({"--topic", "a", "--nonsense"});
    CHECK(both.text.find("NAME:PARTITIONS") != std::string::npos);
    CHECK(both.text.find("--nonsense") != std::string::npos);
}
