// The spool outlives its ingress: ordered ends, kill -9, torn writes, a full or damaged disk.
#include "spool_fixture.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <set>
#include <utility>

#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace millrace;
using namespace millrace::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

/// A cluster that outlives its ingresses.
struct lasting_cluster {
    lasting_cluster() { kafka.create_topic("events", 6); }

    auto settings(const std::string& spool) {
        return [this, spool](settings::file& s) {
            s.kafka.brokers = kafka.bootstrap_servers();
            s.spool.path = spool;
            s.ingress.drain_timeout_ms = 3'000;
        };
    }

    kafka::mock_cluster kafka;
    scratch_folder folder;
};

bool is_spooled(const http_answer& a) {
    return a.status == 202 && json::parse(a.body).value("state", "") == "spooled";
}

/// An ingress in a process of its own, so that it can be killed.
class program {
  public:
    program(const std::string& brokers, const std::string& spool, const std::string& port_file)
        : port_file_(port_file) {
        std::filesystem::remove(port_file);
        std::string path = MILLRACE_VICTIM, b = brokers, s = spool, p = port_file;
        char* arguments[] = {path.data(), b.data(), s.data(), p.data(), nullptr};
        REQUIRE(posix_spawn(&pid_, path.c_str(), nullptr, nullptr, arguments, environ) == 0);
    }
    ~program() { end(SIGKILL); }
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    std::uint16_t port() {
        std::uint16_t found = 0;
        REQUIRE(eventually([&] {
            std::ifstream in(port_file_);
            return bool(in >> found);
        }));
        return found;
    }

    int end(int signal) {
        if (pid_ == 0)
            return 0;
        kill(pid_, signal);
        int status = 0;
        waitpid(std::exchange(pid_, 0), &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

  private:
    std::string port_file_;
    pid_t pid_ = 0;
};

std::string reason_not_to_start(const std::function<void(settings::file&)>& change) {
    try {
        const running_ingress never(change);
    } catch (const std::exception& e) {
        return e.what();
    }
    return {};
}

} // namespace

TEST_CASE(
    "what is in the spool at the end is published after the next start, before newer events of its key") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db");
    c.kafka.broker_down();
    std::vector<std::string> ids;
    {
        running_ingress first(c.settings(spool));
        REQUIRE(eventually([&] { return is_spooled(post_event(first.port(), "0", "k")); }));
        for (int i = 1; i < 20; ++i)
            REQUIRE(is_spooled(post_event(first.port(), std::to_string(i), "k")));
        first.stop();
    }
    for (int i = 0; i < 20; ++i)
        ids.push_back(std::to_string(i));
    running_ingress second(c.settings(spool));
    CHECK(metric(second.port(), "millrace_ingress_spool_events") == 20);
    const http_answer again = post_event(second.port(), "7", "k"); // a retry across the restart
    CHECK(is_spooled(again));
    CHECK(again.headers.contains("idempotency-replayed"));
    CHECK(post_event(second.port(), "7", "k", "1").status == 422);
    REQUIRE(is_spooled(post_event(second.port(), "newer", "k")));
    ids.emplace_back("newer");
    c.kafka.broker_up();
    REQUIRE(drained(second.port()));
    std::vector<std::string> stored;
    for (const stored_event& e : all_events(c.kafka, "events"))
        stored.push_back(e.id);
    CHECK(stored == ids);

    // And receipts outlive another one.
    REQUIRE(eventually([&] {
        return json::parse(get(second.port(), "/v1/events?id=newer").body).value("state", "") == "stored";
    }));
    second.stop();
    running_ingress third(c.settings(spool));
    CHECK(json::parse(get(third.port(), "/v1/events?id=3").body)["state"] == "stored");
}

TEST_CASE("two ingresses do not share a spool, and what is no spool is left alone") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db");
    {
        running_ingress first(c.settings(spool));
        CHECK(reason_not_to_start(c.settings(spool)).find("in use") != std::string::npos);
        first.wait_until_ready();
    }
    std::ofstream(c.folder.path("notes.txt")) << std::string(10'000, 'n');
    const std::string damaged = reason_not_to_start(c.settings(c.folder.path("notes.txt")));
    CHECK(damaged.find("damaged") != std::string::npos);
    CHECK(damaged.find(".recover") != std::string::npos);
    CHECK(reason_not_to_start(c.settings(c.folder.path("no/such/folder.db"))).find("Its folder") !=
          std::string::npos);
}

TEST_CASE("killed at any moment, an ingress loses nothing that it answered") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db"), port_file = c.folder.path("port");
    c.kafka.broker_down();
    std::set<std::string> answered;
    int number = 0;
    for (int round = 0; round < 5; ++round) {
        program ingress(c.kafka.bootstrap_servers(), spool, port_file);
        const std::uint16_t port = ingress.port();
        REQUIRE(eventually([&] { return post_event(port, "r" + std::to_string(round)).status == 202; }));
        answered.insert("r" + std::to_string(round));
        std::atomic<int> count{0};
        std::vector<std::set<std::string>> of_client(4);
        std::vector<std::jthread> clients;
        for (std::size_t i = 0; i < of_client.size(); ++i)
            clients.emplace_back([&, i, first = number + static_cast<int>(i) * 10'000] {
                try {
                    http_client client(port);
                    for (int n = first;; ++n) {
                        const std::string id = std::to_string(n);
                        const http_answer a = client.request(
                            "POST", "/v1/events?key=" + id,
                            "Content-Type: application/json\r\nIdempotency-Key: " + id + "\r\n", "{}");
                        if (a.status != 202)
                            return;
                        of_client[i].insert(id);
                        ++count;
                    }
                } catch (const std::exception&) { // it was killed
                }
            });
        CHECK(eventually([&] { return count >= 50 * (round + 1); }));
        if (round == 3)
            c.kafka.broker_up(); // and in the middle of publishing
        CHECK(ingress.end(SIGKILL) == -SIGKILL);
        clients.clear();
        for (const auto& ids : of_client)
            answered.insert(ids.begin(), ids.end());
        number += 40'000;
    }
    running_ingress last(c.settings(spool));
    REQUIRE(drained(last.port()));
    const std::size_t expected = answered.size();
    for (const stored_event& e : all_events(c.kafka, "events"))
        answered.erase(e.id);
    CHECK_MESSAGE(answered.empty(), answered.size(), " of ", expected, " are lost");
}

TEST_CASE("a write that was torn takes nothing with it that was answered before") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db"), port_file = c.folder.path("port");
    c.kafka.broker_down();
    {
        program ingress(c.kafka.bootstrap_servers(), spool, port_file);
        const std::uint16_t port = ingress.port();
        REQUIRE(eventually([&] { return is_spooled(post_event(port, "0")); }));
        for (int i = 1; i < 30; ++i)
            REQUIRE(is_spooled(post_event(port, std::to_string(i))));
        ingress.end(SIGKILL);
    }
    const std::string log = spool + "-wal";
    REQUIRE(std::filesystem::file_size(log) > 0);
    SUBCASE("half of a page more") {
        std::ofstream(log, std::ios::app | std::ios::binary) << std::string(2'000, '\x5a');
    }
    SUBCASE("a page that never got its end") {
        std::ofstream(log, std::ios::app | std::ios::binary) << std::string(24 + 4'096, '\0');
    }
    running_ingress next(c.settings(spool));
    CHECK(metric(next.port(), "millrace_ingress_spool_events") == 30);
    c.kafka.broker_up();
    REQUIRE(drained(next.port()));
    CHECK(all_events(c.kafka, "events").size() == 30);
}

TEST_CASE("a damaged spool is not begun anew in silence") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db");
    c.kafka.broker_down();
    {
        running_ingress first(c.settings(spool));
        const std::string large = '"' + std::string(100'000, 'x') + '"';
        REQUIRE(eventually([&] { return is_spooled(post_event(first.port(), "0", "k", large)); }));
        for (int i = 1; i < 20; ++i)
            REQUIRE(is_spooled(post_event(first.port(), std::to_string(i), "k", large)));
    }
    REQUIRE(std::filesystem::file_size(spool) > 1'000'000);
    {
        std::fstream file(spool, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(4'096);
        file << std::string(60'000, '\x5a');
    }
    const std::string reason = reason_not_to_start(c.settings(spool));
    CHECK(reason.find("is damaged") != std::string::npos);
    CHECK(reason.find(".recover") != std::string::npos);
}

TEST_CASE("a full disk: 503 as without a spool, not ready, and well again by itself when there is room") {
    lasting_cluster c;
    const std::string spool = c.folder.path("spool.db");
    c.kafka.broker_down();
    running_ingress ingress(c.settings(spool));
    REQUIRE(eventually([&] { return is_spooled(post_event(ingress.port(), "first")); }));
    rlimit before{};
    REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit tight{.rlim_cur = std::filesystem::file_size(spool + "-wal") + 20'000,
                       .rlim_max = before.rlim_max};
    REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
    const std::string large = '"' + std::string(50'000, 'x') + '"';
    const http_answer refused = post_event(ingress.port(), "no-room", {}, large);
    const http_answer readiness = get(ingress.port(), "/readyz");
    REQUIRE(setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, handler);
    CHECK(refused.status == 503);
    CHECK(refused.headers.contains("retry-after"));
    CHECK(readiness.body.find("/spool") != std::string::npos);
    ingress.wait_until_ready(); // without a POST
    CHECK(is_spooled(post_event(ingress.port(), "no-room", {}, large)));
    c.kafka.broker_up();
    REQUIRE(drained(ingress.port()));
    std::multiset<std::string> ids;
    for (const stored_event& e : all_events(c.kafka, "events"))
        ids.insert(e.id);
    CHECK(ids == std::multiset<std::string>{"first", "no-room"});
}
