// The tables, as a list of steps from nothing to the version that this program knows.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace millrace::sql {

enum class dialect { sqlite, postgres };

/// The columns of a row, in the order in which both stores bind them; `stored_at` is the database's own.
inline constexpr std::string_view columns =
    "topic, partition, record_offset, recorded_at, source, id, type, subject, time, partition_key, "
    "content_type, extensions, data, plain_record_ms";
inline constexpr std::string_view identity_columns = "id, source, topic, plain_record_ms";

/// Versions are counted from 1; this is the highest.
int known_version(dialect of) noexcept;

/// What brings the table from `version - 1` to `version`. `table` is a name that needs no quotes, with its
/// schema before a dot where it has one.
std::string migration(dialect of, int version, std::string_view table);

/// The table that holds the version of each table of events; in the schema of `table`.
std::string version_table(std::string_view table);
std::string create_version_table(std::string_view table);
std::string select_version(std::string_view table);
std::string set_version(std::string_view table, int version);

/// Why a table of that version cannot be used, for people.
std::string newer_version_problem(std::string_view table, int version, int known);

} // namespace millrace::sql
