// The thread that an SQLite file is written on. Not part of the interface.
#pragma once

#include "millrace/sql/store.hpp"
#include "sqlite_database.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace millrace::sql {

/// One batch at a time: SQLite has one writer, and what comes meanwhile makes the next batch.
class sqlite_store final : public store {
  public:
    sqlite_store(boost::asio::io_context& loop, sqlite_options options, std::function<void()> on_free);
    ~sqlite_store() override;

    std::size_t free() const override { return done_ ? 0 : 1; }
    void write(std::vector<const row*> rows, written done) override;
    store_state state() const override;

  private:
    using work_guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

    void run(const std::stop_token& stop); // the thread
    outcome attempt(const std::vector<const row*>& rows, const std::stop_token& stop);
    void finish(const outcome& o, bool is_open);

    boost::asio::io_context& loop_;
    sqlite_options options_;
    std::function<void()> on_free_;
    written done_; ///< of the batch under way
    std::optional<work_guard> busy_;
    std::string last_error_;
    std::shared_ptr<sqlite_store*> self_; ///< how posts on their way learn that this is gone

    std::mutex mutex_;
    std::condition_variable_any given_;
    std::vector<const row*> job_;               ///< under the mutex
    std::unique_ptr<sqlite_database> database_; ///< the thread's
    std::jthread thread_;                       ///< last: it uses all of the above
};

} // namespace millrace::sql
