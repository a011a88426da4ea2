#include "sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace millrace::ingress {
namespace {

[[noreturn]] void fail(int code, sqlite3* db) {
    std::string text = db != nullptr ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    if (const int number = db != nullptr ? sqlite3_system_errno(db) : 0;
        number != 0 && (code & 0xff) != SQLITE_BUSY)
        text += " (" + std::generic_category().message(number) + ")";
    throw sqlite_error(code, text);
}

void check(int code, sqlite3* db) {
    if (code != SQLITE_OK)
        fail(code, db);
}

/// What clients sent is nobody else's business; the files beside the database take its mode.
void make_private(const std::string& path) {
    const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (made < 0)
        throw sqlite_error(SQLITE_CANTOPEN, std::generic_category().message(errno));
    ::close(made);
}

} // namespace

bool sqlite_error::is_busy() const noexcept {
    return (code_ & 0xff) == SQLITE_BUSY || (code_ & 0xff) == SQLITE_LOCKED;
}

bool sqlite_error::is_damage() const noexcept {
    return (code_ & 0xff) == SQLITE_CORRUPT || (code_ & 0xff) == SQLITE_NOTADB;
}

bool sqlite_error::is_in_doubt() const noexcept {
    return code_ == SQLITE_IOERR_FSYNC || code_ == SQLITE_IOERR_DIR_FSYNC;
}

void sqlite_database::closer::operator()(sqlite3* db) const noexcept {
    sqlite3_close_v2(db);
}

sqlite_database::sqlite_database(const std::string& path) {
    make_private(path);
    sqlite3* opened = nullptr;
    const int code = sqlite3_open_v2(
        path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    db_.reset(opened);
    check(code, opened);
}

void sqlite_database::run(const char* sql) {
    check(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr), db_.get());
}

std::string sqlite_database::text(const char* sql) {
    sqlite_statement asked(*this, sql);
    return asked.step() ? std::string(asked.octets(0)) : std::string();
}

bool sqlite_database::in_transaction() const noexcept {
    return sqlite3_get_autocommit(db_.get()) == 0;
}

void sqlite_statement::finalizer::operator()(sqlite3_stmt* s) const noexcept {
    sqlite3_finalize(s);
}

sqlite_statement::sqlite_statement(sqlite_database& db, const char* sql) : db_(db.native()) {
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &made, nullptr), db_);
    statement_.reset(made);
}

sqlite_statement& sqlite_statement::bind(int place, std::string_view text) {
    check(sqlite3_bind_text64(statement_.get(), place, text.data() != nullptr ? text.data() : "", text.size(),
                              SQLITE_STATIC, SQLITE_UTF8),
          db_);
    return *this;
}

sqlite_statement& sqlite_statement::bind(int place, std::int64_t number) {
    check(sqlite3_bind_int64(statement_.get(), place, number), db_);
    return *this;
}

sqlite_statement& sqlite_statement::bind_blob(int place, std::string_view octets) {
    check(sqlite3_bind_blob64(statement_.get(), place, octets.data() != nullptr ? octets.data() : "",
                              octets.size(), SQLITE_STATIC),
          db_);
    return *this;
}

sqlite_statement& sqlite_statement::bind_null(int place) {
    check(sqlite3_bind_null(statement_.get(), place), db_);
    return *this;
}

bool sqlite_statement::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW)
        return true;
    if (code == SQLITE_DONE)
        return false;
    sqlite3_reset(statement_.get()); // or the transaction could not be ended
    fail(code, db_);
}

void sqlite_statement::run() {
    while (step()) {
    }
    reset();
}

void sqlite_statement::reset() noexcept {
    sqlite3_reset(statement_.get());
}

std::int64_t sqlite_statement::number(int column) const noexcept {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view sqlite_statement::octets(int column) const noexcept {
    const auto* data = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return data != nullptr ? std::string_view(data, static_cast<std::size_t>(size)) : std::string_view();
}

bool sqlite_statement::is_null(int column) const noexcept {
    return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

} // namespace millrace::ingress
