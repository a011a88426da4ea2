// One connection of a client: is made, asks, waits for the next request, ends.
#pragma once

#include "client_stream.hpp"
#include "millrace/http/client.hpp"
#include "name_lookup.hpp"
#include "response_reader.hpp"
#include "target_url.hpp"

#include <boost/asio/basic_waitable_timer.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

namespace millrace::http {

/// A request until it is answered.
struct client_exchange {
    std::shared_ptr<const std::string> octets; ///< all of it; a write under way holds it too
    client::callback then;
    steady_time deadline;
    bool retried = false; ///< on a fresh connection, after a kept one turned out to be closed
};

/// What the connections of one client share.
struct client_setup {
    client_config config;
    target_url to;
};

/// On one loop. The client has it in its table until it says that it is gone; each operation that is under
/// way holds it too, so that it outlives them, whatever becomes of the client.
class client_connection : public std::enable_shared_from_this<client_connection> {
  public:
    class owner {
      public:
        virtual ~owner() = default;
        /// The answer, or why there is none. The connection is idle afterwards, or `gone`.
        virtual void on_answer(client_connection& of, std::unique_ptr<client_exchange> to,
                               const client_answer& answer) = 0;
        /// It was closed by the other side before the request: to be sent again elsewhere.
        virtual void on_stale(client_connection& of, std::unique_ptr<client_exchange> unanswered) = 0;
        /// An idle one has ended.
        virtual void on_ended(client_connection& of) = 0;
    };

    /// All arguments outlive it, or `abandon` is called.
    client_connection(boost::asio::io_context& loop, const std::shared_ptr<const client_setup>& setup,
                      std::shared_ptr<name_lookup> names, owner& by);

    void begin(std::unique_ptr<client_exchange> first);
    void ask(std::unique_ptr<client_exchange> next); ///< of an idle one
    void abandon() noexcept;                         ///< its owner goes: it ends, and says nothing

    bool idle() const noexcept { return stage_ == stage::idle; }
    bool gone() const noexcept { return stage_ == stage::gone; }

  private:
    enum class stage { resolving, connecting, shaking_hands, asking, idle, gone };

    // Making it: client_connect.cpp.
    void on_resolved(const error_code& ec, const name_lookup::endpoints& all);
    void try_next_address();
    void on_connected(std::size_t attempt, const error_code& ec);
    void on_hands_shaken(const error_code& ec);

    void start_request();
    void read();
    void on_read(const error_code& ec, std::size_t bytes);
    void on_cut(const error_code& ec);
    void write();
    void on_written(const error_code& ec, std::size_t bytes);
    void finish();
    void fail(client_errc why, const std::string& detail);
    void arm(steady_time at);
    void on_deadline();
    void close() noexcept;

    std::shared_ptr<const client_setup> setup_;
    std::shared_ptr<name_lookup> names_;
    owner* owner_;
    boost::asio::io_context::executor_type executor_;
    boost::asio::basic_waitable_timer<steady_clock, boost::asio::wait_traits<steady_clock>,
                                      boost::asio::io_context::executor_type>
        timer_;
    std::uint64_t timers_ = 0; ///< those before the last one are void
    stage stage_ = stage::resolving;

    name_lookup::endpoints addresses_;
    std::size_t next_address_ = 0;
    std::string refusal_; ///< of the last address
    steady_time connect_deadline_;
    socket_type socket_; ///< until it is connected
    std::unique_ptr<client_stream> stream_;

    std::unique_ptr<client_exchange> exchange_;
    std::size_t written_ = 0;
    bool writing_ = false;
    bool used_ = false; ///< a request was answered on it
    response_reader reader_;
    std::array<char, 8'192> in_;
};

} // namespace millrace::http
