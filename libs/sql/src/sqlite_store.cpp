#include "sqlite_store.hpp"

#include <boost/asio/post.hpp>

#include <cassert>
#include <exception>
#include <utility>

namespace millrace::sql {

sqlite_store::sqlite_store(boost::asio::io_context& loop, sqlite_options options,
                           std::function<void()> on_free)
    : loop_(loop),
      options_(std::move(options)),
      on_free_(std::move(on_free)),
      self_(std::make_shared<sqlite_store*>(this)) {
    { // At start, nothing is being served yet and nobody is kept waiting.
        std::stop_source never;
        sqlite_database first(options_, never.get_token());
    }
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

sqlite_store::~sqlite_store() {
    *self_ = nullptr;
    thread_.request_stop();
    thread_.join();
}

void sqlite_store::write(std::vector<const row*> rows, written done) {
    assert(!done_ && !rows.empty());
    done_ = std::move(done);
    busy_.emplace(loop_.get_executor());
    {
        const std::scoped_lock lock(mutex_);
        job_ = std::move(rows);
    }
    given_.notify_one();
}

void sqlite_store::run(const std::stop_token& stop) {
    while (true) {
        std::vector<const row*> rows;
        {
            std::unique_lock lock(mutex_);
            if (!given_.wait(lock, stop, [this] { return !job_.empty(); }))
                return;
            rows = std::exchange(job_, {});
        }
        outcome o = attempt(rows, stop);
        boost::asio::post(loop_, [self = self_, o = std::move(o), is_open = database_ != nullptr] {
            if (*self != nullptr)
                (*self)->finish(o, is_open);
        });
    }
}

// A file that went bad is opened anew with the next batch.
outcome sqlite_store::attempt(const std::vector<const row*>& rows, const std::stop_token& stop) {
    try {
        if (!database_)
            database_ = std::make_unique<sqlite_database>(options_, stop);
        outcome o = database_->write(rows);
        if (!database_->usable())
            database_.reset();
        return o;
    } catch (const std::exception& e) {
        return {verdict::later, 0, "sqlite_open", e.what(), std::nullopt};
    }
}

void sqlite_store::finish(const outcome& o, bool is_open) {
    busy_.reset();
    last_error_ = is_open ? std::string() : o.message;
    const written done = std::exchange(done_, nullptr);
    const auto self = self_;
    done(o);
    if (*self != nullptr)
        on_free_();
}

store_state sqlite_store::state() const {
    return {last_error_.empty() ? "connected" : "disconnected", last_error_.empty() ? 1U : 0U, last_error_};
}

std::unique_ptr<store> open_sqlite(boost::asio::io_context& loop, sqlite_options options,
                                   std::function<void()> on_free) {
    return std::make_unique<sqlite_store>(loop, std::move(options), std::move(on_free));
}

} // namespace millrace::sql
