// resolve -> connect -> set the session -> find or make the table -> ready
#include "postgres_connection.hpp"

#include "classify.hpp"
#include "millrace/core/text.hpp"
#include "schema.hpp"

#include <utility>

namespace millrace::sql {
namespace {

// Of this program's own: who makes or changes tables holds it, so that only one does.
constexpr const char* lock_tables = "SELECT pg_advisory_xact_lock(7813857209118401)";
constexpr milliseconds grace{2'000}; // the server's own timeout comes first

constexpr std::string_view undefined_table = "42P01";

} // namespace

postgres_connection::postgres_connection(boost::asio::io_context& loop, const postgres_options& options,
                                         const postgres_target& target, owner& of)
    : options_(options),
      target_(target),
      owner_(of),
      resolver_(loop),
      deadline_(loop),
      self_(std::make_shared<postgres_connection*>(this)),
      link_(loop, [this](const std::string& message) { end(message); }) {}

postgres_connection::~postgres_connection() {
    *self_ = nullptr;
}

void postgres_connection::open() {
    addresses_.clear();
    resolve_error_.clear();
    state_ = state::resolving;
    resolve(target_.names());
}

// Off the loop, on Asio's own thread for it: libpq would block.
void postgres_connection::resolve(std::vector<std::string> names) {
    unresolved_ = std::move(names);
    if (unresolved_.empty())
        return connect();
    const auto is_awaited = [this, self = self_, number = ++lookups_] {
        return *self != nullptr && state_ == state::resolving && number == lookups_;
    };
    deadline_.expires_after(options_.connect_timeout);
    deadline_.async_wait([this, is_awaited](const error_code& cancelled) {
        if (!cancelled && is_awaited())
            end("no address of " + unresolved_.back() + " within " +
                std::to_string(options_.connect_timeout.count()) + " ms");
    });
    resolver_.async_resolve(unresolved_.back(), "",
                            [this, is_awaited](const error_code& error, const resolver::results_type& found) {
                                if (is_awaited())
                                    on_resolved(unresolved_.back(), error, found);
                            });
}

void postgres_connection::on_resolved(const std::string& name, const error_code& error,
                                      const resolver::results_type& results) {
    if (error)
        resolve_error_ = "no address of " + name + ": " + error.message();
    for (const auto& entry : results)
        addresses_[name].push_back(entry.endpoint().address().to_string());
    unresolved_.pop_back();
    deadline_.cancel();
    resolve(std::move(unresolved_));
}

void postgres_connection::connect() {
    state_ = state::opening;
    const auto parameters = target_.with_addresses(addresses_);
    if (!parameters)
        return end(resolve_error_);
    link_.open(*parameters, options_.connect_timeout, [this](const std::optional<std::string>& problem) {
        if (problem)
            end(*problem);
        else
            set_session();
    });
}

void postgres_connection::ask(const std::string& sql,
                              void (postgres_connection::*then)(const postgres_reply&)) {
    link_.ask(sql, options_.statement_timeout + grace,
              [this, then](const postgres_reply& r) { (this->*then)(r); });
}

// A commit that was acknowledged has to be on a disk, whatever the server's default is.
void postgres_connection::set_session() {
    ask("SELECT set_config('statement_timeout', '" + std::to_string(options_.statement_timeout.count()) +
            "', false), CASE WHEN current_setting('synchronous_commit') = 'off' "
            "THEN set_config('synchronous_commit', 'on', false) END",
        &postgres_connection::on_session);
}

void postgres_connection::on_session(const postgres_reply& r) {
    if (!r.ok())
        return fail(r.sqlstate, r.message);
    find_table();
}

void postgres_connection::find_table() {
    ask(select_version(options_.table), &postgres_connection::on_table);
}

void postgres_connection::accept_version(const postgres_reply& found, bool under_lock) {
    const bool missing = !under_lock && found.sqlstate == undefined_table;
    if (!found.ok() && !missing)
        return fail(found.sqlstate, found.message);
    const int known = known_version(dialect::postgres);
    const int version = found.value ? parse_number<int>(*found.value).value_or(0) : 0;
    if (version > known)
        return fail({}, newer_version_problem(options_.table, version, known));
    if (version == known && under_lock)
        return ask("COMMIT", &postgres_connection::on_migrated);
    if (version == known)
        return become_ready();
    if (under_lock)
        migrate(version);
    else
        begin_migration();
}

// Another processor may do the same: who has the lock looks again first.
void postgres_connection::begin_migration() {
    ask("BEGIN; " + std::string(lock_tables) + "; " + create_version_table(options_.table),
        &postgres_connection::on_locked_table);
}

void postgres_connection::on_locked_table(const postgres_reply& r) {
    if (!r.ok())
        return fail(r.sqlstate, r.message);
    ask(select_version(options_.table), &postgres_connection::on_locked_version);
}

void postgres_connection::migrate(int from) {
    const int known = known_version(dialect::postgres);
    std::string sql;
    for (int next = from + 1; next <= known; ++next)
        sql += migration(dialect::postgres, next, options_.table) + "; ";
    ask(sql + set_version(options_.table, known) + "; COMMIT", &postgres_connection::on_migrated);
}

void postgres_connection::on_migrated(const postgres_reply& r) {
    if (!r.ok())
        return fail(r.sqlstate, r.message);
    become_ready();
}

void postgres_connection::become_ready() {
    state_ = state::ready;
    owner_.on_ready(*this);
}

void postgres_connection::write(const std::vector<const row*>& rows, store::written done) {
    state_ = state::writing;
    rows_ = rows.size();
    written_ = std::move(done);
    link_.ask(insert_statement(options_.table), to_columns(rows), options_.statement_timeout + grace,
              [this](const postgres_reply& r) { on_written(r); });
}

void postgres_connection::on_written(const postgres_reply& r) {
    outcome o;
    if (!r.sqlstate.empty())
        o = {of_sqlstate(r.sqlstate), 0, class_of_sqlstate(r.sqlstate),
             target_.mask(r.sqlstate + ": " + r.message), std::nullopt};
    else if (r.lost)
        o = {verdict::later, 0, "connection", target_.mask(r.message), std::nullopt};
    else
        o.added = r.affected;
    if (o.what != verdict::stored && o.what != verdict::later && rows_ == 1)
        o.culprit = 0;
    // A table that is not there any more is looked for, or made, when the connection is made anew.
    const bool anew = r.lost || r.sqlstate.starts_with("42") || r.sqlstate.starts_with("25");
    state_ = anew ? state::closed : state::ready;
    const store::written done = std::exchange(written_, nullptr);
    const auto self = self_;
    done(o);
    if (*self == nullptr)
        return;
    if (!anew)
        return owner_.on_ready(*this);
    link_.close();
    owner_.on_ended(*this, o.message);
}

void postgres_connection::fail(const std::string& sqlstate, const std::string& message) {
    end(sqlstate.empty() ? message : sqlstate + ": " + message);
}

void postgres_connection::end(const std::string& message) {
    state_ = state::closed;
    deadline_.cancel();
    resolver_.cancel();
    link_.close();
    owner_.on_ended(*this, target_.mask(message));
}

} // namespace millrace::sql
