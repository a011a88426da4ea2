#include "postgres_store.hpp"

#include "millrace/runtime/log.hpp"

#include <algorithm>
#include <cassert>
#include <stdexcept>
#include <utility>

namespace millrace::sql {
namespace {

using runtime::level;

postgres_target parse(const std::string& url) {
    auto target = postgres_target::parse(url);
    if (!target)
        throw std::runtime_error("handlers.postgres.url cannot be read: it has to be like "
                                 "postgresql://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full, special "
                                 "characters in its parts as %XX");
    return std::move(*target);
}

} // namespace

postgres_store::postgres_store(boost::asio::io_context& loop, postgres_options options,
                               std::function<void()> on_free)
    : options_(std::move(options)),
      target_(parse(options_.url)),
      on_free_(std::move(on_free)),
      self_(std::make_shared<postgres_store*>(this)) {
    for (std::size_t i = 0; i < options_.connections; ++i) {
        members_.push_back(std::make_unique<member>(loop, *this));
        open_after(*members_.back(), milliseconds{0}); // on the loop, when it runs
    }
}

postgres_store::~postgres_store() {
    *self_ = nullptr;
}

void postgres_store::open_after(member& m, milliseconds pause) {
    m.pause.expires_after(pause);
    m.pause.async_wait([self = self_, &c = m.connection](const error_code& cancelled) {
        if (!cancelled && *self != nullptr)
            c.open();
    });
}

postgres_store::member& postgres_store::member_of(const postgres_connection& c) {
    return **std::ranges::find(members_, &c, [](const auto& m) { return &m->connection; });
}

std::size_t postgres_store::free() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [](const auto& m) { return m->connection.free(); }));
}

std::size_t postgres_store::connected() const {
    return static_cast<std::size_t>(
        std::ranges::count_if(members_, [](const auto& m) { return m->connection.connected(); }));
}

void postgres_store::write(std::vector<const row*> rows, written done) {
    const auto found = std::ranges::find_if(members_, [](const auto& m) { return m->connection.free(); });
    assert(found != members_.end() && !rows.empty());
    (*found)->connection.write(rows, std::move(done));
}

void postgres_store::on_ready(postgres_connection& c) {
    member& m = member_of(c);
    if (std::exchange(m.failures, 0) > 0) { // and not just done with a batch
        runtime::log(level::info, "Connected to PostgreSQL", {{"connections", connected()}});
        last_error_.clear();
        said_.clear();
    }
    on_free_();
}

void postgres_store::on_ended(postgres_connection& c, const std::string& message) {
    member& m = member_of(c);
    last_error_ = message;
    if (said_ != message)
        runtime::log(level::error, "No connection to PostgreSQL: events wait, and it is tried again",
                     {{"error", message}});
    said_ = message;
    open_after(m, options_.backoff(++m.failures));
}

store_state postgres_store::state() const {
    const std::size_t n = connected();
    if (n > 0)
        return {"connected", n, {}};
    return {last_error_.empty() ? "connecting" : "disconnected", 0, last_error_};
}

std::unique_ptr<store> open_postgres(boost::asio::io_context& loop, postgres_options options,
                                     std::function<void()> on_free) {
    return std::make_unique<postgres_store>(loop, std::move(options), std::move(on_free));
}

} // namespace millrace::sql
