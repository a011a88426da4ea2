// One client of the floor: read, parse, send, wait for the report, answer; one of these at a time, so exactly
// one operation is outstanding, and its end is the only place where a connection is removed.
#pragma once

#include "floor_server.hpp"
#include "request_parser.hpp"

#include <array>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace millrace::bench {

class connection final : public delivery_slot {
  public:
    connection(floor_server& server, tcp_socket socket);

    /// `self` is where the server keeps this connection.
    void start(std::list<connection>::iterator self);

    /// Ends at once, or after the answer to the event in flight.
    void close() noexcept;
    void close_if_idle(std::uint32_t limit_seconds) noexcept;

    void on_delivery(bool stored) noexcept override;

  private:
    void read();
    void parse();
    void publish();
    void answer(std::string_view bytes, bool keep);
    void end();

    floor_server& server_;
    tcp_socket socket_;
    std::list<connection>::iterator self_;
    std::string body_;
    std::optional<request_parser> parser_;
    std::array<char, 8192> buffer_; // filled before it is read
    std::size_t filled_ = 0;
    std::uint32_t active_at_ = 0;
    bool in_flight_ = false;
    bool closing_ = false;
};

} // namespace millrace::bench
