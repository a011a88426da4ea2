// The member of a group serves librdkafka's events and messages in turns of the loop.
#include "consumer_impl.hpp"
#include "consumer_partitions.hpp"
#include "librdkafka_error.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <utility>

namespace millrace::kafka {
namespace {

/// librdkafka evicts a member that does not poll for max.poll.interval.ms, and an idle topic wakes nobody.
constexpr milliseconds poll_interval{500};

} // namespace

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
    state.received_bytes = found.received_bytes;
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
        if (messages.caught_up()) [[unlikely]]
            group.fetch_again(messages.take_caught_up());
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

} // namespace millrace::kafka
