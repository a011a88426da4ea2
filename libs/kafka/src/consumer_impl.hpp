// A member of a group from the inside: what its public face and its serving of events share.
#pragma once

#include "consumer_conf.hpp"
#include "consumer_inbox.hpp"
#include "event_queue.hpp"
#include "handles.hpp"
#include "millrace/kafka/consumer.hpp"
#include "rebalance.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace millrace::kafka {

/// Lives on the consumer's loop. Nothing of it is called from librdkafka's threads.
struct consumer::impl {
    impl(boost::asio::io_context& on, consumer_config c, consumer_listener& l);
    ~impl();
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    void start();
    void poll_later();
    bool serve();
    void serve_event(rd_kafka_event_t& event);
    void on_commit_answer(rd_kafka_event_t& event);
    void on_error(rd_kafka_event_t& event);
    void on_statistics(const char* json);
    void on_rebalance(rd_kafka_event_t& event);
    bool deliver();
    void deliver(rd_kafka_message_t& m);
    void commit(std::span<const commit_entry> entries);
    void close(milliseconds deadline, std::function<void()> then);
    void on_close_deadline();
    void closed();
    void stop_serving();
    void refresh_state();

    /// Runs f(*this) on the loop, later, unless this is gone by then.
    template <class F>
    void later(F f) {
        boost::asio::post(loop, [alive = self, f = std::move(f)] {
            if (*alive != nullptr)
                f(**alive);
        });
    }

    boost::asio::io_context& loop;
    consumer_listener& listener;
    consumer_config config;
    std::string assignor;
    consumer_ptr client;
    queue_ptr events; ///< of the group: rebalances, answers to commits, errors, statistics
    inbox messages;
    rebalance group;
    event_queue wakeups;
    boost::asio::steady_timer poll_timer;
    boost::asio::steady_timer close_timer;
    std::shared_ptr<impl*> self =
        std::make_shared<impl*>(this); ///< how handlers on their way learn that it is gone
    consumer_state state;
    std::string join_state;
    bool serving = false;
    bool held = false;
    bool closing = false;
    std::function<void()> done;
};

} // namespace millrace::kafka
