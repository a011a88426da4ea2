// GET /status/stream: what /status says, once a second, to all who follow.
#pragma once

#include "millrace/http/event_feed.hpp"
#include "pipeline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace millrace::processor {

/// Lives on the loop. While nobody follows nothing is made. `close` it before the HTTP server drains.
class status_stream {
  public:
    /// Both outlive it.
    status_stream(boost::asio::io_context& loop, const pipeline& events) : timer_(loop), events_(events) {}

    void receive(http::exchange& e);
    void close();

    std::size_t followers() const noexcept { return feed_.followers(); }

  private:
    static constexpr std::size_t max_followers = 64;

    void publish();
    void tick();

    boost::asio::steady_timer timer_;
    const pipeline& events_;
    http::event_feed feed_{max_followers};
    bool ticking_ = false;
};

} // namespace millrace::processor
