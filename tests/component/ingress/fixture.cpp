#include "fixture.hpp"

#include "millrace/kafka/cluster.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

namespace millrace::test {

using namespace std::chrono_literals;

bool eventually(const std::function<bool()>& holds) {
    boost::asio::io_context waiting;
    const steady_time deadline = steady_clock::now() + 20s;
    while (!holds()) {
        if (steady_clock::now() > deadline)
            return false;
        boost::asio::steady_timer pause(waiting, 20ms);
        pause.wait();
    }
    return true;
}

running_ingress::running_ingress(const std::function<void(settings::file&)>& change) {
    settings::file& s = configuration_;
    s.http.listen = "127.0.0.1:0";
    s.kafka.brokers = cluster_.bootstrap_servers();
    s.topics["events"] = {};
    s.ingress.processor_url = "http://127.0.0.1:8090";
    s.ingress.drain_timeout_ms = 5'000;
    if (change)
        change(s);
    for (const auto& [name, topic] : s.topics)
        cluster_.create_topic(name, static_cast<int>(topic.partitions));
    service_ = std::make_unique<ingress::service>(s, [this] {
        const std::lock_guard reading(configuration_mutex_);
        return settings::loaded{.settings = configuration_};
    });
    thread_ = std::jthread([this] { service_->run(false); });
}

running_ingress::~running_ingress() {
    stop();
}

void running_ingress::reload(const std::function<void(settings::file&)>& change) {
    {
        const std::lock_guard writing(configuration_mutex_);
        change(configuration_);
    }
    service_->reload();
}

void running_ingress::stop() {
    service_->stop();
    if (thread_.joinable())
        thread_.join();
}

void running_ingress::wait_until_ready() const {
    REQUIRE(eventually([&] { return get(port(), "/readyz").status == 200; }));
}

void running_ingress::wait_until_not_ready(std::string_view failing_check) const {
    REQUIRE(eventually([&] {
        const http_answer answer = get(port(), "/readyz");
        return answer.status == 503 && answer.body.find(failing_check) != std::string::npos;
    }));
}

read_record running_ingress::read(const nlohmann::json& receipt) const {
    boost::asio::io_context loop;
    kafka::cluster reader(loop, {.brokers = cluster_.bootstrap_servers()});
    read_record found;
    bool answered = false;
    reader.read({receipt["topic"], partition_id{receipt["partition"].get<int>()}},
                record_offset{receipt["offset"].get<std::int64_t>()}, 10s, [&](result<kafka::message> got) {
                    answered = true;
                    REQUIRE(got.has_value());
                    REQUIRE(*got);
                    REQUIRE(value(got->offset()) == receipt["offset"].get<std::int64_t>());
                    if (got->key())
                        found.key = std::string(*got->key());
                    REQUIRE(got->value()); // an event is never a Kafka null
                    found.value = *got->value();
                    std::vector<field> headers;
                    got->headers(headers);
                    for (const field& h : headers)
                        found.headers[std::string(h.name)] = h.value;
                    found.timestamp_ms = got->timestamp().value;
                });
    loop.run();
    REQUIRE(answered);
    return found;
}

} // namespace millrace::test
