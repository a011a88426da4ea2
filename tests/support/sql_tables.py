"""Fixtures and helpers of the tests of the handlers sqlite and postgres."""

import os
import shutil
import tempfile

import pytest

from postgres import Postgres
from records import lag, read_all
from services import until

CATCH_UP_DEADLINE_S = 240
PLACES = "SELECT topic, partition, record_offset, id FROM millrace_events"


@pytest.fixture(scope="session")
def postgres_server():
    """A real PostgreSQL for all tests of a file. A test that stops it starts it again."""
    folder = tempfile.mkdtemp(prefix="millrace-postgres-")
    os.chmod(folder, 0o755)  # the server's user has to enter it; pytest's own folders are closed
    made = Postgres(f"{folder}/server")
    try:
        yield made.start()
    finally:
        made.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def database(postgres_server):
    """The server without tables."""
    postgres_server.query("DROP TABLE IF EXISTS millrace_events, millrace_schema")
    return postgres_server


def to_postgres(pair, database, more=None, **processor):
    """A processor that its group misses soon when it was killed, and whose batches may be large."""
    return pair.processor(
        ready=False, processor={"handler": "postgres", "concurrency": 500, "session_timeout_ms": 6000, **processor},
        **{"handlers.postgres": {"url": database.url, **(more or {})}})


def to_sqlite(pair, path, more=None, **processor):
    return pair.processor(
        ready=False, processor={"handler": "sqlite", "concurrency": 500, "session_timeout_ms": 6000, **processor},
        **{"handlers.sqlite": {"path": str(path), **(more or {})}})


def store(processor):
    """What /status says of its database."""
    return processor.get("/status").json()["handler"]["store"]


def wait_connected(processor):
    until(lambda: store(processor)["state"] == "connected", 60, "connected", processor.process)


def wait_for_error(processor, text):
    """Until /status has it: in the class or the message."""
    def found():
        error = store(processor)["last_error"] or {}
        return text in error.get("class", "") or text in error.get("message", "")
    until(found, 60, f"an error with {text}", processor.process)
    return store(processor)["last_error"]


def catch_up(pair):
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, CATCH_UP_DEADLINE_S, "everything committed")


def check_rows(pair, rows, without=()):
    """`rows` are those of PLACES: one for each record, and no other; `without` are ids that have none."""
    wanted = {(pair.topic, r.partition, r.offset, r.headers["ce_id"]) for r in read_all(pair.broker.address, pair.topic)
              if r.headers["ce_id"] not in without}
    assert len(rows) == len(wanted), f"{len(rows)} rows of {len(wanted)} records"
    assert {(topic, int(partition), int(offset), id) for topic, partition, offset, id in rows} == wanted
