// A client on a loop of the test's own thread.
#pragma once

#include "millrace/http/client.hpp"
#include "scripted_target.hpp"

#include <boost/asio/io_context.hpp>
#include <doctest/doctest.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::http::testing {

using namespace std::chrono_literals;

/// What a client called back with.
struct delivered {
    error_code error;
    std::string detail;
    unsigned status = 0;
    std::string retry_after;
    std::string body;
};

class client_on_loop {
  public:
    explicit client_on_loop(client_config config) : made_(std::in_place, loop, std::move(config)) {}

    void post(std::string_view body = "{}", std::span<const field> headers = {}) {
        made_->post(headers, body, [this](const client_answer& a) {
            answers.push_back(
                {a.error, std::string(a.detail), a.status, std::string(a.retry_after), std::string(a.body)});
        });
    }

    /// Until so many answers are there.
    void run(std::size_t count) {
        while (answers.size() < count)
            REQUIRE(loop.run_one_for(20s) > 0);
    }

    template <class Condition>
    void run_until(Condition holds) {
        while (!holds())
            REQUIRE(loop.run_one_for(20s) > 0);
    }

    /// Posts, and waits for the answer to that.
    const delivered& ask(std::string_view body = "{}", std::span<const field> headers = {}) {
        const std::size_t before = answers.size();
        post(body, headers);
        run(before + 1);
        return answers.back();
    }

    void destroy() { made_.reset(); }
    client& operator*() { return *made_; }
    client* operator->() { return &*made_; }

    boost::asio::io_context loop{1};
    std::vector<delivered> answers;

  private:
    std::optional<client> made_;
};

inline client_config to(std::string url) {
    client_config c;
    c.url = std::move(url);
    c.timeout = 15s; // what a hang would meet
    c.connect_timeout = 10s;
    return c;
}

/// Answers every request of a connection with the same octets.
inline test::scripted_target::script always(std::string octets) {
    return [octets = std::move(octets)](test::peer& p, std::size_t) {
        while (p.next())
            p.send(octets);
    };
}

} // namespace millrace::http::testing
