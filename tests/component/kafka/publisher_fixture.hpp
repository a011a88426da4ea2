// A publisher on a loop of the test's own against a mock cluster, and a plain consumer that reads back what
// is there.
#pragma once

#include "millrace/kafka/error.hpp"
#include "millrace/kafka/mock_cluster.hpp"
#include "millrace/kafka/publisher.hpp"

#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace millrace::kafka::test {

using namespace std::chrono_literals;

/// Runs the loop until the condition holds; false when it does not before the deadline.
inline bool run_until(boost::asio::io_context& loop, const std::function<bool()>& condition,
                      milliseconds deadline = 20s) {
    const auto end = steady_clock::now() + deadline;
    while (!condition()) {
        if (steady_clock::now() >= end)
            return false;
        loop.run_one_for(20ms);
    }
    return true;
}

/// Where the report on one record is kept.
struct slot final : delivery_listener {
    std::string value;
    std::optional<delivery> told;
    int times = 0;
    std::function<void()> then;

    void on_delivery(const delivery& d) noexcept override {
        told = d;
        ++times;
        if (then)
            then();
    }
    bool stored() const { return told && !told->error; }
    bool is(condition c) const { return told && told->error == c; }
};

struct rig {
    explicit rig(mock_cluster& of, publisher_config config = {}) : cluster(of) {
        config.client.brokers = of.bootstrap_servers();
        made = std::make_unique<publisher>(loop, std::move(config));
    }

    publisher& client() { return *made; }
    bool wait_available(milliseconds deadline = 20s) {
        return run_until(loop, [&] { return made->available(); }, deadline);
    }
    bool wait_told(milliseconds deadline = 20s) {
        return run_until(
            loop, [&] { return std::ranges::all_of(slots, [](auto& s) { return s.told.has_value(); }); },
            deadline);
    }

    /// Sends and, where it was taken, expects a report in the returned slot.
    error_code send(const std::string& topic, std::string value, outgoing record = {},
                    lane on = lane::prompt) {
        auto& to = slots.emplace_back();
        to.value = std::move(value);
        record.value = to.value;
        if (record.timestamp.value == 0)
            record.timestamp = system_now();
        const auto error = made->send(on, topic, record, to);
        if (error)
            slots.pop_back();
        return error;
    }

    std::size_t count(const std::function<bool(const slot&)>& which) const {
        return static_cast<std::size_t>(std::ranges::count_if(slots, which));
    }

    bool close(milliseconds deadline = 5s) {
        bool done = false;
        made->close(deadline, [&] { done = true; });
        return run_until(loop, [&] { return done; });
    }

    mock_cluster& cluster;
    boost::asio::io_context loop{1};
    std::deque<slot> slots;
    std::unique_ptr<publisher> made;
};

struct stored_record {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    std::optional<std::string> key;
    std::optional<std::string> value; ///< none: a Kafka null
    std::vector<std::pair<std::string, std::string>> headers;
    std::int64_t timestamp = 0;
};

/// All records of the topic, partition by partition in the order of their offsets.
std::vector<stored_record> read_all(const mock_cluster& cluster, const std::string& topic);

} // namespace millrace::kafka::test
