// Records in, delivery reports out. Everything happens on the loop, but for the interceptor that feeds
// connection changes in from librdkafka's threads.
#include "producer.hpp"

#include "client_conf.hpp"
#include "millrace/kafka/error.hpp"
#include "produce.hpp"
#include "producer_outcome.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

namespace millrace::kafka {

/// Connection changes on their way from librdkafka's threads to the loop.
struct producer::feed {
    std::function<void()> wake;
    std::mutex mutex;
    std::vector<connection_change> changes;

    std::vector<connection_change> take() {
        const std::scoped_lock lock(mutex);
        return std::exchange(changes, {});
    }

    static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* self, char*,
                                      std::size_t) {
        return rd_kafka_interceptor_add_on_broker_state_change(client, "millrace", on_change, self);
    }

    static rd_kafka_resp_err_t on_change(rd_kafka_t*, std::int32_t, const char*, const char* name, int port,
                                         const char* state, void* self) {
        if (port > 0) { // librdkafka's internal "broker", where there is no leader, has none
            auto& to = *static_cast<feed*>(self);
            {
                const std::scoped_lock lock(to.mutex);
                to.changes.push_back(
                    {std::string(name) + ':' + std::to_string(port), state, steady_clock::now()});
            }
            to.wake();
        }
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
};

namespace {

conf_ptr producer_conf(const publisher_config& config, lane on) {
    conf_ptr conf = make_conf(config.client, client_role::producer);
    set(*conf, "acks", "all");
    set(*conf, "enable.idempotence", "true");
    set(*conf, "message.timeout.ms", std::to_string(config.delivery_timeout.count()));
    set(*conf, "queue.buffering.max.messages", std::to_string(config.max_queued_events));
    set(*conf, "partitioner", "murmur2_random"); // Java's hash, so that producers in other languages agree
    // Events without a key stay on one partition for so long. The default, twice the linger, is off where
    // that is 0, and with 0.5 ms changes so often that batches stay small (docs/performance.md).
    set(*conf, "sticky.partitioning.linger.ms", "10");
    set(*conf, "linger.ms", on == lane::prompt ? "0" : "0.5");
    set(*conf, "statistics.interval.ms", "1000"); // so old may be what is known of leaders
    rd_kafka_conf_set_events(conf.get(), RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
    return conf;
}

} // namespace

producer::producer(const publisher_config& config, lane on, std::function<void()> wake)
    : feed_(std::make_unique<feed>()) {
    feed_->wake = std::move(wake);
    conf_ptr conf = producer_conf(config, on);
    rd_kafka_conf_interceptor_add_on_new(conf.get(), "millrace", feed::on_new, feed_.get());
    client_ = make_client(std::move(conf), client_role::producer);
    queue_.reset(rd_kafka_queue_get_main(client_.get()));
}

producer::~producer() = default;

rd_kafka_topic_t* producer::topic_handle(std::string_view name) {
    if (const auto known = topics_.find(name); known != topics_.end())
        return known->second.get();
    std::string owned(name);
    topic_ptr made(rd_kafka_topic_new(client_.get(), owned.c_str(), nullptr));
    if (!made)
        return nullptr;
    return topics_.emplace(std::move(owned), std::move(made)).first->second.get();
}

error_code producer::send(std::string_view topic, const outgoing& record, delivery_listener& listener) {
    rd_kafka_topic_t* handle = topic_handle(topic);
    if (handle == nullptr)
        return outcome(rd_kafka_last_error(), RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    const auto refused = produce(*client_, *handle, record, &listener);
    if (refused != RD_KAFKA_RESP_ERR_NO_ERROR)
        return outcome(refused, RD_KAFKA_MSG_STATUS_NOT_PERSISTED);
    ++outstanding_;
    return {};
}

bool producer::serve(std::size_t& budget) {
    for (const auto& change : feed_->take())
        reach_.on_change(change);
    while (budget > 0) {
        if (reports_) {
            if (report(budget))
                continue;
            return true;
        }
        event_ptr event(rd_kafka_queue_poll(queue_.get(), 0));
        if (!event)
            return false;
        --budget;
        if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR)
            reports_ = std::move(event);
        else
            take(*event);
    }
    return true;
}

namespace {

/// What librdkafka's mock cluster answers as the time of every append; the time of the report is nearer the
/// truth.
constexpr unix_ms mock_append_time{1234};

/// What is certainly not stored is lent to its listener, who may want to send it another way.
void tell(delivery_listener& listener, const delivery& d, const rd_kafka_message_t& record) {
    if (!d.error || d.error == condition::outcome_unknown)
        return listener.on_delivery(d);
    message lent(const_cast<rd_kafka_message_t*>(&record));
    listener.on_return(d, lent);
    static_cast<void>(lent.release());
}

} // namespace

/// Tells one event's listeners, as many as the budget allows; true when all are told.
bool producer::report(std::size_t& budget) {
    while (budget > 0) {
        const rd_kafka_message_t* message = rd_kafka_event_message_next(reports_.get());
        if (message == nullptr) {
            reports_.reset();
            return true;
        }
        --budget;
        --outstanding_;
        delivery told;
        told.error = outcome_of(*message);
        told.partition = static_cast<partition_id>(message->partition);
        told.offset = static_cast<record_offset>(message->offset);
        told.timestamp = {rd_kafka_message_timestamp(message, nullptr)};
        if (told.timestamp == mock_append_time)
            told.timestamp = system_now();
        // Stored, but as an old duplicate whose place the broker has forgotten: a receipt needs one.
        if (!told.error && message->offset < 0)
            told.error = errc::outcome_unknown;
        tell(*static_cast<delivery_listener*>(message->_private), told, *message);
    }
    return false;
}

error_code producer::outcome_of(const rd_kafka_message_t& record) const {
    if (record.err == RD_KAFKA_RESP_ERR_NO_ERROR)
        return {};
    const std::chrono::microseconds age{std::max<std::int64_t>(0, rd_kafka_message_latency(&record))};
    return outcome(record.err, rd_kafka_message_status(&record),
                   leaders_.changed_since(steady_clock::now() - age));
}

void producer::take(rd_kafka_event_t& event) {
    switch (rd_kafka_event_type(&event)) {
    case RD_KAFKA_EVENT_ERROR:
        if (rd_kafka_event_error(&event) == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
            reach_.on_all_down();
            break;
        }
        // The event carries the cause; ERR__FATAL itself is never seen.
        if (rd_kafka_event_error_is_fatal(&event) != 0)
            failed_ = true;
        last_error_ = rd_kafka_event_error_string(&event);
        break;
    case RD_KAFKA_EVENT_STATS: {
        partition_leaders leaders;
        statistics_ = read_statistics(rd_kafka_event_stats(&event), &leaders);
        leaders_.see(leaders, steady_clock::now());
        ++statistics_read_;
        break;
    }
    default:
        break;
    }
}

void producer::on_tick(steady_time now) {
    reach_.on_tick(now);
}

void producer::purge(bool sent_too) noexcept {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_NON_BLOCKING | RD_KAFKA_PURGE_F_QUEUE |
                                      (sent_too ? RD_KAFKA_PURGE_F_INFLIGHT : 0));
}

void producer::inject_fatal_error() {
    rd_kafka_test_fatal_error(client_.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                              "injected by a test");
}

} // namespace millrace::kafka
