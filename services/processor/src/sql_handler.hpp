// The handlers `sqlite` and `postgres`: one row an event, in batches. docs/handlers.md
#pragma once

#include "millrace/core/random.hpp"
#include "millrace/processor/handler.hpp"
#include "millrace/processor/retry_policy.hpp"
#include "millrace/sql/batcher.hpp"
#include "millrace/sql/store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace millrace::processor {

/// The event as a row, with copies of all that it points to.
sql::row to_row(const delivery& d);

/// What waits for a database that is away. There are always more attempts: nothing is wrong with the events.
inline constexpr retry_policy database_backoff{UINT64_MAX, milliseconds{100}, milliseconds{5'000}};

/// An event is completed when the batch that it is in is committed, and not before. While the database is
/// away or busy, events wait here, as many as `processor.concurrency`, and no attempts are used up; when a
/// row is at fault, it is found, and its event alone fails.
class sql_handler final : public handler {
  public:
    using open_store = std::function<std::unique_ptr<sql::store>(std::function<void()> on_free)>;

    /// Throws what `open` does.
    sql_handler(boost::asio::io_context& loop, std::string_view name, const sql::batcher::limits& limits,
                const open_store& open);
    ~sql_handler() override;

    std::string_view name() const noexcept override { return name_; }
    void handle(const delivery& d, completion c) override;
    std::string status_json() const override;
    void write_metrics(runtime::exposition& to) const override;

  private:
    using ticket = sql::batcher::ticket;
    using batch = sql::batcher::batch;

    struct waiting {
        sql::row row;
        std::optional<completion> promise; ///< none: the place is free
    };
    struct problem {
        std::string error_class;
        std::string message;
        unix_ms at;
    };

    ticket keep(sql::row row, completion c);
    completion release(ticket t);
    void pump_soon();
    void pump();
    void write(batch b);
    void on_written(batch b, const sql::outcome& o);
    void conclude(const batch& b);
    void wait_for_database(batch b, const sql::outcome& o);
    void find_culprit(batch b, const sql::outcome& o);
    void give_up(ticket t, const sql::outcome& o);

    boost::asio::io_context& loop_;
    std::string name_;
    boost::asio::steady_timer linger_;
    fast_random random_;
    sql::batcher batcher_;
    std::deque<waiting> places_; ///< by ticket: rows stay where they are
    std::vector<ticket> free_;
    bool pump_posted_ = false;

    std::uint64_t failures_ = 0; ///< of the database, in a row
    std::uint64_t batches_ = 0;
    std::uint64_t failed_batches_ = 0;
    std::uint64_t added_ = 0;
    std::uint64_t known_ = 0;
    std::uint64_t refused_ = 0;
    std::size_t last_batch_events_ = 0;
    std::optional<problem> last_problem_;

    std::shared_ptr<sql_handler*> self_; ///< how handlers on their way learn that this is gone
    std::unique_ptr<sql::store> store_;  ///< last: it reads the rows, and calls all of the above
};

} // namespace millrace::processor
