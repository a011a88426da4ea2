// The keys of the handlers that have any.
#include "rules.hpp"
#include "schema.hpp"

#include <algorithm>

namespace millrace::settings {
namespace {

using runtime::config_section;

constexpr std::uint64_t hour_ms = 3'600'000;

problem table_problem(std::string_view value) {
    const auto plain = [](std::string_view name) {
        return !name.empty() && name.size() <= 63 && !(name.front() >= '0' && name.front() <= '9') &&
               std::ranges::all_of(
                   name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
    };
    const auto dot = value.find('.');
    const bool legal = dot == std::string_view::npos
                           ? plain(value)
                           : plain(value.substr(0, dot)) && plain(value.substr(dot + 1));
    return legal ? std::nullopt
                 : problem("is not a name of a table: lower-case letters, digits and underscores, with its "
                           "schema before a dot where it has one");
}

problem plain_table_problem(std::string_view value) {
    return value.find('.') == std::string_view::npos ? table_problem(value)
                                                     : problem("has a dot; SQLite has no schemas");
}

problem postgres_url_problem(std::string_view value) {
    return value.starts_with("postgresql://") || value.starts_with("postgres://")
               ? std::nullopt
               : problem("is not a URL like postgresql://USER:PASSWORD@HOST:5432/DATABASE");
}

template <class Store>
void declare_batches(config_section s, Store& to) {
    s.number("batch_max_events", to.batch_max_events,
             {"Rows of one transaction. There are never more than `processor.concurrency`.", 1, 100'000});
    s.number("batch_max_bytes", to.batch_max_bytes,
             {"Bytes of one transaction; one event may be larger.", 1'024, 268'435'456, "bytes"});
    s.number("linger_ms", to.linger_ms,
             {"How long an event waits for others before its transaction begins. What comes during a "
              "transaction makes the next one in any case.",
              0, 10'000, "ms"});
}

void declare_sqlite(config_section s, sqlite& to) {
    s.text("path", to.path,
           {.doc = "The file, made where it is missing; on a disk of this machine.", .check = not_empty});
    s.text("table", to.table, {.doc = "The table, made where it is missing.", .check = plain_table_problem});
    declare_batches(s, to);
    s.number("busy_timeout_ms", to.busy_timeout_ms,
             {"How long another program's transaction is waited for before the batch counts as failed; it is "
              "tried again then.",
              0, hour_ms, "ms"});
}

void declare_postgres(config_section s, postgres& to) {
    s.text("url", to.url,
           {.doc = "Where the database is, as libpq reads it: "
                   "`postgresql://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full`.",
            .check = empty_or<postgres_url_problem>,
            .secret = true});
    s.text("table", to.table,
           {.doc = "The table, made where it is missing; `schema.table` where it is not in the search path.",
            .check = table_problem});
    declare_batches(s, to);
    s.number("connections", to.connections, {"Transactions at once, each on a connection.", 1, 100});
    s.number("connect_timeout_ms", to.connect_timeout_ms,
             {"Until a connection is made; then it is tried again after a pause.", 100, hour_ms, "ms"});
    s.number("statement_timeout_ms", to.statement_timeout_ms,
             {"Until a transaction is done; then it is tried again after a pause.", 100, hour_ms, "ms"});
}

} // namespace

void declare_handlers(config_section root, file& to) {
    config_section all = root.section("handlers", "What the processor's handlers need.");
    declare_http_handler(all.section("http", "The handler `http`: deliveries to a URL. docs/handlers.md"),
                         to.handlers.http);
    declare_sqlite(all.section("sqlite", "The handler `sqlite`: one row an event in a file."),
                   to.handlers.sqlite);
    declare_postgres(all.section("postgres", "The handler `postgres`: one row an event in a table."),
                     to.handlers.postgres);
}

} // namespace millrace::settings
