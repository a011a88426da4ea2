// Server-sent events (the HTML standard, section 9.2) for any number of clients up to a bound.
#pragma once

#include "millrace/http/request.hpp"
#include "millrace/http/stream.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace millrace::http {

/// Lives on the loop, and outlives the server whose exchanges it gets, or is closed before it goes. What is
/// published is put into words once for all who follow.
class event_feed final : stream_owner {
  public:
    explicit event_feed(std::size_t max_streams) : max_streams_(max_streams) {}
    ~event_feed();
    event_feed(const event_feed&) = delete;
    event_feed& operator=(const event_feed&) = delete;

    /// Answers with the event that was published last, where there is one, and with all that follow; 503
    /// `overloaded` where `max_streams` clients follow already or the feed is closed; to HEAD the headers
    /// alone.
    void receive(exchange& e);

    /// `data` may have lines. Clients are told to come back after 2 s where they lose the connection.
    void publish(std::string_view name, std::string_view data);

    std::size_t followers() const noexcept { return streams_.size(); }

    /// Ends all streams; nobody may follow from now on.
    void close();

  private:
    void on_gone(answer_stream& s) noexcept override;

    std::size_t max_streams_;
    std::vector<answer_stream*> streams_;
    stream_piece_ptr last_;
    bool closed_ = false;
};

} // namespace millrace::http
