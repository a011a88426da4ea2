#include "sql_handler.hpp"

#include "handlers.hpp"
#include "millrace/core/error.hpp"
#include "millrace/core/text.hpp"
#include "millrace/runtime/log.hpp"

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace millrace::processor {
namespace {

using runtime::level;

/// Of PostgreSQL: the statement took longer than it may, for one.
constexpr std::string_view cancelled_class = "sqlstate_57";

template <class Settings>
sql::batcher::limits limits_of(const Settings& s, const settings::processor& p) {
    return {s.batch_max_events, s.batch_max_bytes, milliseconds{static_cast<milliseconds::rep>(s.linger_ms)},
            p.concurrency};
}

} // namespace

sql::row to_row(const delivery& d) {
    const event::event& e = *d.event;
    sql::row r;
    r.place = {std::string(d.topic), d.partition, d.offset};
    r.timestamp = d.timestamp;
    r.source = e.source;
    r.id = e.id;
    r.type = e.type;
    if (e.key)
        r.key.emplace(*e.key);
    if (!e.content_type.empty())
        r.content_type.emplace(e.content_type);
    std::string others;
    for (const event::attribute& a : e.attributes) {
        if (a.name() == "subject") {
            r.subject.emplace(a.value);
        } else if (a.name() == "time") {
            r.time.emplace(a.value);
        } else {
            append_json_string(others.append(others.empty() ? "" : ", "), a.name());
            append_json_string(others.append(": "), a.value);
        }
    }
    r.extensions = "{" + others + "}";
    r.data = e.data;
    r.cloud_event = e.cloud_event;
    return r;
}

sql_handler::sql_handler(boost::asio::io_context& loop, std::string_view name,
                         const sql::batcher::limits& limits, const open_store& open)
    : loop_(loop),
      name_(name),
      linger_(loop),
      batcher_(limits),
      self_(std::make_shared<sql_handler*>(this)),
      store_(open([this] { pump_soon(); })) {}

sql_handler::~sql_handler() {
    *self_ = nullptr;
}

void sql_handler::handle(const delivery& d, completion c) {
    sql::row row = to_row(d);
    if (!row.fits_the_key())
        return c.fail("identity_too_long",
                      "id and source have " + std::to_string(row.id.size() + row.source.size()) +
                          " octets; a row's key has room for " + std::to_string(sql::max_identity_bytes));
    const std::size_t bytes = row.bytes();
    batcher_.add(keep(std::move(row), std::move(c)), bytes, steady_clock::now());
    pump_soon();
}

sql_handler::ticket sql_handler::keep(sql::row row, completion c) {
    if (free_.empty()) {
        free_.push_back(static_cast<ticket>(places_.size()));
        places_.emplace_back();
    }
    const ticket t = free_.back();
    free_.pop_back();
    places_[t].row = std::move(row);
    places_[t].promise.emplace(std::move(c));
    return t;
}

completion sql_handler::release(ticket t) {
    completion c = std::move(*places_[t].promise);
    places_[t].promise.reset();
    places_[t].row = {};
    free_.push_back(t);
    batcher_.finish(1);
    return c;
}

// In the loop's next turn: what else comes in this one is in the same batch.
void sql_handler::pump_soon() {
    if (std::exchange(pump_posted_, true))
        return;
    boost::asio::post(loop_, [self = self_] {
        if (*self != nullptr)
            (*self)->pump();
    });
}

void sql_handler::pump() {
    pump_posted_ = false;
    while (store_->free() > 0) {
        auto b = batcher_.take(steady_clock::now());
        if (!b)
            break;
        write(std::move(*b));
    }
    const auto due = batcher_.due();
    if (!due || store_->free() == 0)
        return; // whoever changes that pumps
    linger_.expires_at(*due);
    linger_.async_wait([self = self_](const error_code& cancelled) {
        if (!cancelled && *self != nullptr)
            (*self)->pump_soon();
    });
}

void sql_handler::write(batch b) {
    std::vector<const sql::row*> rows;
    rows.reserve(b.size());
    for (const sql::batcher::item& i : b)
        rows.push_back(&places_[i.of].row);
    store_->write(std::move(rows),
                  [this, b = std::move(b)](const sql::outcome& o) mutable { on_written(std::move(b), o); });
}

void sql_handler::on_written(batch b, const sql::outcome& o) {
    pump_soon();
    if (o.what != sql::verdict::stored)
        ++failed_batches_;
    if (o.what == sql::verdict::later)
        return wait_for_database(std::move(b), o);
    if (std::exchange(failures_, 0) > 0)
        runtime::log(level::info, "The database takes events again", {{"handler", name_}});
    if (o.what != sql::verdict::stored)
        return find_culprit(std::move(b), o);
    ++batches_;
    added_ += o.added;
    known_ += b.size() - o.added;
    last_batch_events_ = b.size();
    conclude(b);
}

// The first completion may bring the next event, which takes a place: so all places are left before.
void sql_handler::conclude(const batch& b) {
    std::vector<completion> all;
    all.reserve(b.size());
    for (const sql::batcher::item& i : b)
        all.push_back(release(i.of));
    for (completion& c : all)
        c.done();
}

void sql_handler::wait_for_database(batch b, const sql::outcome& o) {
    last_problem_ = {o.error_class, o.message, system_now()};
    if (failures_++ == 0)
        runtime::log(level::warn, "The database does not take events: they wait, and it is tried again",
                     {{"handler", name_}, {"class", o.error_class}, {"error", o.message}});
    const auto pause = database_backoff.pause(failures_, std::nullopt, random_());
    const steady_time when = steady_clock::now() + pause.value_or(database_backoff.max_backoff);
    if (b.size() > 1 && o.error_class == cancelled_class) { // or it would be too much the next time, too
        const auto half = b.begin() + static_cast<std::ptrdiff_t>(b.size() / 2);
        batcher_.again({half, b.end()}, when);
        b.erase(half, b.end());
    }
    batcher_.again(std::move(b), when);
}

void sql_handler::find_culprit(batch b, const sql::outcome& o) {
    last_problem_ = {o.error_class, o.message, system_now()};
    if (b.size() == 1)
        return give_up(b.front().of, o);
    if (!o.culprit)
        return batcher_.divide(b);
    const ticket t = b[*o.culprit].of;
    b.erase(b.begin() + static_cast<std::ptrdiff_t>(*o.culprit));
    batcher_.put_back(std::move(b));
    give_up(t, o);
}

void sql_handler::give_up(ticket t, const sql::outcome& o) {
    ++refused_;
    completion c = release(t);
    if (o.what == sql::verdict::refused)
        c.fail(o.error_class, o.message);
    else
        c.retry(o.error_class, o.message);
}

std::string sql_handler::status_json() const {
    using nlohmann::ordered_json;
    const sql::store_state now = store_->state();
    ordered_json error = nullptr;
    const bool said = last_problem_ && last_problem_->message == now.last_error;
    if (!now.last_error.empty() && !said)
        error = {{"class", "connection"}, {"message", now.last_error}, {"at", nullptr}};
    else if (last_problem_)
        error = {{"class", last_problem_->error_class},
                 {"message", last_problem_->message},
                 {"at", to_rfc3339(last_problem_->at)}};
    return ordered_json({{"store",
                          {{"state", now.name},
                           {"connections", now.connections},
                           {"waiting", batcher_.in_hand()},
                           {"batches", batches_},
                           {"last_batch_events", last_batch_events_},
                           {"rows_added", added_},
                           {"rows_known", known_},
                           {"rows_refused", refused_},
                           {"last_error", std::move(error)}}}})
        .dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void sql_handler::write_metrics(runtime::exposition& to) const {
    using enum runtime::exposition::kind;
    to.family(counter, "millrace_handler_sql_transactions",
              "Transactions, by outcome: `committed`, `failed`.");
    to.sample(batches_, {{"outcome", "committed"}});
    to.sample(failed_batches_, {{"outcome", "failed"}});
    to.family(
        counter, "millrace_handler_sql_rows",
        "Events, by outcome: `added`; `known`, whose row was there before; `refused`, which failed alone.");
    to.sample(added_, {{"outcome", "added"}});
    to.sample(known_, {{"outcome", "known"}});
    to.sample(refused_, {{"outcome", "refused"}});
    to.family(gauge, "millrace_handler_sql_waiting", "Events that are not committed yet.");
    to.sample(std::uint64_t{batcher_.in_hand()});
    to.family(gauge, "millrace_handler_sql_connections", "Connections to the database that can be used.");
    to.sample(std::uint64_t{store_->state().connections});
}

std::unique_ptr<handler> make_sqlite_handler(boost::asio::io_context& loop, const settings::file& settings) {
    const settings::sqlite& s = settings.handlers.sqlite;
    return std::make_unique<sql_handler>(
        loop, "sqlite", limits_of(s, settings.processor), [&](std::function<void()> on_free) {
            return sql::open_sqlite(
                loop, {s.path, s.table, milliseconds{static_cast<milliseconds::rep>(s.busy_timeout_ms)}},
                std::move(on_free));
        });
}

std::unique_ptr<handler> make_postgres_handler(boost::asio::io_context& loop,
                                               const settings::file& settings) {
    const settings::postgres& s = settings.handlers.postgres;
    sql::postgres_options options{s.url,
                                  s.table,
                                  s.connections,
                                  milliseconds{static_cast<milliseconds::rep>(s.connect_timeout_ms)},
                                  milliseconds{static_cast<milliseconds::rep>(s.statement_timeout_ms)},
                                  [random = std::make_shared<fast_random>()](std::uint64_t failures) {
                                      return database_backoff.pause(failures, std::nullopt, (*random)())
                                          .value_or(database_backoff.max_backoff);
                                  }};
    return std::make_unique<sql_handler>(
        loop, "postgres", limits_of(s, settings.processor), [&](std::function<void()> on_free) {
            return sql::open_postgres(loop, std::move(options), std::move(on_free));
        });
}

} // namespace millrace::processor
