// Rows as the parameters of one statement: a column each, an array in PostgreSQL's binary form. No I/O.
#pragma once

#include "millrace/sql/row.hpp"

#include <span>
#include <string>
#include <vector>

namespace millrace::sql {

struct postgres_columns {
    std::vector<unsigned> types; ///< object ids of the arrays' types
    std::vector<std::string> values;
};

/// In the order of `columns` (schema.hpp).
postgres_columns to_columns(std::span<const row* const> rows);

/// The statement that takes them: one transaction by itself.
std::string insert_statement(std::string_view table);

} // namespace millrace::sql
