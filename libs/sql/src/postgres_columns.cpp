// The forms are those of PostgreSQL's functions array_recv, textrecv, int4recv, int8recv, timestamptz_recv.
#include "postgres_columns.hpp"

#include "schema.hpp"

#include <optional>
#include <string_view>

namespace millrace::sql {
namespace {

// Object ids of pg_type.dat: of a type, and of arrays of it.
struct column_type {
    unsigned element;
    unsigned array;
};
constexpr column_type text{25, 1009};
constexpr column_type bytea{17, 1001};
constexpr column_type int4{23, 1007};
constexpr column_type int8{20, 1016};
constexpr column_type timestamptz{1184, 1185};

template <class Number>
void append_number(std::string& to, Number n) {
    for (int shift = static_cast<int>(sizeof n - 1) * 8; shift >= 0; shift -= 8)
        to.push_back(static_cast<char>((static_cast<std::uint64_t>(n) >> shift) & 0xff));
}

void append(std::string& to, std::string_view octets) {
    append_number(to, static_cast<std::int32_t>(octets.size()));
    to.append(octets);
}
void append(std::string& to, const std::string& octets) {
    append(to, std::string_view(octets));
}
void append(std::string& to, const std::optional<std::string>& octets) {
    if (octets)
        append(to, std::string_view(*octets));
    else
        append_number(to, std::int32_t{-1}); // null
}
void append(std::string& to, std::int32_t n) {
    append_number(to, std::int32_t{sizeof n});
    append_number(to, n);
}
void append(std::string& to, std::int64_t n) {
    append_number(to, std::int32_t{sizeof n});
    append_number(to, n);
}

// Microseconds since the year 2000.
std::int64_t to_timestamptz(unix_ms t) {
    constexpr std::int64_t year_2000_ms = 946'684'800'000;
    return (storable(t).value - year_2000_ms) * 1'000;
}

// One dimension, counted from 1.
std::string begin_array(column_type of, std::size_t elements) {
    std::string out;
    append_number(out, std::int32_t{1});
    append_number(out, std::int32_t{1}); // may hold nulls
    append_number(out, of.element);
    append_number(out, static_cast<std::int32_t>(elements));
    append_number(out, std::int32_t{1});
    return out;
}

} // namespace

postgres_columns to_columns(std::span<const row* const> rows) {
    postgres_columns all;
    const auto add = [&](column_type type, auto field) {
        std::string array = begin_array(type, rows.size());
        for (const row* r : rows)
            append(array, field(*r));
        all.types.push_back(type.array);
        all.values.push_back(std::move(array));
    };
    add(text, [](const row& r) -> const std::string& { return r.place.topic; });
    add(int4, [](const row& r) { return value(r.place.partition); });
    add(int8, [](const row& r) { return value(r.place.offset); });
    add(timestamptz, [](const row& r) { return to_timestamptz(r.timestamp); });
    add(text, [](const row& r) -> const std::string& { return r.source; });
    add(text, [](const row& r) -> const std::string& { return r.id; });
    add(text, [](const row& r) -> const std::string& { return r.type; });
    add(text, [](const row& r) -> const std::optional<std::string>& { return r.subject; });
    add(text, [](const row& r) -> const std::optional<std::string>& { return r.time; });
    add(bytea, [](const row& r) -> const std::optional<std::string>& { return r.key; });
    add(text, [](const row& r) -> const std::optional<std::string>& { return r.content_type; });
    add(text, [](const row& r) -> const std::string& { return r.extensions; });
    add(bytea, [](const row& r) -> const std::string& { return r.data; });
    add(int8, [](const row& r) { return r.plain_record_ms(); });
    return all;
}

std::string insert_statement(std::string_view table) {
    std::string sql = "INSERT INTO " + std::string(table) + " (";
    sql += columns;
    sql += ") SELECT topic, partition, record_offset, recorded_at, source, id, type, subject, time, "
           "partition_key, content_type, extensions::jsonb, data, plain_record_ms "
           "FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS e(";
    sql += columns;
    sql += ") ON CONFLICT (";
    sql += identity_columns;
    sql += ") DO NOTHING";
    return sql;
}

} // namespace millrace::sql
