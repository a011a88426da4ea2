"""The handlers sqlite and postgres when their database is away, refuses, hangs, or is not theirs."""

import json
import socket
import sqlite3
import subprocess

import pytest

from confluent_kafka import Producer
from load import Load
from records import read_all
from services import until
from sql_tables import PLACES, catch_up, check_rows, store, to_postgres, to_sqlite, wait_connected, wait_for_error


def test_events_wait_for_a_database_that_is_away_longer_than_any_retry(pair, database):
    ingress = pair.ingress()
    processor = to_postgres(pair, database, session_timeout_ms=6000)
    wait_connected(processor)
    database.stop()
    try:
        until(lambda: store(processor)["state"] == "disconnected", 30, "it has noticed")
        with Load(ingress.port, 200) as load:
            load.finish()
        until(lambda: store(processor)["waiting"] > 0, 60, "events wait")
        said = store(processor)
        assert said["last_error"]["message"] and "s3cret" not in json.dumps(said)
    finally:
        database.start()
    catch_up(pair)
    check_rows(pair, database.query(PLACES))
    assert processor.get("/status").json()["totals"]["dead_lettered"] == 0
    log = processor.log.read_text()
    assert "No connection to PostgreSQL" in log and "Connected to PostgreSQL" in log and "s3cret" not in log


def test_what_the_database_refuses_is_a_dead_letter_and_nobody_else_fails(pair, database):
    """A text with U+0000, which PostgreSQL does not take, among others of its batch."""
    pair.ingress()
    producer = Producer({"bootstrap.servers": pair.broker.address})
    for number in range(300):
        content_type = b"text/\0plain" if number in (17, 170, 171) else b"text/plain"
        producer.produce(pair.topic, b"x", partition=0, headers=[("content-type", content_type)])
    assert producer.flush(20) == 0
    processor = to_postgres(pair, database)
    catch_up(pair)
    assert database.number("SELECT count(*) FROM millrace_events") == 297
    letters = read_all(pair.broker.address, f"{pair.topic}.dlq")
    assert sorted(int(letter.headers["millrace_dlq_offset"]) for letter in letters) == [17, 170, 171]
    assert {letter.headers["millrace_dlq_error_class"] for letter in letters} == {"sqlstate_22"}
    assert {letter.headers["millrace_dlq_attempts"] for letter in letters} == {"1"}
    assert store(processor)["rows_refused"] == 3


def test_a_table_of_a_later_release_is_not_touched(pair, database):
    ingress = pair.ingress()
    first = to_postgres(pair, database)
    wait_connected(first)
    assert first.stop() == 0
    database.query("UPDATE millrace_schema SET version = 99")
    second = to_postgres(pair, database)
    with Load(ingress.port, 10) as load:
        load.finish()
    wait_for_error(second, "version 99")
    assert "run the release that made it or a later one" in second.log.read_text()
    assert database.number("SELECT count(*) FROM millrace_events") == 0
    database.query("UPDATE millrace_schema SET version = 1")
    catch_up(pair)
    assert database.number("SELECT count(*) FROM millrace_events") == 10


def test_sqlite_held_by_somebody_else(pair, tmp_path):
    """Events wait; health and status are answered meanwhile, for the file is not touched on the loop."""
    ingress = pair.ingress()
    path = tmp_path / "events.db"
    processor = to_sqlite(pair, path, {"busy_timeout_ms": 100})
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("BEGIN IMMEDIATE")
    with Load(ingress.port, 100) as load:
        load.finish()
    wait_for_error(processor, "sqlite_busy")
    assert store(processor)["waiting"] > 0 and processor.status_of("/healthz") == 200
    file.execute("COMMIT")
    catch_up(pair)
    check_rows(pair, file.execute(PLACES).fetchall())


def test_a_path_that_cannot_be_used_ends_the_start_with_a_reason(pair, tmp_path):
    pair.ingress()
    with pytest.raises(AssertionError) as failure:
        to_sqlite(pair, tmp_path / "no" / "such" / "events.db")
    assert "its folder has to be there" in str(failure.value)


def test_tls_that_proves_the_server(pair, database):
    ingress = pair.ingress()
    good = to_postgres(pair, database, {"url": f"{database.url}?sslmode=verify-full&sslrootcert={database.certificate}"})
    with Load(ingress.port, 100) as load:
        load.finish()
    catch_up(pair)
    check_rows(pair, database.query(PLACES))
    assert database.number("SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                           "WHERE usename = 'millrace' AND ssl") == 1
    assert good.stop() == 0
    wrong = to_postgres(pair, database, {"url": f"{database.url.replace('localhost', '127.0.0.1')}"
                                                f"?sslmode=verify-full&sslrootcert={database.certificate}"})
    wait_for_error(wrong, "does not match host name")


def test_without_tls(pair, database):
    ingress = pair.ingress()
    to_postgres(pair, database, {"url": f"{database.url}?sslmode=disable", "connections": 2})
    with Load(ingress.port, 500) as load:
        load.finish()
    catch_up(pair)
    check_rows(pair, database.query(PLACES))


def test_a_server_that_says_nothing(pair):
    """It takes the connection, and that is all: the loop goes on, and it is tried again."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        processor = pair.processor(
            ready=False, processor={"handler": "postgres"},
            **{"handlers.postgres": {"url": f"postgresql://u:s3cret@127.0.0.1:{silent.getsockname()[1]}/x",
                                     "connect_timeout_ms": 300}})
        wait_for_error(processor, "no connection within 300 ms")
        assert processor.status_of("/healthz") == 200
        assert processor.stop() == 0
    assert "s3cret" not in processor.log.read_text()


@pytest.mark.parametrize("change, wanted", [
    (lambda url: url.replace("localhost", "no-such-host.invalid"), "no address of no-such-host.invalid"),
    (lambda url: url.replace("s3cret", "guessed"), "password authentication failed"),
    (lambda url: url.replace("/events", "/nothing"), 'database "nothing" does not exist')])
def test_who_cannot_connect_is_told_why(pair, database, change, wanted):
    processor = pair.processor(ready=False, processor={"handler": "postgres"},
                               **{"handlers.postgres": {"url": change(database.url)}})
    error = wait_for_error(processor, wanted)
    for text in (json.dumps(error), processor.log.read_text()):
        assert "s3cret" not in text and "guessed" not in text
    assert processor.stop() == 0


def test_a_locked_table_is_waited_for(pair, database):
    ingress = pair.ingress()
    processor = to_postgres(pair, database, {"statement_timeout_ms": 300})
    until(database.has_table, 60, "the table is there")
    with subprocess.Popen(database.psql(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        print("BEGIN; LOCK TABLE millrace_events; SELECT 'locked';", file=other.stdin, flush=True)
        assert other.stdout.readline() == "locked\n"
        with Load(ingress.port, 100) as load:
            load.finish()
        wait_for_error(processor, "57014")
        assert store(processor)["state"] == "connected" and store(processor)["waiting"] > 0
        other.communicate("COMMIT;")
    catch_up(pair)
    check_rows(pair, database.query(PLACES))
    assert processor.get("/status").json()["totals"]["dead_lettered"] == 0


def test_a_commit_waits_for_the_disk_whatever_the_server_says(pair, database):
    pair.ingress()
    database.query("ALTER ROLE millrace SET synchronous_commit = off")
    try:
        # What the session was told shows in a row that it writes.
        processor = to_postgres(pair, database)
        wait_connected(processor)
        database.query("ALTER TABLE millrace_events ADD COLUMN how text DEFAULT current_setting('synchronous_commit')")
        producer = Producer({"bootstrap.servers": pair.broker.address})
        producer.produce(pair.topic, b"x")
        assert producer.flush(20) == 0
        catch_up(pair)
        assert database.query("SELECT how FROM millrace_events") == [["on"]]
    finally:
        database.query("ALTER ROLE millrace RESET synchronous_commit")
