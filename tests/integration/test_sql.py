"""The handlers sqlite and postgres: each event is in the table exactly once, whatever is killed, restarted or cut off
in the middle."""

import json
import re
import sqlite3

from account import check_stored
from confluent_kafka import Producer
from kafka_broker import ROOT
from load import Load
from pair import EVENTS
from records import read_all
from services import until
from sql_tables import PLACES, catch_up, check_rows, store, to_postgres, to_sqlite, wait_connected


def test_postgres_holds_what_was_sent_octet_by_octet(pair, database):
    ingress = pair.ingress()
    processor = to_postgres(pair, database)
    processor.wait_ready()
    body = '{"n": 1.0, "text": "zwölf \\u0000"}'.encode()
    answer = ingress.post("/v1/events?key=k%C3%BC", data=body, headers={
        "Content-Type": "application/json", "ce-specversion": "1.0", "ce-id": "one", "ce-source": "/shop", "ce-type": "made",
        "ce-subject": "s", "ce-time": "2026-01-01T00:00:00.123456789+01:00", "ce-region": "eu"})
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert processor.get(receipt["status_url"].replace(f"http://127.0.0.1:{pair.processor_port}", ""),
                         params={"wait": 30}).json()["state"] == "processed"
    row = json.loads(database.query(
        "SELECT row_to_json(e) FROM (SELECT *, encode(data, 'hex') AS hex, encode(partition_key, 'hex') AS key_hex,"
        " round(extract(epoch FROM recorded_at) * 1000)::bigint AS recorded_ms FROM millrace_events) e")[0][0])
    assert (row["topic"], row["partition"], row["record_offset"]) == (pair.topic, receipt["partition"], receipt["offset"])
    assert (row["id"], row["source"], row["type"], row["subject"]) == ("one", "/shop", "made", "s")
    assert row["time"] == "2026-01-01T00:00:00.123456789+01:00"
    assert row["extensions"] == {"region": "eu", "partitionkey": "kü"} or row["extensions"] == {"region": "eu"}
    assert bytes.fromhex(row["hex"]) == body and bytes.fromhex(row["key_hex"]) == "kü".encode()
    assert row["content_type"] == "application/json" and row["plain_record_ms"] == 0
    [record] = read_all(pair.broker.address, pair.topic)
    assert row["recorded_ms"] == record.timestamp_ms
    said = store(processor)
    assert (said["state"], said["rows_added"], said["last_error"]) == ("connected", 1, None)
    metrics = processor.get("/metrics").text
    assert 'millrace_handler_sql_rows_total{outcome="added"} 1\n' in metrics
    described = (ROOT / "docs/metrics.md").read_text().split("### The handlers `sqlite` and `postgres`\n")[1].split("\n#")[0]
    families = {line.split()[2]: line.split()[3] for line in metrics.splitlines()
                if line.startswith("# TYPE millrace_handler_sql_")}
    assert families == dict(re.findall(r"^\| `(\w+)` \| (\w+) ", described, re.M))


def test_postgres_while_the_processor_is_killed_again_and_again(pair, database):
    ingress = pair.ingress()
    processor = to_postgres(pair, database)
    load = Load(ingress.port, EVENTS, rate=4000).start()
    for part in range(1, 6):
        load.wait_answers(EVENTS * part // 6)
        until(lambda: database.has_table() and store(processor)["batches"] > 0, 60, "it has written something")
        processor.kill()
        processor.start(ready=False)
    load.finish()
    assert load.summary() == {202: EVENTS}
    catch_up(pair)
    check_stored(pair, load)
    check_rows(pair, database.query(PLACES))
    print(store(processor))


def test_postgres_restarted_killed_and_its_connections_cut(pair, database):
    ingress = pair.ingress()
    processor = to_postgres(pair, database, {"connections": 3})
    load = Load(ingress.port, EVENTS, rate=4000).start()
    cut = 0
    for part, disturb in enumerate([database.terminate_backends, database.restart, database.terminate_backends,
                                    lambda: (database.kill(), database.start())], start=1):
        load.wait_answers(EVENTS * part // 5)
        wait_connected(processor)
        done = disturb()
        cut += done if isinstance(done, int) else 0
    load.finish()
    assert cut > 0 and load.summary() == {202: EVENTS}
    catch_up(pair)
    check_stored(pair, load)
    check_rows(pair, database.query(PLACES))
    said = processor.get("/status").json()
    assert said["totals"]["dead_lettered"] == 0 and said["totals"]["processed"] >= EVENTS
    assert (said["handler"]["store"]["state"], said["handler"]["store"]["connections"]) == ("connected", 3)
    assert "s3cret" not in processor.log.read_text()
    assert processor.stop() == 0


def test_the_same_event_elsewhere_and_another_at_the_same_place(pair, database):
    """A client's retry beyond any window adds nothing; a plain record of a topic that was made anew does."""
    pair.ingress()
    producer = Producer({"bootstrap.servers": pair.broker.address})
    event = [("ce_specversion", b"1.0"), ("ce_id", b"same"), ("ce_source", b"/s"), ("ce_type", b"t")]
    for partition in (0, 1, 1):
        producer.produce(pair.topic, b"x", partition=partition, headers=event)
    producer.produce(pair.topic, b"plain", partition=2)
    assert producer.flush(20) == 0
    processor = to_postgres(pair, database, dedup_window_seconds=0)
    catch_up(pair)
    assert database.query("SELECT id, count(*) FROM millrace_events GROUP BY id ORDER BY id") == [
        [f"{pair.topic}/2/0", "1"], ["same", "1"]]
    assert store(processor)["rows_known"] == 2
    database.query(f"UPDATE millrace_events SET plain_record_ms = plain_record_ms - 1 WHERE id = '{pair.topic}/2/0'")
    assert processor.stop() == 0
    pair.group += "-again"  # the records of the topic a second time, as if the rows were of an earlier log
    processor = pair.processor(
        ready=False, processor={"handler": "postgres", "session_timeout_ms": 6000},
        **{"handlers.postgres": {"url": database.url}})
    catch_up(pair)
    assert database.query("SELECT id, count(*) FROM millrace_events GROUP BY id ORDER BY id") == [
        [f"{pair.topic}/2/0", "2"], ["same", "1"]]


def test_several_processors_start_on_an_empty_database_at_once(pair, database):
    ingress = pair.ingress()
    with Load(ingress.port, 500) as load:
        load.finish()
    processors = [to_postgres(pair, database, {"connections": 2}) for _ in range(3)]
    catch_up(pair)
    check_rows(pair, database.query(PLACES))
    assert database.query("SELECT table_name, version FROM millrace_schema") == [["millrace_events", "1"]]
    for processor in processors:
        wait_connected(processor)


def test_sqlite_while_the_processor_is_killed_again_and_again(pair, tmp_path):
    ingress = pair.ingress()
    path = tmp_path / "events.db"
    processor = to_sqlite(pair, path)
    load = Load(ingress.port, EVENTS, rate=4000).start()
    for part in range(1, 6):
        load.wait_answers(EVENTS * part // 6)
        until(lambda: store(processor)["batches"] > 0, 60, "it has written something")
        processor.kill()
        processor.start(ready=False)
    load.finish()
    assert load.summary() == {202: EVENTS}
    catch_up(pair)
    check_stored(pair, load)
    with sqlite3.connect(path) as file:
        check_rows(pair, file.execute(PLACES).fetchall())
        assert file.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert processor.stop() == 0
