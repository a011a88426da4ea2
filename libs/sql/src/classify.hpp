// What an error of a database says about the rows that met it.
#pragma once

#include "millrace/sql/store.hpp"

#include <string>
#include <string_view>

namespace millrace::sql {

/// By the class of the code, its first two characters (PostgreSQL, Appendix A "Error Codes").
verdict of_sqlstate(std::string_view code) noexcept;

/// "sqlstate_22": few enough to be a metric's label.
std::string class_of_sqlstate(std::string_view code);

/// By the primary result code (SQLite, "Result and Error Codes"), of the insertion of one row.
verdict of_sqlite_code(int code) noexcept;

/// "sqlite_busy"
std::string class_of_sqlite_code(int code);

} // namespace millrace::sql
