// The pool of connections. Not part of the interface.
#pragma once

#include "millrace/sql/store.hpp"
#include "postgres_connection.hpp"
#include "postgres_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <string>
#include <vector>

namespace millrace::sql {

/// Each connection is made, and made again after a pause, by itself.
class postgres_store final : public store, postgres_connection::owner {
  public:
    postgres_store(boost::asio::io_context& loop, postgres_options options, std::function<void()> on_free);
    ~postgres_store() override;

    std::size_t free() const override;
    void write(std::vector<const row*> rows, written done) override;
    store_state state() const override;

  private:
    struct member {
        member(boost::asio::io_context& loop, postgres_store& of)
            : pause(loop), connection(loop, of.options_, of.target_, of) {}

        std::uint64_t failures = 0; ///< to connect, in a row
        boost::asio::steady_timer pause;
        postgres_connection connection;
    };

    void on_ready(postgres_connection& c) override;
    void on_ended(postgres_connection& c, const std::string& message) override;
    void open_after(member& m, milliseconds pause);
    member& member_of(const postgres_connection& c);
    std::size_t connected() const;

    postgres_options options_;
    postgres_target target_;
    std::function<void()> on_free_;
    std::string last_error_;
    std::string said_;                      ///< of the errors, the last that the log was told
    std::shared_ptr<postgres_store*> self_; ///< how timers' handlers on their way learn that this is gone
    std::vector<std::unique_ptr<member>> members_;
};

} // namespace millrace::sql
