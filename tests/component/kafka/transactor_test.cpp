// Transactions on the mock cluster, which commits them; taking over and aborting need a real Kafka
// (tests/integration/test_redrive.py).
#include "millrace/kafka/transactor.hpp"

#include "consumer_fixture.hpp"
#include "millrace/kafka/cluster.hpp"
#include "millrace/kafka/error.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <utility>

namespace millrace::kafka::test {
namespace {

struct fixture {
    fixture() {
        mock.create_topic("events", 2);
        mock.create_topic("events.dlq", 2);
        config.client.brokers = mock.bootstrap_servers();
        config.id = "redrive";
        made = std::make_unique<transactor>(loop, config);
    }

    error_code open(milliseconds deadline = 20s) {
        std::optional<error_code> answer;
        made->open(deadline, [&](error_code e, const std::string&) { answer = e; });
        REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
        return *answer;
    }

    transaction_outcome publish(std::vector<transaction_record> records, transactor::sequel then = {},
                                milliseconds deadline = 20s) {
        std::optional<transaction_outcome> answer;
        made->publish(std::move(records), std::move(then), deadline,
                      [&](transaction_outcome out) { answer = std::move(out); });
        REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
        return std::move(*answer);
    }

    static transaction_record record(std::string value, std::string topic = "events", int partition = 0) {
        transaction_record r;
        r.topic = std::move(topic);
        r.partition = partition_id{partition};
        r.key = "k";
        r.value = std::move(value);
        r.headers = {{"a", "1"}, {"null", std::nullopt}};
        r.timestamp = {1'700'000'000'000};
        return r;
    }

    message read(const std::string& topic, std::int64_t at) {
        if (!reader)
            reader = std::make_unique<cluster>(loop, config.client);
        std::optional<result<message>> answer;
        reader->read({topic, partition_id{0}}, record_offset{at}, 10s,
                     [&](result<message> m) { answer.emplace(std::move(m)); });
        REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
        REQUIRE(answer->has_value());
        return std::move(**answer);
    }

    boost::asio::io_context loop;
    mock_cluster mock;
    transactor_config config;
    std::unique_ptr<transactor> made;
    std::unique_ptr<cluster> reader;
};

TEST_CASE_FIXTURE(fixture, "records and what follows from their places are stored together") {
    REQUIRE_FALSE(open());
    const auto marks = [](std::span<const delivery> where) {
        std::vector<transaction_record> all;
        for (const delivery& d : where)
            all.push_back(record(std::to_string(value(d.offset)), "events.dlq"));
        return all;
    };
    const auto out = publish({record("one"), record("two")}, marks);
    CHECK_FALSE(out.error);
    REQUIRE(out.deliveries.size() == 2);
    CHECK(out.deliveries[1].offset == next(out.deliveries[0].offset));
    const message m = read("events", value(out.deliveries[1].offset));
    REQUIRE(bool(m));
    CHECK(m.value() == "two");
    CHECK(m.key() == "k");
    CHECK(m.timestamp().value == 1'700'000'000'000);
    std::vector<field> headers;
    m.headers(headers);
    REQUIRE(headers.size() == 2);
    CHECK(headers[0].value == "1");
    CHECK(headers[1].value.data() == nullptr);
    const message mark = read("events.dlq", 1);
    REQUIRE(bool(mark));
    CHECK(mark.value() == std::to_string(value(out.deliveries[1].offset)));
    CHECK_FALSE(publish({record("three")}).error); // and another one
}

TEST_CASE_FIXTURE(fixture, "a record that cannot be stored spoils its transaction, and is named") {
    config.client.properties["message.max.bytes"] = "2000";
    made = std::make_unique<transactor>(loop, config);
    REQUIRE_FALSE(open());
    const auto out = publish({record("fits"), record(std::string(3'000, 'x'))});
    CHECK(out.error == condition::invalid_input);
    REQUIRE(out.deliveries.size() == 2);
    CHECK(out.deliveries[1].error == errc::too_large);
    CHECK(publish({record("again")}).error == errc::closed); // open comes first
    REQUIRE_FALSE(open());
    CHECK_FALSE(publish({record("again")}).error);
}

TEST_CASE_FIXTURE(fixture, "a broker that is away keeps nobody beyond the deadline") {
    mock.broker_down();
    CHECK(open(1s));
    mock.broker_up();
    REQUIRE_FALSE(open());
    mock.broker_down();
    const auto out = publish({record("one")}, {}, 1s);
    CHECK(out.error);
    CHECK((out.error == condition::timed_out || out.error == condition::unavailable));
}

TEST_CASE_FIXTURE(fixture, "who was taken over from is told at once, not at the deadline") {
    constexpr int add_partitions_to_txn = 24;
    constexpr int producer_fenced = 90;
    config.transaction_timeout = 10min; // and so the records' own
    made = std::make_unique<transactor>(loop, config);
    REQUIRE_FALSE(open());
    mock.fail_requests(add_partitions_to_txn, producer_fenced, 1);
    CHECK(publish({record("one")}, {}, 1h).error == errc::fenced);
}

TEST_CASE_FIXTURE(fixture, "who hurries need not wait for a deadline") {
    mock.broker_down();
    std::optional<error_code> answer;
    made->open(1h, [&](error_code e, const std::string&) { answer = e; });
    made->hurry();
    REQUIRE(run_until(loop, [&] { return answer.has_value(); }));
    CHECK(*answer);
    bool closed = false;
    made->close([&] { closed = true; });
    REQUIRE(run_until(loop, [&] { return closed; }));
}

TEST_CASE("a configuration that cannot work is refused") {
    boost::asio::io_context loop;
    transactor_config config;
    config.client.properties["acks"] = "0";
    CHECK_THROWS_AS(transactor(loop, config), std::runtime_error);
}

} // namespace
} // namespace millrace::kafka::test
