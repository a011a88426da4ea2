// The floor: what an HTTP request that ends as one acknowledged record costs at the least with Beast, Asio
// and librdkafka. No routes, no validation, no headers in the record but where asked for, one thread.
#pragma once

#include "lane_chooser.hpp" // of libs/kafka: the one part that is not the floor's own
#include "producer.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>

namespace millrace::bench {

namespace asio = boost::asio;
using executor = asio::io_context::executor_type; // any_io_executor would cost 1.5 us an event
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;

class connection;

struct floor_options {
    std::uint16_t port = 0;
    producer_options producer; ///< of the batching lane, the only one without `chooser`
    bool receipts = false;     ///< answers are as long as the product's
    std::optional<kafka::lane_chooser>
        chooser; ///< with it a second producer, linger 0, takes what the rule says
};

class floor_server {
  public:
    floor_server(asio::io_context& loop, const floor_options& options);
    ~floor_server();
    floor_server(const floor_server&) = delete;
    floor_server& operator=(const floor_server&) = delete;

    /// Accepts nothing more, answers what is in flight, and lets the loop run out of work.
    void stop();

    bool send(std::string_view event, delivery_slot& slot) noexcept;
    void remove(std::list<connection>::iterator gone);
    std::uint32_t now_seconds() const noexcept { return now_seconds_; } ///< coarse: counted by the sweep
    std::uint64_t stored() const noexcept { return stored_; }
    void count_stored() noexcept { ++stored_; }
    bool receipts() const noexcept { return receipts_; }

  private:
    void accept();
    void wait_for_reports();
    void sweep();

    asio::io_context& loop_;
    asio::basic_socket_acceptor<asio::ip::tcp, executor> acceptor_;
    asio::posix::basic_stream_descriptor<executor> eventfd_;
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                               executor>
        timer_;
    producer batching_;
    std::unique_ptr<producer> prompt_;
    std::optional<kafka::lane_chooser> chooser_;
    std::list<connection> connections_;
    std::uint64_t event_count_ = 0; ///< what was read from the eventfd; of no interest
    std::size_t in_flight_ = 0;
    std::uint64_t stored_ = 0;
    std::uint32_t now_seconds_ = 0;
    bool receipts_ = false;
    bool accepting_ = false;
    bool stopping_ = false;
};

} // namespace millrace::bench
