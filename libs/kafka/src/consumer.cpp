// The member of a group: serves librdkafka's events and messages in turns of the loop.
#include "millrace/kafka/consumer.hpp"

#include "client_conf.hpp"
#include "consumer_conf.hpp"
#include "consumer_inbox.hpp"
#include "consumer_partitions.hpp"
#include "event_queue.hpp"
#include "librdkafka_error.hpp"
#include "rebalance.hpp"
#include "statistics.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <stdexcept>
#include <utility>

namespace millrace::kafka {
namespace {

/// librdkafka evicts a member that does not poll for max.poll.interval.ms, and an idle topic wakes nobody.
constexpr milliseconds poll_interval{500};

/// What librdkafka gets at the close's deadline to send its LeaveGroup.
constexpr milliseconds leave_grace{250};

/// Without closing the consumer once more, which would block.
void destroy_client(rd_kafka_t* client) {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}
using consumer_ptr = std::unique_ptr<rd_kafka_t, destroy_with<destroy_client>>;

consumer_ptr make_consumer(const consumer_config& config, const std::string& assignor) {
    consumer_ptr client(make_client(make_consumer_conf(config, assignor), client_role::consumer).release());
    rd_kafka_poll_set_consumer(client.get());
    return client;
}

} // namespace

struct consumer::impl {
    impl(boost::asio::io_context& on, consumer_config c, consumer_listener& l)
        : loop(on),
          listener(l),
          config(std::move(c)),
          assignor(config.assignor.empty() ? sound_assignor(rd_kafka_version()) : config.assignor),
          client(make_consumer(config, assignor)),
          events(rd_kafka_queue_get_consumer(client.get())),
          messages(*client),
          group(loop, *client, messages, listener, assignor == "cooperative-sticky"),
          wakeups(loop, [this] { return serve(); }),
          poll_timer(loop),
          close_timer(loop) {
        state.protocol = assignor;
    }

    ~impl() {
        *self = nullptr;
        stop_serving();
    }

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

void consumer::impl::start() {
    const partition_list_ptr topics(
        rd_kafka_topic_partition_list_new(static_cast<int>(config.topics.size())));
    for (const auto& topic : config.topics)
        rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    const auto error = rd_kafka_subscribe(client.get(), topics.get());
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw std::runtime_error(std::string("subscribe: ") + rd_kafka_err2str(error));
    serving = true;
    wakeups.add(events.get());
    wakeups.add(messages.queue());
    poll_later();
}

void consumer::impl::poll_later() {
    poll_timer.expires_after(std::min(poll_interval, config.max_poll_interval / 4));
    poll_timer.async_wait([alive = self](const error_code& error) {
        if (error || *alive == nullptr || !(*alive)->serving)
            return;
        auto& i = **alive;
        if (i.serve())
            i.wakeups.wake();
        if (!i.serving)
            return;
        i.group.tick();
        i.poll_later();
    });
}

/// The group's events first, all of them: after a revocation no message of the partition may be told.
bool consumer::impl::serve() {
    while (serving) {
        const event_ptr event(rd_kafka_queue_poll(events.get(), 0));
        if (!event)
            break;
        serve_event(*event);
    }
    if (state.rebalances != group.count())
        refresh_state();
    if (closing && serving && rd_kafka_consumer_closed(client.get()) != 0)
        closed();
    return serving && deliver();
}

void consumer::impl::serve_event(rd_kafka_event_t& event) {
    switch (rd_kafka_event_type(&event)) {
    case RD_KAFKA_EVENT_REBALANCE:
        on_rebalance(event);
        break;
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
        on_commit_answer(event);
        break;
    case RD_KAFKA_EVENT_STATS:
        on_statistics(rd_kafka_event_stats(&event));
        break;
    case RD_KAFKA_EVENT_ERROR:
        on_error(event);
        break;
    default:
        break;
    }
}

void consumer::impl::on_rebalance(rd_kafka_event_t& event) {
    join_state.clear(); // what the last statistics said is history
    group.on_rebalance(event);
    refresh_state();
}

void consumer::impl::refresh_state() {
    if (state.rebalances != group.count()) {
        state.rebalances = group.count();
        state.last_rebalance = system_now();
        // Asks librdkafka's main thread, which has just answered the assignment.
        const std::unique_ptr<char, destroy_with<std::free>> id(rd_kafka_memberid(client.get()));
        state.member_id = id ? id.get() : "";
        join_state = "steady";
    }
    state.join_state = join_state;
    state.joined = group.settled() && join_state == "steady";
}

void consumer::impl::on_statistics(const char* json) {
    auto found = read_statistics(json);
    state.brokers_up = found.brokers_up;
    state.brokers_known = found.brokers_known;
    join_state = std::move(found.join_state);
    refresh_state();
}

void consumer::impl::on_error(rd_kafka_event_t& event) {
    const auto error = rd_kafka_event_error(&event);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN)
        state.brokers_up = 0;
    const std::string text = rd_kafka_event_error_string(&event);
    if (rd_kafka_event_error_is_fatal(&event) != 0)
        listener.on_error(to_error_code(RD_KAFKA_RESP_ERR__FATAL),
                          std::string(rd_kafka_err2name(error)) + ": " + text);
    else
        listener.on_error(to_error_code(error), text);
}

/// At most a batch in one turn of the loop. True: there may be more.
bool consumer::impl::deliver() {
    for (std::size_t n = 0; n < inbox::batch; ++n) {
        if (held || !serving)
            return false;
        auto* const m = messages.next();
        if (m == nullptr)
            return false;
        if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) [[likely]]
            listener.on_message(message(m));
        else
            deliver(*m);
    }
    return true;
}

/// Something about a partition that comes in order with its records.
void consumer::impl::deliver(rd_kafka_message_t& m) {
    const message_ptr owner(&m);
    if (m.err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        listener.on_end({rd_kafka_topic_name(m.rkt), partition_id{m.partition}}, record_offset{m.offset});
    else
        listener.on_error(to_error_code(m.err), rd_kafka_message_errstr(&m));
}

void consumer::impl::commit(std::span<const commit_entry> entries) {
    const partition_list_ptr list(rd_kafka_topic_partition_list_new(static_cast<int>(entries.size())));
    for (const auto& e : entries) {
        auto* const element = rd_kafka_topic_partition_list_add(list.get(), e.partition.topic.c_str(),
                                                                value(e.partition.partition));
        element->offset = value(e.offset);
        if (e.metadata.empty())
            continue;
        element->metadata = std::malloc(e.metadata.size()); // librdkafka frees it
        if (element->metadata == nullptr)
            throw std::bad_alloc();
        element->metadata_size = e.metadata.size();
        std::ranges::copy(e.metadata, static_cast<char*>(element->metadata));
    }
    const auto error = serving
                           ? rd_kafka_commit_queue(client.get(), list.get(), events.get(), nullptr, nullptr)
                           : RD_KAFKA_RESP_ERR__DESTROY;
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) {
        group.commit_sent();
        return;
    }
    later([error, failed = std::vector(entries.begin(), entries.end())](impl& i) {
        i.listener.on_committed(failed, to_error_code(error));
    });
}

/// Each partition has an answer of its own: told together where they are the same.
void consumer::impl::on_commit_answer(rd_kafka_event_t& event) {
    std::map<rd_kafka_resp_err_t, std::vector<commit_entry>> answers;
    for (const auto& e : elements(rd_kafka_event_topic_partition_list(&event))) {
        const auto error = e.err != RD_KAFKA_RESP_ERR_NO_ERROR ? e.err : rd_kafka_event_error(&event);
        answers[error].push_back({to_partition(e),
                                  record_offset{e.offset},
                                  {static_cast<const char*>(e.metadata), e.metadata_size}});
    }
    for (const auto& [error, entries] : answers)
        listener.on_committed(entries,
                              error == RD_KAFKA_RESP_ERR_NO_ERROR ? error_code() : to_error_code(error));
    group.commit_answered();
}

void consumer::impl::close(milliseconds deadline, std::function<void()> then) {
    if (std::exchange(closing, true))
        return;
    done = std::move(then);
    if (!serving) { // never started
        closed();
        return;
    }
    rd_kafka_error_t* const error = rd_kafka_consumer_close_queue(client.get(), events.get());
    if (error != nullptr) { // after a fatal error there is no group to leave
        rd_kafka_error_destroy(error);
        closed();
        return;
    }
    close_timer.expires_after(deadline);
    close_timer.async_wait([alive = self](const error_code& e) {
        if (!e && *alive != nullptr)
            (*alive)->on_close_deadline();
    });
    wakeups.wake();
}

void consumer::impl::on_close_deadline() {
    if (!serving)
        return;
    group.abandon();
    close_timer.expires_after(leave_grace);
    close_timer.async_wait([alive = self](const error_code& e) {
        if (!e && *alive != nullptr && (*alive)->serving)
            (*alive)->closed();
    });
}

void consumer::impl::closed() {
    stop_serving();
    state.joined = false;
    later([](impl& i) {
        if (auto then = std::exchange(i.done, nullptr))
            then(); // may destroy this
    });
}

void consumer::impl::stop_serving() {
    if (!std::exchange(serving, false))
        return;
    wakeups.remove(events.get());
    wakeups.remove(messages.queue());
    poll_timer.cancel();
    close_timer.cancel();
    messages.clear();
}

consumer::consumer(boost::asio::io_context& loop, consumer_config config, consumer_listener& listener)
    : impl_(std::make_unique<impl>(loop, std::move(config), listener)) {}

consumer::~consumer() = default;

void consumer::start() {
    impl_->start();
}

void consumer::pause(std::span<const topic_partition> partitions) {
    impl_->group.pause(partitions);
}

void consumer::resume(std::span<const topic_partition> partitions) {
    impl_->group.resume(partitions);
    impl_->wakeups.wake();
}

void consumer::hold(bool on) {
    if (std::exchange(impl_->held, on) && !on)
        impl_->wakeups.wake();
}

void consumer::commit(std::span<const commit_entry> entries) {
    if (!entries.empty())
        impl_->commit(entries);
}

void consumer::release(std::span<const topic_partition> partitions) {
    impl_->group.release(partitions);
}

std::optional<record_offset> consumer::end_offset(const topic_partition& of) const {
    std::int64_t low = RD_KAFKA_OFFSET_INVALID;
    std::int64_t high = RD_KAFKA_OFFSET_INVALID;
    const auto error = rd_kafka_get_watermark_offsets(impl_->client.get(), of.topic.c_str(),
                                                      value(of.partition), &low, &high);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high < 0)
        return std::nullopt;
    return record_offset{high};
}

const consumer_state& consumer::state() const noexcept {
    return impl_->state;
}

void consumer::close(milliseconds deadline, std::function<void()> done) {
    impl_->close(deadline, std::move(done));
}

} // namespace millrace::kafka
