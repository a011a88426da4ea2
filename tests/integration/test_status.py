"""/status says what Kafka's own tools say, at rest to the offset and under load at most two seconds late; and it
streams."""

import json
import threading
import time

import requests
from confluent_kafka import Producer

from pair import EVENTS
from records import committed, end_offsets, lag
from services import until

OLDEST_S = 2.0
TOOL = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"


def tool_says(pair, *what):
    """Rows of kafka-consumer-groups as dictionaries by its own column names."""
    text = pair.broker.tool(TOOL, "--bootstrap-server", pair.broker.address, "--describe", "--group", pair.group, *what)
    lines = [line for line in text.splitlines() if line.strip()]
    names = lines[0].split()
    return [dict(zip(names, line.split())) for line in lines[1:]]


def by_partition(status):
    return {p["partition"]: p for p in status["partitions"]}


def post(ingress, count):
    for first in range(0, count, 500):
        lines = "\n".join(json.dumps({"n": n}) for n in range(first, min(first + 500, count)))
        answer = ingress.post("/v1/events", data=lines, headers={"Content-Type": "application/x-ndjson"})
        assert answer.status_code == 202, answer.text


def check_agreement(pair, processor):
    rows = tool_says(pair)
    status = processor.get("/status").json()
    ours = by_partition(status)
    assert len(rows) == len(ours) == 6
    for row in rows:
        p = ours[int(row["PARTITION"])]
        assert row["TOPIC"] == p["topic"] == pair.topic
        assert str(p["committed_offset"]) == row["CURRENT-OFFSET"], (row, p)
        assert str(p["end_offset"]) == row["LOG-END-OFFSET"], (row, p)
        assert str(p["end_offset"] - p["committed_offset"]) == row["LAG"], (row, p)
        assert p["position"] == p["processed_offset"] == p["committed_offset"], p
        assert p["lag"] == 0 and p["in_flight"] == 0 and p["oldest_in_flight_seconds"] is None, p
        assert row["CONSUMER-ID"] == status["group"]["member_id"]
    (state,) = tool_says(pair, "--state")
    assert status["group"]["protocol"] in state.values(), state
    assert status["state"] == "running"
    return status


def test_at_rest_it_agrees_with_kafkas_own_tool(pair):
    ingress, processor = pair.ingress(), pair.processor()

    def at_rest():
        status = by_partition(processor.get("/status").json())
        return len(status) == 6 and all(
            p["lag"] == 0 and p["committed_offset"] == p["end_offset"] for p in status.values())

    until(at_rest, 60, "an empty topic at rest")
    check_agreement(pair, processor)
    post(ingress, 1_234)
    until(lambda: processor.get("/status").json()["totals"]["processed"] == 1_234, 60, "all processed")
    until(at_rest, 60, "at rest")
    status = check_agreement(pair, processor)
    assert status["totals"]["received"] == sum(p["end_offset"] for p in status["partitions"]) == 1_234

    assert processor.stop() == 0  # what was committed before counts for the next one
    successor = pair.processor()
    until(lambda: all(p["end_offset"] is not None for p in successor.get("/status").json()["partitions"]), 60, "ends")
    check_agreement(pair, successor)


class Stream:
    """The events of /status/stream, as they come."""

    def __init__(self, service):
        self.answer = requests.get(f"{service.url}/status/stream", stream=True, timeout=30)
        assert self.answer.status_code == 200
        self.lines = self.answer.iter_lines(chunk_size=1, decode_unicode=True)

    def next(self):
        fields = {}
        for line in self.lines:
            if not line and "data" in fields:
                return fields
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
        return None

    def status(self):
        return json.loads(self.next()["data"])

    def close(self):
        self.answer.close()


def test_under_load_no_figure_is_older_than_two_seconds(pair):
    """What Kafka's brokers say at one moment, /status says two seconds later, or more; also for partitions of which
    enough is prefetched, so that nothing is fetched."""
    ingress, processor = pair.ingress(), pair.processor(**{"kafka.properties": {"queued.min.messages": "1"}})
    producer = Producer({"bootstrap.servers": pair.broker.address, "linger.ms": 5})
    stop = threading.Event()

    def load():
        n = 0
        while not stop.is_set():
            for _ in range(200):
                producer.produce(pair.topic, b"{}", partition=n % 6)
                n += 1
            producer.flush(30)

    thread = threading.Thread(target=load, daemon=True)
    thread.start()
    try:
        stream = Stream(processor)
        for _ in range(4):
            ends, done = end_offsets(pair.broker.address, pair.topic), committed(pair.broker.address, pair.group, pair.topic)
            asked = time.monotonic()
            uptime = processor.get("/status").json()["uptime_seconds"]  # the stream's next may be an old one
            while stream.status()["uptime_seconds"] < uptime + OLDEST_S:
                pass
            assert time.monotonic() >= asked + OLDEST_S - 1
            status = processor.get("/status").json()
            for partition, p in by_partition(status).items():
                assert p["end_offset"] >= ends[partition], (p, ends)
                assert p["committed_offset"] >= done.get(partition, 0), (p, done)
                assert p["lag"] == max(0, p["end_offset"] - p["position"])
        stream.close()
    finally:
        stop.set()
        thread.join(60)
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 60, "everything committed")
    assert ingress.process.poll() is None


def test_the_stream_says_what_status_says_once_a_second(pair):
    ingress, processor = pair.ingress(), pair.processor()
    first, second = Stream(processor), Stream(processor)
    event = first.next()
    assert (event["event"], event["retry"]) == ("status", "2000")
    assert json.loads(event["data"]).keys() == processor.get("/status").json().keys()
    post(ingress, min(EVENTS, 1_000))
    until(lambda: first.status()["totals"]["processed"] == min(EVENTS, 1_000), 60, "all of them in the stream")
    ups = [first.status()["uptime_seconds"] for _ in range(3)]
    assert all(0.5 < later - earlier < 5 for earlier, later in zip(ups, ups[1:])), ups
    while (status := second.status())["uptime_seconds"] < ups[0]:
        pass
    assert status["uptime_seconds"] in ups  # made once for all
    assert first.answer.headers["Content-Type"] == "text/event-stream"
    assert first.answer.headers["Cache-Control"] == "no-store"
    head = requests.head(f"{processor.url}/status/stream", timeout=10)
    assert (head.status_code, head.headers["Content-Type"]) == (200, "text/event-stream")


def test_streams_are_bounded_and_end_with_the_processor(pair):
    processor = pair.processor(ready=False)
    streams = [Stream(processor) for _ in range(64)]
    refused = processor.get("/status/stream")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert "millrace_processor_status_streams 64\n" in processor.get("/metrics").text
    streams.pop().close()
    until(lambda: "millrace_processor_status_streams 63\n" in processor.get("/metrics").text, 20, "a free place")
    assert processor.stop() == 0
    while streams[0].next():
        pass  # the end came in order: requests would raise otherwise


def test_a_receipt_by_id(pair):
    ingress, processor = pair.ingress(), pair.processor()
    receipt = ingress.post("/v1/events", json={"n": 1}, headers={"Idempotency-Key": "order 17/a+b"}).json()
    found = processor.get("/v1/events", params={"id": "order 17/a+b", "wait": 20}).json()
    assert found["state"] == "processed"
    assert (found["topic"], found["partition"], found["offset"]) == (pair.topic, receipt["partition"], receipt["offset"])
    assert found == requests.get(receipt["status_url"], timeout=20).json()
    assert processor.get("/v1/events", params={"id": "order 17/a+b", "source": receipt["source"]}).json() == found
    assert processor.get("/v1/events", params={"id": "order 17/a+b", "source": "/x"}).status_code == 404
