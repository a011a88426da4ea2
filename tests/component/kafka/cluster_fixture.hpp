// Questions to the mock cluster, and their answers.
#pragma once

#include "consumer_fixture.hpp"
#include "millrace/kafka/cluster.hpp"
#include "millrace/kafka/error.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <utility>

namespace millrace::kafka::test {

/// An answer that is waited for.
template <class T>
class answer {
  public:
    cluster::callback<T> callback() {
        return [this](result<T> r) {
            ++times;
            got = std::move(r);
        };
    }
    bool wait(boost::asio::io_context& loop, milliseconds deadline = 15s) {
        return run_until(loop, [this] { return times != 0; }, deadline);
    }

    int times = 0;
    result<T> got{error_code(errc::closed)};
};

struct cluster_fixture {
    cluster_fixture() {
        mock.create_topic("events", 2);
        config.brokers = mock.bootstrap_servers();
        asked = std::make_unique<cluster>(loop, config);
    }

    template <class T, class Ask>
    result<T> ask(Ask question) {
        answer<T> a;
        question(a.callback());
        REQUIRE(a.wait(loop));
        CHECK(a.times == 1);
        return std::move(a.got);
    }
    result<message> read(std::int64_t from) {
        return ask<message>([&](auto done) { asked->read(p0, record_offset{from}, 10s, std::move(done)); });
    }

    boost::asio::io_context loop;
    mock_cluster mock;
    client_config config;
    std::unique_ptr<cluster> asked;
};

} // namespace millrace::kafka::test
