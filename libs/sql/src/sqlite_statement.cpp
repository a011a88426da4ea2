#include "sqlite_statement.hpp"

namespace millrace::sql {
namespace {

[[noreturn]] void fail(sqlite3& db) {
    throw sqlite_error(sqlite3_extended_errcode(&db), sqlite3_errmsg(&db));
}

} // namespace

void execute(sqlite3& db, const std::string& sql) {
    if (sqlite3_exec(&db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail(db);
}

sqlite_statement::sqlite_statement(sqlite3& db, const std::string& sql) : db_(&db) {
    sqlite3_stmt* made = nullptr;
    const int result = sqlite3_prepare_v3(&db, sql.data(), static_cast<int>(sql.size()),
                                          SQLITE_PREPARE_PERSISTENT, &made, nullptr);
    statement_.reset(made);
    check(result);
}

void sqlite_statement::check(int result) const {
    if (result != SQLITE_OK)
        fail(*db_);
}

void sqlite_statement::bind(int at, std::int64_t number) {
    check(sqlite3_bind_int64(statement_.get(), at, number));
}

void sqlite_statement::bind_text(int at, std::optional<std::string_view> text) {
    check(text ? sqlite3_bind_text64(statement_.get(), at, text->data(), text->size(), SQLITE_STATIC,
                                     SQLITE_UTF8)
               : sqlite3_bind_null(statement_.get(), at));
}

void sqlite_statement::bind_blob(int at, std::optional<std::string_view> octets) {
    check(octets ? sqlite3_bind_blob64(statement_.get(), at, octets->data(), octets->size(), SQLITE_STATIC)
                 : sqlite3_bind_null(statement_.get(), at));
}

bool sqlite_statement::step() {
    const int result = sqlite3_step(statement_.get());
    if (result != SQLITE_ROW && result != SQLITE_DONE)
        fail(*db_);
    return result == SQLITE_ROW;
}

std::int64_t sqlite_statement::number(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string sqlite_statement::text(int column) const {
    const auto* octets = static_cast<const char*>(sqlite3_column_blob(statement_.get(), column));
    const int size = sqlite3_column_bytes(statement_.get(), column);
    return octets == nullptr ? std::string() : std::string(octets, static_cast<std::size_t>(size));
}

void sqlite_statement::reset() noexcept {
    sqlite3_reset(statement_.get()); // what it says, `step` has said before
}

} // namespace millrace::sql
