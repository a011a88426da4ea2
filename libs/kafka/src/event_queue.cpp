// An eventfd is read in full at each wake-up, then the server runs; when it stops early it is posted again.
#include "event_queue.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace millrace::kafka {
namespace {

int open_eventfd() {
    const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
    return fd;
}

/// An eventfd takes writes of eight bytes only; a shorter payload would never wake anybody.
constexpr std::uint64_t one = 1;

} // namespace

event_queue::event_queue(boost::asio::io_context& loop, server serve)
    : loop_(loop),
      eventfd_(loop, open_eventfd()),
      serve_(std::move(serve)),
      self_(std::make_shared<event_queue*>(this)) {
    wait();
}

event_queue::~event_queue() {
    *self_ = nullptr;
}

void event_queue::add(rd_kafka_queue_t* queue) {
    rd_kafka_queue_io_event_enable(queue, eventfd_.native_handle(), &one, sizeof one);
    wake();
}

void event_queue::remove(rd_kafka_queue_t* queue) noexcept {
    rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
}

void event_queue::wake() {
    if (std::exchange(posted_, true))
        return;
    boost::asio::post(loop_, [self = self_] {
        if (*self == nullptr)
            return;
        (*self)->posted_ = false;
        (*self)->serve();
    });
}

void event_queue::wake_from_anywhere() noexcept {
    // It fails only where 2^64 wake-ups wait.
    static_cast<void>(::eventfd_write(eventfd_.native_handle(), one));
}

void event_queue::wait() {
    eventfd_.async_read_some(boost::asio::buffer(&count_, sizeof count_),
                             [self = self_](const boost::system::error_code& error, std::size_t) {
                                 if (*self == nullptr || error)
                                     return;
                                 (*self)->serve();
                                 if (*self != nullptr)
                                     (*self)->wait();
                             });
}

void event_queue::serve() {
    const auto self = self_;
    if (serve_() && *self != nullptr)
        wake();
}

} // namespace millrace::kafka
