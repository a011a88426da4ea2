// librdkafka's queues on a loop: an eventfd that librdkafka writes to wakes a function that serves them.
// Several queues, of several clients, may share one event_queue and so one wake-up.
#pragma once

#include "handles.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <cstdint>
#include <functional>
#include <memory>

namespace millrace::kafka {

/// Lives on one loop; its functions are to be called there, but for one. Nothing is served after its
/// destruction.
class event_queue {
  public:
    /// Takes events with rd_kafka_queue_poll(queue, 0) until there are none or enough were taken for one turn
    /// of the loop. True: there may be more, call again. librdkafka signals only an event on an *empty*
    /// queue, so to return false with events left is to lose the wake-up.
    using server = std::function<bool()>;

    event_queue(boost::asio::io_context& loop, server serve);
    ~event_queue();
    event_queue(const event_queue&) = delete;
    event_queue& operator=(const event_queue&) = delete;

    /// From now on events of the queue wake the server; it is called once for those that are there already.
    /// The queue has to be removed before it or its client is destroyed.
    void add(rd_kafka_queue_t* queue);
    void remove(rd_kafka_queue_t* queue) noexcept;

    /// Calls the server on the loop, soon, from outside the caller.
    void wake();

    /// The same, from any thread.
    void wake_from_anywhere() noexcept;

  private:
    void wait();
    void serve();

    boost::asio::io_context& loop_;
    boost::asio::posix::stream_descriptor eventfd_;
    server serve_;
    std::uint64_t count_ = 0; ///< what was read from the eventfd; of no interest
    bool posted_ = false;
    std::shared_ptr<event_queue*> self_; ///< how handlers on their way learn that this is gone
};

} // namespace millrace::kafka
