"""Clients that retry against two ingresses at random: the same event meets the same partition, each instance publishes
it once, and every retry there is given the first receipt."""

import asyncio
import collections
import json
import os
import random
import re
import subprocess

import pytest

from kafka_broker import ROOT
from load import read_answer
from records import lag, read_all
from services import program, until

POSTS = int(os.environ.get("TEST_POSTS", "10000"))
CLIENTS = 48


def documented_partition():
    """partition_of of docs/ingress.md, which other producers are to copy."""
    code = re.search(r"```python\n(def murmur2.*?)```", (ROOT / "docs/ingress.md").read_text(), re.S)
    names = {}
    exec(code[1], names)
    return names["partition_of"]


class Retries:
    """Posts each id up to four times, each time to either ingress, some at both at once, and hangs up on some before
    the answer is there. The last attempt of each is always waited for."""

    def __init__(self, ports, posts, seed):
        self.ports, self.random = ports, random.Random(seed)
        self.numbers = iter(range(posts))
        self.receipts = collections.defaultdict(set)  # (id, port) -> {(partition, offset)}
        self.replays = 0
        self.unexpected = []

    async def run(self):
        await asyncio.gather(*(self.client() for _ in range(CLIENTS)))

    async def client(self):
        connections = {}
        for number in self.numbers:
            id = f"order-{number}"
            for _ in range(self.random.randrange(3)):
                await self.attempt(connections, id, self.random.choice(self.ports), self.random.random() < 0.2)
            if self.random.random() < 0.2:
                await asyncio.gather(*(self.attempt(connections, id, port) for port in self.ports))
            else:
                await self.attempt(connections, id, self.random.choice(self.ports))
        for _, writer in connections.values():
            writer.close()

    async def attempt(self, connections, id, port, hang_up=False):
        if port not in connections:
            connections[port] = await asyncio.open_connection("127.0.0.1", port)
        reader, writer = connections[port]
        body = json.dumps({"order": id})
        writer.write((f"POST /v1/events HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                      f"Idempotency-Key: {id}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode())
        await writer.drain()
        if hang_up:
            writer.close()
            del connections[port]
            return
        answer, _ = await asyncio.wait_for(read_answer(reader), 60)
        if answer.status != 202:
            self.unexpected.append(answer)
            return
        self.replays += "idempotency-replayed: true" in answer.headers.lower()
        self.receipts[id, port].add((answer.receipt["partition"], answer.receipt["offset"]))


@pytest.fixture
def retried(pair):
    """(pair, what was posted, {id: its records})"""
    ingresses = [pair.ingress(), pair.ingress()]
    posted = Retries([made.port for made in ingresses], POSTS, seed=1)
    asyncio.run(posted.run())
    assert posted.unexpected == []
    records = collections.defaultdict(list)
    for record in read_all(pair.broker.address, pair.topic):
        records[record.headers["ce_id"]].append(record)
    return pair, posted, records


def test_retries_meet_and_each_instance_publishes_once(retried):
    _, posted, records = retried
    partition_of = documented_partition()
    assert len(records) == POSTS
    assert posted.replays > 0
    published_twice = 0
    for id, found in records.items():
        assert {record.partition for record in found} == {partition_of("/millrace", id, 6)}, id
        assert len(found) <= len(posted.ports), f"{id} was published {len(found)} times by two instances"
        published_twice += len(found) == 2
    assert published_twice > 0, "the test never met both instances with one id"
    for (id, port), receipts in posted.receipts.items():
        assert len(receipts) == 1, f"{port} gave several receipts for {id}: {receipts}"
        assert receipts <= {(record.partition, record.offset) for record in records[id]}


def processor_drops_duplicates():
    shown = subprocess.run([program("millrace-processor"), "--print-config"], capture_output=True, text=True, check=True)
    return "dedup_window_seconds" in shown.stdout


def test_every_event_is_processed_once(retried):
    if not processor_drops_duplicates():
        pytest.skip("this processor has no processor.dedup_window_seconds")
    pair, _, records = retried
    processor = pair.processor()
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 120, "everything committed", processor.process)
    totals = processor.get("/status").json()["totals"]
    assert totals["processed"] == POSTS
    assert totals["duplicates"] == sum(map(len, records.values())) - POSTS
