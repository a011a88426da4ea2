// One connection of the pool: its name is resolved, it is opened, the table is made or found, and then it
// takes batches. Not part of the interface.
#pragma once

#include "millrace/sql/store.hpp"
#include "postgres_link.hpp"
#include "postgres_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millrace::sql {

/// Lives on the loop. When it ends, or cannot be made, it says so once and is to be opened again.
class postgres_connection {
  public:
    class owner {
      public:
        virtual void on_ready(postgres_connection& c) = 0;
        /// `message` is masked. A batch that was under way has been answered before.
        virtual void on_ended(postgres_connection& c, const std::string& message) = 0;

      protected:
        ~owner() = default;
    };

    /// All outlive it.
    postgres_connection(boost::asio::io_context& loop, const postgres_options& options,
                        const postgres_target& target, owner& of);
    ~postgres_connection();
    postgres_connection(const postgres_connection&) = delete;
    postgres_connection& operator=(const postgres_connection&) = delete;

    void open();
    bool connected() const noexcept { return state_ == state::ready || state_ == state::writing; }
    bool free() const noexcept { return state_ == state::ready; }

    /// Only while `free()`.
    void write(const std::vector<const row*>& rows, store::written done);

  private:
    enum class state : std::uint8_t { closed, resolving, opening, ready, writing };
    using resolver = boost::asio::ip::tcp::resolver;

    // From closed to ready, in this order.
    void resolve(std::vector<std::string> names);
    void on_resolved(const std::string& name, const error_code& error, const resolver::results_type& results);
    void connect();
    void set_session();
    void find_table();
    void begin_migration();
    void migrate(int from);
    void accept_version(const postgres_reply& found, bool under_lock);
    void become_ready();

    void ask(const std::string& sql, void (postgres_connection::*then)(const postgres_reply&));
    void on_session(const postgres_reply& r);
    void on_table(const postgres_reply& r) { accept_version(r, false); }
    void on_locked_table(const postgres_reply& r);
    void on_locked_version(const postgres_reply& r) { accept_version(r, true); }
    void on_migrated(const postgres_reply& r);

    void on_written(const postgres_reply& r);
    void fail(const std::string& sqlstate, const std::string& message);
    void end(const std::string& message);

    const postgres_options& options_;
    const postgres_target& target_;
    owner& owner_;
    state state_ = state::closed;
    resolver resolver_;
    boost::asio::steady_timer deadline_; ///< of resolving
    std::uint64_t lookups_ = 0;          ///< begun so far: what an earlier one says late is nobody's answer
    std::vector<std::string> unresolved_;
    std::map<std::string, std::vector<std::string>> addresses_;
    std::string resolve_error_;
    std::size_t rows_ = 0; ///< of the batch under way
    store::written written_;
    std::shared_ptr<postgres_connection*> self_; ///< how handlers on their way learn that this is gone
    postgres_link link_;                         ///< last: it calls all of the above
};

} // namespace millrace::sql
