#include "fixture.hpp"

#include "millrace/kafka/cluster.hpp"
#include "millrace/kafka/publisher.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <doctest/doctest.h>

#include <algorithm>
#include <list>

namespace millrace::test {
namespace {

// Counts the deliveries of a batch and closes its publisher after the last.
struct deliveries final : kafka::delivery_listener {
    std::size_t stored = 0;
    void on_delivery(const kafka::delivery& d) noexcept override { stored += d.error ? 0U : 1U; }
};

// Asks the cluster one question and waits for its answer.
template <class T, class Ask>
T ask(const std::string& brokers, Ask question) {
    boost::asio::io_context loop;
    kafka::cluster cluster(loop, {.brokers = brokers});
    std::optional<result<T>> answer;
    question(cluster, [&](result<T> got) { answer.emplace(std::move(got)); });
    while (!answer && loop.run_one() > 0) {
    }
    REQUIRE(answer);
    REQUIRE_MESSAGE(answer->has_value(), answer->error().message());
    return std::move(**answer);
}

} // namespace

written cloud_event(std::string id, std::optional<std::string> key, int partition) {
    return {std::move(key),
            "{}",
            {{"content-type", "application/json"},
             {"ce_specversion", "1.0"},
             {"ce_id", std::move(id)},
             {"ce_source", "/test"},
             {"ce_type", "test.event"}},
            partition};
}

std::string stored::header(const std::string& name) const {
    REQUIRE(headers.count(name) == 1);
    return headers.find(name)->second;
}

broker::broker(int partitions, const std::string& topic) {
    cluster_.create_topic(topic, partitions);
    cluster_.create_topic(topic + ".dlq", partitions);
}

void broker::write(const std::vector<written>& records, const std::string& topic) {
    boost::asio::io_context loop;
    deliveries heard;
    kafka::publisher publisher(loop, {.client = {.brokers = cluster_.bootstrap_servers()}});
    for (const written& w : records) {
        std::vector<field> headers;
        for (const auto& [name, value] : w.headers)
            headers.push_back({name, value});
        const kafka::outgoing record{w.key ? std::optional<std::string_view>(*w.key) : std::nullopt, w.value,
                                     headers, system_now(), static_cast<partition_id>(w.partition)};
        // Until the first metadata is here the publisher may not know yet that there are brokers.
        while (publisher.send(kafka::lane::batching, topic, record, heard))
            REQUIRE(loop.run_one_for(10s) > 0);
    }
    publisher.close(20s, [] {});
    loop.run();
    REQUIRE(heard.stored == records.size());
}

std::vector<stored> broker::read_all(const std::string& topic, int partition) {
    const topic_partition from{topic, static_cast<partition_id>(partition)};
    std::vector<stored> all;
    boost::asio::io_context loop;
    kafka::cluster cluster(loop, {.brokers = cluster_.bootstrap_servers()});
    bool ended = false;
    const auto collect = [&](const kafka::message& m) {
        stored& s = all.emplace_back();
        if (m.key())
            s.key = std::string(*m.key());
        if (m.value())
            s.value = std::string(*m.value());
        s.offset = value(m.offset());
        s.timestamp_ms = m.timestamp().value;
        std::vector<field> headers;
        m.headers(headers);
        for (const field& h : headers)
            s.headers.emplace(h.name, h.value);
        return false;
    };
    cluster.find(from, unix_ms{0}, 100'000, 20s, collect, [&](result<kafka::message> got) {
        ended = true;
        REQUIRE_MESSAGE(got.has_value(), got.error().message());
    });
    while (!ended && loop.run_one() > 0) {
    }
    REQUIRE(ended);
    return all;
}

std::optional<std::int64_t> broker::committed(int partition, const std::string& group) {
    const auto commit = ask<std::optional<kafka::group_commit>>(
        cluster_.bootstrap_servers(),
        [&](kafka::cluster& c, kafka::cluster::callback<std::optional<kafka::group_commit>> done) {
            c.committed(group, {"events", static_cast<partition_id>(partition)}, 10s, std::move(done));
        });
    return commit ? std::optional(value(commit->offset)) : std::nullopt;
}

settings::file broker::settings() const {
    settings::file s;
    s.http.listen = "127.0.0.1:0";
    s.kafka.brokers = cluster_.bootstrap_servers();
    s.topics["events"] = {};
    s.processor.drain_timeout_ms = 5'000;
    s.processor.session_timeout_ms = static_cast<std::uint64_t>(session_timeout.count());
    s.processor.retry = {.max_attempts = 3, .initial_backoff_ms = 10, .max_backoff_ms = 50};
    return s;
}

running_processor::running_processor(const settings::file& s, const processor::handler_factory& handler)
    : service_(std::make_unique<processor::service>(s, handler)), thread_([this] { service_->run(false); }) {}

running_processor::~running_processor() {
    stop();
}

void running_processor::stop() {
    service_->stop();
    if (thread_.joinable())
        thread_.join();
}

nlohmann::json running_processor::status() const {
    const http_answer answer = get("/status");
    REQUIRE(answer.status == 200);
    return nlohmann::json::parse(answer.body);
}

nlohmann::json running_processor::receipt(int partition, int offset, const std::string& query) const {
    const http_answer answer =
        get("/v1/events/events/" + std::to_string(partition) + "/" + std::to_string(offset) + query);
    return nlohmann::json::parse(answer.body);
}

void running_processor::wait_until_final(std::uint64_t events) const {
    std::string last;
    const bool reached = eventually([&] {
        const nlohmann::json s = status();
        last = s.dump();
        const auto& totals = s["totals"];
        const auto duplicates =
            totals["duplicates"].is_null() ? 0U : totals["duplicates"].get<std::uint64_t>();
        if (totals["processed"].get<std::uint64_t>() + totals["dead_lettered"].get<std::uint64_t>() +
                duplicates <
            events)
            return false;
        return std::ranges::all_of(s["partitions"], [](const auto& p) { return p["lag"] == 0; });
    });
    REQUIRE_MESSAGE(reached, last);
}

void running_processor::wait_until_ready() const {
    REQUIRE(eventually([&] { return get("/readyz").status == 200; }));
}

class script::scripted_handler final : public processor::handler {
  public:
    scripted_handler(script& by, boost::asio::io_context& loop) : script_(by), loop_(loop) {}

    std::string_view name() const noexcept override { return "script"; }

    void handle(const processor::delivery& d, processor::completion c) override {
        std::size_t index = 0;
        {
            const std::scoped_lock lock(script_.mutex_);
            index = script_.attempts_.size();
            script_.attempts_.push_back({std::string(d.event->id), std::string(d.event->key.value_or("")),
                                         d.attempt, script_.sequence_++, 0});
            script_.most_ = std::max(script_.most_, ++script_.running_);
        }
        const plan p = script_.decide_(d);
        if (!p.delay)
            return finish(index, p, std::move(c));
        const auto timer = timers_.emplace(timers_.end(), loop_, *p.delay);
        timer->async_wait([this, timer, index, p, c = std::move(c)](error_code cancelled) mutable {
            if (cancelled)
                return; // the handler is gone
            timers_.erase(timer);
            finish(index, p, std::move(c));
        });
    }

  private:
    void finish(std::size_t index, const plan& p, processor::completion c) {
        {
            const std::scoped_lock lock(script_.mutex_);
            script_.attempts_[index].ended = script_.sequence_++;
            --script_.running_;
        }
        if (p.what == processor::outcome::kind::done)
            c.done();
        else if (p.what == processor::outcome::kind::retry)
            c.retry(p.error_class, p.message);
        else
            c.fail(p.error_class, p.message);
    }

    script& script_;
    boost::asio::io_context& loop_;
    std::list<boost::asio::steady_timer> timers_; // of the attempts under way
};

processor::handler_factory script::factory() {
    return [this](boost::asio::io_context& loop) { return std::make_unique<scripted_handler>(*this, loop); };
}

std::vector<seen_attempt> script::attempts() const {
    const std::scoped_lock lock(mutex_);
    return attempts_;
}

std::size_t script::most_at_once() const {
    const std::scoped_lock lock(mutex_);
    return most_;
}

bool has_metric(const running_processor& p, const std::string& line) {
    return ("\n" + p.get("/metrics").body).find("\n" + line + "\n") != std::string::npos;
}

bool eventually(const std::function<bool()>& holds) {
    boost::asio::io_context waiting;
    const steady_time deadline = steady_clock::now() + 30s;
    while (!holds()) {
        if (steady_clock::now() > deadline)
            return false;
        boost::asio::steady_timer pause(waiting, 20ms);
        pause.wait();
    }
    return true;
}

} // namespace millrace::test
