"""200,000 events by wrk over 64 connections: what was answered 202 is what Kafka holds is what was processed."""

import collections
import os
import pathlib
import signal
import subprocess
import time

from records import lag, read_all
from services import until

EVENTS = int(os.environ.get("TEST_LOAD_EVENTS", "200000"))
CONNECTIONS, THREADS = 64, 2
DEADLINE_S = 300


class Wrk:
    """wrk with a fixed number of requests, each connection pausing before its next one."""

    def __init__(self, ingress, folder, pause_ms):
        self.result = pathlib.Path(folder) / "answers"
        self.process = subprocess.Popen(
            ["wrk", f"-c{CONNECTIONS}", f"-t{THREADS}", f"-d{DEADLINE_S}s", "--timeout", "60s", "-s",
             pathlib.Path(__file__).with_name("load.lua"), ingress.url + "/v1/events"],
            env={**os.environ, "LOAD_EVENTS": str(EVENTS), "LOAD_THREADS": str(THREADS),
                 "LOAD_PAUSE_MS": str(pause_ms), "LOAD_RESULT": str(self.result)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def lines(self):
        files = [pathlib.Path(f"{self.result}.{thread}") for thread in range(THREADS)]
        return sum(file.read_bytes().count(b"\n") for file in files if file.exists())

    def end(self):
        """(answers by status, receipts as {(partition, offset): id})"""
        until(lambda: self.lines() == EVENTS, DEADLINE_S, "every request answered", self.process)
        self.process.send_signal(signal.SIGINT)  # it would sit out its time
        output, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0 and "Socket errors" not in output, output
        statuses, receipts = collections.Counter(), {}
        for thread in range(THREADS):
            for line in pathlib.Path(f"{self.result}.{thread}").read_text().splitlines():
                status, partition, offset, id = line.split(" ", 3)
                statuses[int(status)] += 1
                if status == "202":
                    assert (int(partition), int(offset)) not in receipts, f"given twice: {line}"
                    receipts[int(partition), int(offset)] = id
        assert sum(statuses.values()) == EVENTS, (statuses, output)
        return statuses, receipts


def check_stored(pair, receipts):
    """Every receipt is for a record in Kafka, and of that id. Returns the number of records."""
    records = {(record.partition, record.offset): record.headers["ce_id"]
               for record in read_all(pair.broker.address, pair.topic)}
    lost = [place for place, id in receipts.items() if records.get(place) != id]
    assert not lost, f"{len(lost)} answered 202 are not in Kafka as their receipts say: {lost[:5]}"
    return len(records)


def wait_processed(pair, processor):
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 120, "everything committed", processor.process)
    until(lambda: sum(p["lag"] or 0 for p in processor.get("/status").json()["partitions"]) == 0, 10, "lag 0 in /status")


def test_all_of_it(pair, tmp_path):
    ingress, processor = pair.ingress(), pair.processor()
    load = Wrk(ingress, tmp_path, pause_ms=1)
    until(lambda: processor.get("/status").json()["totals"]["processed"] > EVENTS // 4, 120, "a quarter processed")
    early = ingress.memory_mib("VmRSS"), processor.memory_mib("VmRSS")
    statuses, receipts = load.end()
    late = ingress.memory_mib("VmRSS"), processor.memory_mib("VmRSS")
    assert statuses == {202: EVENTS}
    assert check_stored(pair, receipts) == EVENTS
    wait_processed(pair, processor)
    assert processor.get("/status").json()["totals"]["processed"] == EVENTS
    print(f"answers {dict(statuses)}, resident MiB after a quarter {early}, at the end {late}, "
          f"most ever {ingress.memory_mib(), processor.memory_mib()}")
    assert ingress.memory_mib() < 64 and processor.memory_mib() < 128
    assert late[0] - early[0] < 16 and late[1] - early[1] < 32, (early, late)


def test_with_the_processor_killed_twice_and_the_broker_restarted(pair, tmp_path):
    ingress, processor = pair.ingress(), pair.processor(processor={"session_timeout_ms": 10000})
    load = Wrk(ingress, tmp_path, pause_ms=8)
    began = time.monotonic()
    until(load.lines, 30, "the load began")
    for kill in (1, 2):
        until(lambda: time.monotonic() > began + kill * 6, 30, "a while of load")
        assert load.process.poll() is None, "the load is over too early"
        processor.kill()
        processor.start(ready=False)
    assert load.process.poll() is None, "the load is over too early"
    pair.broker.restart()
    assert load.process.poll() is None, "the load was over before the broker was back"
    statuses, receipts = load.end()
    print(f"answers {dict(statuses)} in {time.monotonic() - began:.0f} s")
    assert set(statuses) <= {202, 503, 504} and statuses[202] > EVENTS // 2, statuses
    assert statuses[202] <= check_stored(pair, receipts) <= statuses[202] + statuses[504]
    processor.wait_ready(60)
    wait_processed(pair, processor)
