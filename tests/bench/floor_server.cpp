// Accepting, the eventfd that both producers write to, and one sweep for the timeouts of all connections.
#include "floor_server.hpp"

#include "floor_connection.hpp"

#include <boost/asio/buffer.hpp>

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace millrace::bench {
namespace {

using boost::system::error_code;

constexpr std::uint32_t idle_limit_seconds = 60;

int open_eventfd() {
    const int fd = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
    return fd;
}

/// With linger 0 librdkafka would scatter events without key over all partitions, a request each.
producer_options prompt_options(producer_options options) {
    options.linger_ms = "0";
    options.sticky_ms = "10";
    return options;
}

} // namespace

floor_server::floor_server(asio::io_context& loop, const floor_options& options)
    : loop_(loop),
      acceptor_(loop, {asio::ip::address_v4::loopback(), options.port}),
      eventfd_(loop, open_eventfd()),
      timer_(loop),
      batching_(options.producer, eventfd_.native_handle()),
      chooser_(options.chooser),
      receipts_(options.receipts) {
    if (chooser_)
        prompt_ = std::make_unique<producer>(prompt_options(options.producer), eventfd_.native_handle());
    wait_for_reports();
    sweep();
}

floor_server::~floor_server() = default;

void floor_server::accept() {
    accepting_ = true;
    acceptor_.async_accept([this](const error_code& error, tcp_socket socket) {
        accepting_ = false;
        if (stopping_)
            return;
        if (error) // out of descriptors: the sweep tries again
            return;
        error_code ignored; // an answer is one write: Nagle makes no difference to it
        socket.set_option(asio::ip::tcp::no_delay(true), ignored);
        const auto added = connections_.emplace(connections_.end(), *this, std::move(socket));
        added->start(added);
        accept();
    });
}

bool floor_server::send(std::string_view event, delivery_slot& slot) noexcept {
    const auto now = steady_clock::now();
    const bool prompt = chooser_ && chooser_->choose(1, in_flight_, now) == kafka::lane::prompt;
    producer& taker = prompt ? *prompt_ : batching_;
    if (!taker.send(event, slot))
        return false;
    ++in_flight_;
    return true;
}

void floor_server::wait_for_reports() {
    eventfd_.async_read_some(asio::buffer(&event_count_, sizeof event_count_),
                             [this](const error_code& error, std::size_t) {
                                 if (error)
                                     return;
                                 if (prompt_)
                                     in_flight_ -= prompt_->serve();
                                 in_flight_ -= batching_.serve();
                                 wait_for_reports();
                             });
}

void floor_server::sweep() {
    if (!accepting_)
        accept();
    for (auto& client : connections_)
        client.close_if_idle(idle_limit_seconds);
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](const error_code& error) {
        if (error)
            return;
        ++now_seconds_;
        sweep();
    });
}

void floor_server::remove(std::list<connection>::iterator gone) {
    connections_.erase(gone);
    if (stopping_ && connections_.empty())
        eventfd_.close();
}

void floor_server::stop() {
    stopping_ = true;
    acceptor_.close();
    timer_.cancel();
    for (auto& client : connections_)
        client.close();
    if (connections_.empty())
        eventfd_.close();
}

} // namespace millrace::bench
