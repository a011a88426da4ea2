#include "spool_store.hpp"

#include <algorithm>
#include <stdexcept>

namespace millrace::ingress {
namespace {

constexpr const char* application_id = "1297245260"; ///< "MRSL": the file is a spool
constexpr const char* format = "1";                  ///< of the tables below
constexpr std::int64_t forgotten_at_once = 1'000;

constexpr const char* tables = R"(
    CREATE TABLE events (
        seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
        poster TEXT NOT NULL, id_from_client INTEGER NOT NULL, known_by_key INTEGER NOT NULL,
        received_ms INTEGER NOT NULL, key BLOB, headers BLOB NOT NULL, value BLOB NOT NULL);
    CREATE INDEX events_by_topic ON events (topic);
    CREATE INDEX events_by_id ON events (id);
    CREATE TABLE receipts (
        seq INTEGER PRIMARY KEY, topic TEXT NOT NULL, id TEXT NOT NULL, source TEXT NOT NULL,
        partition INTEGER NOT NULL, "offset" INTEGER NOT NULL, timestamp_ms INTEGER NOT NULL,
        stored_ms INTEGER NOT NULL);
    CREATE INDEX receipts_by_id ON receipts (id);
    PRAGMA application_id = 1297245260;
    PRAGMA user_version = 1;
)";

/// Of a row of `events`, whose columns are as they stand above.
spooled_event event_of(const sqlite_statement& row) {
    spooled_event e;
    e.seq = static_cast<std::uint64_t>(row.number(0));
    e.topic = row.octets(1);
    e.id = row.octets(2);
    e.source = row.octets(3);
    e.poster = row.octets(4);
    e.id_from_client = row.number(5) != 0;
    e.known_by_key = row.number(6) != 0;
    e.received = {row.number(7)};
    if (!row.is_null(8))
        e.key = std::string(row.octets(8));
    e.headers = row.octets(9);
    e.value = row.octets(10);
    return e;
}

[[noreturn]] void refuse_damage(const std::string& path, const std::string& what) {
    throw std::runtime_error(
        "spool.path: " + path + " is damaged (" + what +
        "). It may hold events that were answered 202 and are not in Kafka yet, so nothing was changed. Copy "
        "it and the files beside it, save what can be saved with `sqlite3 " +
        path + " .recover`, and put the result in its place; or move it away to begin with an empty spool.");
}

void check_contents(sqlite_database& db, const std::string& path) {
    if (db.text("SELECT count(*) FROM sqlite_master") == "0")
        return db.run(tables);
    if (db.text("PRAGMA application_id") != application_id)
        throw std::runtime_error("spool.path: " + path +
                                 " is a database, but not a spool. Name a file of its own.");
    if (db.text("PRAGMA user_version") != format)
        throw std::runtime_error("spool.path: " + path + " was made by another version of millrace (format " +
                                 db.text("PRAGMA user_version") + "; this one knows " + format +
                                 "). Let that one publish what is in it, or name another file.");
    if (const std::string found = db.text("PRAGMA quick_check(1)"); found != "ok")
        refuse_damage(path, found);
}

/// Holds the file from here on until the connection is closed.
sqlite_database open(const std::string& path) {
    try {
        sqlite_database db(path);
        db.run("PRAGMA locking_mode = EXCLUSIVE");
        db.run("PRAGMA journal_mode = WAL");
        db.run("PRAGMA synchronous = FULL");
        db.run("PRAGMA journal_size_limit = 67108864");
        db.run("PRAGMA temp_store = MEMORY");
        db.run("BEGIN EXCLUSIVE");
        check_contents(db, path);
        db.run("COMMIT");
        return db;
    } catch (const sqlite_error& e) {
        if (e.is_busy())
            throw std::runtime_error("spool.path: " + path +
                                     " is in use by another process. Each ingress needs a spool of its own.");
        if (e.is_damage())
            refuse_damage(path, e.what());
        throw std::runtime_error("spool.path: " + path + " cannot be opened: " + e.what() +
                                 ". Its folder has to exist, with room in it, and the service has to be "
                                 "allowed to write there.");
    }
}

} // namespace

struct spool_store::statements {
    explicit statements(sqlite_database& on) : db(on) {}

    sqlite_database& db;
    sqlite_statement begin{db, "BEGIN IMMEDIATE"};
    sqlite_statement commit{db, "COMMIT"};
    sqlite_statement add{db, "INSERT INTO events VALUES (?,?,?,?,?,?,?,?,?,?,?)"};
    sqlite_statement keep{db, "INSERT OR REPLACE INTO receipts SELECT seq, topic, id, source, ?2, ?3, ?4, ?5 "
                              "FROM events WHERE seq = ?1"};
    sqlite_statement remove{db, "DELETE FROM events WHERE seq = ?"};
    sqlite_statement read{db, "SELECT * FROM events WHERE topic = ? AND seq > ? ORDER BY seq LIMIT ?"};
    sqlite_statement each{db, "SELECT * FROM events ORDER BY seq"};
    sqlite_statement oldest{db, "SELECT received_ms FROM events ORDER BY seq LIMIT 1"};
    sqlite_statement stored{db, "SELECT id, source, topic, partition, \"offset\", timestamp_ms FROM receipts "
                                "WHERE id = ?1 AND (?2 IS NULL OR source = ?2) AND stored_ms >= ?3 "
                                "ORDER BY seq DESC LIMIT 1"};
    sqlite_statement waiting{db, "SELECT id, source, topic, received_ms FROM events "
                                 "WHERE id = ?1 AND (?2 IS NULL OR source = ?2) ORDER BY seq DESC LIMIT 1"};
    sqlite_statement drop{db, "DELETE FROM receipts WHERE seq IN "
                              "(SELECT seq FROM receipts ORDER BY seq LIMIT ?1) AND stored_ms < ?2 "
                              "RETURNING seq"};
};

spool_store::spool_store(const std::string& path, receipt_limits limits)
    : limits_(limits), db_(open(path)), sql_(std::make_unique<statements>(db_)) {
    const std::string last = db_.text("SELECT max(coalesce((SELECT max(seq) FROM events), 0), "
                                      "coalesce((SELECT max(seq) FROM receipts), 0))");
    next_seq_ = std::stoull(last) + 1;
    receipts_ = std::stoull(db_.text("SELECT count(*) FROM receipts"));
}

spool_store::~spool_store() = default;

void spool_store::write(const spool_batch& what, unix_ms now) {
    const std::uint64_t first = next_seq_;
    const std::uint64_t receipts_before = receipts_;
    try {
        sql_->begin.run();
        for (const std::span<spooled_event> events : what.added)
            for (spooled_event& e : events)
                add(e);
        for (const settled_event& e : what.settled)
            settle(e, now);
        forget_excess();
        sql_->commit.run();
    } catch (...) {
        next_seq_ = first;
        receipts_ = receipts_before;
        if (db_.in_transaction()) // SQLite ends it by itself where the disk is full
            db_.run("ROLLBACK");
        throw;
    }
}

void spool_store::add(spooled_event& e) {
    e.seq = next_seq_++;
    sqlite_statement& s = sql_->add;
    s.bind(1, static_cast<std::int64_t>(e.seq)).bind(2, e.topic).bind(3, e.id).bind(4, e.source);
    s.bind(5, e.poster).bind(6, std::int64_t{e.id_from_client}).bind(7, std::int64_t{e.known_by_key});
    s.bind(8, e.received.value);
    if (e.key)
        s.bind_blob(9, *e.key);
    else
        s.bind_null(9);
    s.bind_blob(10, e.headers).bind_blob(11, e.value).run();
}

void spool_store::settle(const settled_event& e, unix_ms now) {
    const auto seq = static_cast<std::int64_t>(e.seq);
    if (limits_.max_receipts > 0) {
        sql_->keep.bind(1, seq).bind(2, std::int64_t{value(e.partition)}).bind(3, value(e.offset));
        sql_->keep.bind(4, e.timestamp.value).bind(5, now.value).run();
        ++receipts_;
    }
    sql_->remove.bind(1, seq).run();
}

void spool_store::forget_excess() {
    if (receipts_ <= limits_.max_receipts)
        return;
    const auto excess = static_cast<std::int64_t>(receipts_ - limits_.max_receipts);
    sql_->drop.bind(1, excess).bind(2, INT64_MAX);
    while (sql_->drop.step())
        --receipts_;
    sql_->drop.reset();
}

void spool_store::forget_receipts(unix_ms now) {
    if (receipts_ == 0)
        return;
    sql_->drop.bind(1, forgotten_at_once).bind(2, now.value - limits_.kept.count());
    std::uint64_t forgotten = 0; // not before the last step, with which they are gone
    while (sql_->drop.step())
        ++forgotten;
    sql_->drop.reset();
    receipts_ -= forgotten;
}

void spool_store::probe() {
    db_.run("PRAGMA user_version = 1");
}

std::vector<spooled_event> spool_store::read(std::string_view topic, std::uint64_t after,
                                             std::size_t most_events, std::size_t most_bytes) {
    std::vector<spooled_event> found;
    std::size_t bytes = 0;
    sql_->read.reset(); // an exception may have left it at a row
    sql_->read.bind(1, topic).bind(2, static_cast<std::int64_t>(after));
    sql_->read.bind(3, static_cast<std::int64_t>(most_events));
    while (bytes < most_bytes && sql_->read.step()) {
        found.push_back(event_of(sql_->read));
        bytes += found.back().bytes();
    }
    sql_->read.reset();
    return found;
}

void spool_store::each(const std::function<void(const spooled_event&)>& visit) {
    while (sql_->each.step())
        visit(event_of(sql_->each));
    sql_->each.reset();
}

std::optional<unix_ms> spool_store::oldest() {
    std::optional<unix_ms> found;
    sql_->oldest.reset();
    if (sql_->oldest.step())
        found = unix_ms{sql_->oldest.number(0)};
    sql_->oldest.reset();
    return found;
}

std::optional<spool_receipt> spool_store::find(std::string_view id, std::optional<std::string_view> source,
                                               unix_ms now) {
    std::optional<spool_receipt> found;
    const auto look_in = [&](sqlite_statement& table, bool stored) {
        table.reset(); // as above
        table.bind(1, id);
        source ? table.bind(2, *source) : table.bind_null(2);
        if (!found && table.step()) {
            found = {.id = std::string(table.octets(0)),
                     .source = std::string(table.octets(1)),
                     .topic = std::string(table.octets(2)),
                     .stored = stored,
                     .timestamp = {table.number(stored ? 5 : 3)}};
            if (stored) {
                found->partition = static_cast<partition_id>(table.number(3));
                found->offset = static_cast<record_offset>(table.number(4));
            }
        }
        table.reset();
    };
    sql_->stored.reset();
    sql_->stored.bind(3, now.value - limits_.kept.count());
    look_in(sql_->stored, true);
    look_in(sql_->waiting, false);
    return found;
}

} // namespace millrace::ingress
