#include "schema.hpp"

#include <array>

namespace millrace::sql {
namespace {

// Never change a step that was released: add one.
constexpr std::array<std::string_view, 1> sqlite_steps = {
    "CREATE TABLE {table} ("
    " topic TEXT NOT NULL, partition INTEGER NOT NULL, record_offset INTEGER NOT NULL,"
    " recorded_at TEXT NOT NULL, source TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL,"
    " subject TEXT, time TEXT, partition_key BLOB, content_type TEXT,"
    " extensions TEXT NOT NULL, data BLOB NOT NULL, plain_record_ms INTEGER NOT NULL,"
    " stored_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),"
    " PRIMARY KEY (id, source, topic, plain_record_ms))"};

// COLLATE "C": compared as octets, quickly, and the same after an update of the system's collations.
constexpr std::array<std::string_view, 1> postgres_steps = {
    "CREATE TABLE {table} ("
    " topic text COLLATE \"C\" NOT NULL, partition integer NOT NULL, record_offset bigint NOT NULL,"
    " recorded_at timestamptz NOT NULL, source text COLLATE \"C\" NOT NULL, id text COLLATE \"C\" NOT NULL,"
    " type text NOT NULL, subject text, time text, partition_key bytea, content_type text,"
    " extensions jsonb NOT NULL, data bytea NOT NULL, plain_record_ms bigint NOT NULL,"
    " stored_at timestamptz NOT NULL DEFAULT now(),"
    " PRIMARY KEY (id, source, topic, plain_record_ms))"};

std::string_view schema_prefix(std::string_view table) {
    const auto dot = table.find('.');
    return dot == std::string_view::npos ? std::string_view{} : table.substr(0, dot + 1);
}

std::string quoted_name(std::string_view table) {
    return "'" + std::string(table.substr(schema_prefix(table).size())) + "'";
}

} // namespace

int known_version(dialect of) noexcept {
    return static_cast<int>(of == dialect::sqlite ? sqlite_steps.size() : postgres_steps.size());
}

std::string migration(dialect of, int version, std::string_view table) {
    constexpr std::string_view placeholder = "{table}";
    const auto index = static_cast<std::size_t>(version - 1);
    std::string text(of == dialect::sqlite ? sqlite_steps.at(index) : postgres_steps.at(index));
    for (auto at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at))
        text.replace(at, placeholder.size(), table);
    return text;
}

std::string version_table(std::string_view table) {
    return std::string(schema_prefix(table)) + "millrace_schema";
}

std::string create_version_table(std::string_view table) {
    return "CREATE TABLE IF NOT EXISTS " + version_table(table) +
           " (table_name text PRIMARY KEY, version integer NOT NULL)";
}

std::string select_version(std::string_view table) {
    return "SELECT version FROM " + version_table(table) + " WHERE table_name = " + quoted_name(table);
}

std::string set_version(std::string_view table, int version) {
    const std::string number = std::to_string(version);
    return "INSERT INTO " + version_table(table) + " (table_name, version) VALUES (" + quoted_name(table) +
           ", " + number + ") ON CONFLICT (table_name) DO UPDATE SET version = " + number;
}

std::string newer_version_problem(std::string_view table, int version, int known) {
    return "the table " + std::string(table) + " has version " + std::to_string(version) +
           " and this millrace knows versions up to " + std::to_string(known) +
           ": run the release that made it or a later one, or give another table";
}

} // namespace millrace::sql
