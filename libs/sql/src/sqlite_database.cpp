#include "sqlite_database.hpp"

#include "classify.hpp"
#include "schema.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace millrace::sql {
namespace {

constexpr milliseconds busy_pause{10};

[[noreturn]] void unusable(const std::string& path, const std::string& why) {
    throw std::runtime_error("handlers.sqlite.path: \"" + path + "\" cannot be used: " + why);
}

std::string advice(int code) {
    switch (code & 0xff) {
    case SQLITE_CANTOPEN:
        return "; its folder has to be there, and this user has to be allowed to write to it";
    case SQLITE_READONLY:
        return "; this user has to be allowed to write to the file and to its folder";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return "; another program holds it: wait for that, or end it";
    case SQLITE_NOTADB:
        return "; give another path, or move that file away";
    default:
        return "";
    }
}

} // namespace

// SQLite asks again and again whether to try once more.
struct sqlite_database::busy_wait {
    milliseconds patience;
    std::stop_token stop;
    steady_time since{};
    std::mutex mutex{};
    std::condition_variable_any never{}; ///< woken by `stop` alone

    static int ask(void* self, int times) noexcept {
        auto& w = *static_cast<busy_wait*>(self);
        const steady_time now = steady_clock::now();
        if (times == 0)
            w.since = now;
        if (w.stop.stop_requested() || now - w.since >= w.patience)
            return 0;
        std::unique_lock lock(w.mutex);
        w.never.wait_for(lock, w.stop, busy_pause, [] { return false; });
        return 1;
    }
};

sqlite_database::sqlite_database(const sqlite_options& options, std::stop_token stop)
    : busy_(std::make_unique<busy_wait>(options.busy_timeout, std::move(stop))) {
    try {
        open(options);
        migrate(options.table);
        insert_sql_ = "INSERT INTO " + options.table + " (" + std::string(columns) +
                      ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
                      " ON CONFLICT (" +
                      std::string(identity_columns) + ") DO NOTHING";
        insert_.emplace(*db_, insert_sql_);
    } catch (const sqlite_error& e) {
        unusable(options.path, e.what() + advice(e.code));
    }
}

sqlite_database::~sqlite_database() = default;

void sqlite_database::open(const sqlite_options& options) {
    sqlite3* made = nullptr;
    const int result =
        sqlite3_open_v2(options.path.c_str(), &made,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(made);
    if (db_ == nullptr)
        throw std::bad_alloc();
    if (result != SQLITE_OK)
        throw sqlite_error(sqlite3_extended_errcode(db_.get()), sqlite3_errmsg(db_.get()));
    sqlite3_extended_result_codes(db_.get(), 1);
    sqlite3_busy_handler(db_.get(), &busy_wait::ask, busy_.get());
    if (sqlite3_db_readonly(db_.get(), "main") == 1)
        throw sqlite_error(SQLITE_READONLY, "it is read-only");
    sqlite_statement mode(*db_, "PRAGMA journal_mode = WAL");
    if (!mode.step() || mode.text(0) != "wal")
        unusable(options.path, "SQLite cannot keep a write-ahead log there; the path has to be that of a "
                               "file on a disk of this machine");
    execute(*db_, "PRAGMA synchronous = FULL");
}

std::optional<int> sqlite_database::version(const std::string& table) {
    sqlite_statement there(*db_, "SELECT 1 FROM sqlite_master WHERE name = '" + version_table(table) + "'");
    if (!there.step())
        return std::nullopt;
    sqlite_statement found(*db_, select_version(table));
    return found.step() ? std::optional(static_cast<int>(found.number(0))) : std::nullopt;
}

// Several processors may start on one file: who has the write lock does it.
void sqlite_database::migrate(const std::string& table) {
    const int known = known_version(dialect::sqlite);
    if (version(table) == known)
        return;
    execute(*db_, "BEGIN IMMEDIATE");
    const int now = version(table).value_or(0);
    if (now > known)
        throw sqlite_error(SQLITE_ERROR, newer_version_problem(table, now, known));
    execute(*db_, create_version_table(table));
    for (int next = now + 1; next <= known; ++next)
        execute(*db_, migration(dialect::sqlite, next, table));
    execute(*db_, set_version(table, known));
    execute(*db_, "COMMIT");
}

void sqlite_database::bind(const row& r) {
    sqlite_statement& s = *insert_;
    s.bind_text(1, r.place.topic);
    s.bind(2, value(r.place.partition));
    s.bind(3, value(r.place.offset));
    s.bind_text(5, r.source);
    s.bind_text(6, r.id);
    s.bind_text(7, r.type);
    s.bind_text(8, r.subject);
    s.bind_text(9, r.time);
    s.bind_blob(10, r.key);
    s.bind_text(11, r.content_type);
    s.bind_text(12, r.extensions);
    s.bind_blob(13, r.data);
    s.bind(14, r.plain_record_ms());
}

outcome sqlite_database::write(std::span<const row* const> rows) {
    outcome o;
    std::optional<std::size_t> at;
    try {
        execute(*db_, "BEGIN IMMEDIATE");
        for (std::size_t i = 0; i < rows.size(); ++i) {
            at = i;
            const std::string recorded_at = to_rfc3339(storable(rows[i]->timestamp));
            bind(*rows[i]);
            insert_->bind_text(4, recorded_at);
            insert_->step();
            insert_->reset();
            o.added += static_cast<std::size_t>(sqlite3_changes(db_.get()));
        }
        at.reset();
        execute(*db_, "COMMIT");
    } catch (const sqlite_error& e) {
        o = failure(e, at);
        insert_->reset();
        if (sqlite3_get_autocommit(db_.get()) == 0)
            sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr); // fails only where it is done
    }
    return o;
}

// Somebody may have dropped the table or changed it: SQLite has one code for that and for much else.
bool sqlite_database::fits_the_table() const noexcept {
    try {
        const sqlite_statement again(*db_, insert_sql_);
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

outcome sqlite_database::failure(const sqlite_error& e, std::optional<std::size_t> culprit) {
    outcome o{of_sqlite_code(e.code), 0, class_of_sqlite_code(e.code), e.what(), std::nullopt};
    if (!culprit && o.what != verdict::later)
        o.what = verdict::later; // to begin or to commit failed: no row is to blame
    if (o.what == verdict::suspect && !fits_the_table())
        o.what = verdict::later; // nor where every row would fail
    if (o.what != verdict::later)
        o.culprit = culprit;
    const int primary = e.code & 0xff;
    usable_ = o.what != verdict::later || primary == SQLITE_BUSY || primary == SQLITE_LOCKED ||
              primary == SQLITE_FULL || primary == SQLITE_INTERRUPT;
    return o;
}

} // namespace millrace::sql
