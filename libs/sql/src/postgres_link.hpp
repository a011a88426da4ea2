// A connection to a PostgreSQL server on a loop: libpq without a call that blocks. Not part of the interface.
#pragma once

#include "millrace/core/clock.hpp"
#include "millrace/core/error.hpp"
#include "postgres_columns.hpp"
#include "postgres_target.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <libpq-fe.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace millrace::sql {

/// What the server said to a statement, or to several that were sent as one.
struct postgres_reply {
    bool lost = false;                ///< the connection is gone: what became of it is not known
    std::string sqlstate;             ///< of the first error; empty: none, or none that the server said
    std::string message;              ///< as libpq has it: it may hold what has to be masked
    std::optional<std::string> value; ///< first field of the last row set
    std::uint64_t affected = 0;       ///< rows, by the last statement

    bool ok() const noexcept { return !lost && sqlstate.empty(); }
};

/// Lives on the loop. One statement at a time. Nothing is called back after its destruction or `close`; what
/// is called back may do either.
class postgres_link {
  public:
    using opened = std::function<void(std::optional<std::string> problem)>;
    using replied = std::function<void(const postgres_reply&)>;
    using lost = std::function<void(const std::string& message)>;

    /// `on_lost` is called when the connection ends while nothing is under way.
    postgres_link(boost::asio::io_context& loop, lost on_lost);
    ~postgres_link();
    postgres_link(const postgres_link&) = delete;
    postgres_link& operator=(const postgres_link&) = delete;

    /// No parameter names a host that has to be resolved.
    void open(const postgres_parameters& parameters, milliseconds deadline, opened done);

    /// After the deadline the connection is given up, and the statement with it.
    void ask(const std::string& sql, milliseconds deadline, replied done);
    void ask(const std::string& sql, const postgres_columns& parameters, milliseconds deadline, replied done);

    void close() noexcept;

  private:
    enum class phase : std::uint8_t { closed, connecting, idle, asking };

    struct finish {
        void operator()(PGconn* c) const noexcept { PQfinish(c); }
    };

    void watch_socket();
    void wait(bool read, bool write);
    void advance();
    void connect_on();
    void take_results();
    void collect(PGresult& r);
    void begin_asking(bool sent, milliseconds deadline, replied done);
    void end(const std::string& why);
    void arm(milliseconds deadline, std::string why);

    boost::asio::io_context& loop_;
    lost on_lost_;
    boost::asio::steady_timer deadline_;
    std::unique_ptr<PGconn, finish> connection_;
    std::optional<boost::asio::posix::stream_descriptor>
        socket_; ///< a duplicate: libpq closes its own as it likes
    phase phase_ = phase::closed;
    std::uint64_t epoch_ = 0; ///< of socket_: what was waited for on an earlier one is void
    bool reading_ = false;    ///< is being waited for
    bool writing_ = false;
    opened opened_;
    replied replied_;
    postgres_reply reply_;
    std::shared_ptr<postgres_link*> self_; ///< how handlers on their way learn that this is gone
};

} // namespace millrace::sql
