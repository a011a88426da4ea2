// The member of a group as its owner sees it: joining, committing, pausing, leaving.
#include "consumer_impl.hpp"

#include "librdkafka_error.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <utility>

namespace millrace::kafka {
namespace {

/// What librdkafka gets at the close's deadline to send its LeaveGroup.
constexpr milliseconds leave_grace{250};

} // namespace

consumer::impl::impl(boost::asio::io_context& on, consumer_config c, consumer_listener& l)
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

consumer::impl::~impl() {
    *self = nullptr;
    stop_serving();
}

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

void consumer::seek(const topic_partition& of, record_offset offset) {
    impl_->group.seek(of, offset);
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
