"""The books of a load: what was answered 202 against what Kafka holds and what the processor says."""

import collections
import random

from records import lag, read_all
from services import until


def records_by_id(pair):
    """id -> its records; a duplicate has two"""
    found = collections.defaultdict(list)
    for record in read_all(pair.broker.address, pair.topic):
        found[record.headers["ce_id"]].append(record)
    return found


def check_stored(pair, load):
    """Each 202 is in Kafka exactly once, where its receipt says, and nothing is there that was called not stored.
    Returns the number of records."""
    found, stored = records_by_id(pair), load.stored()
    lost = [id for id in stored if id not in found]
    assert not lost, f"{len(lost)} of {len(stored)} answered 202 are not in Kafka: {lost[:5]}; {load.summary()}"
    for id, receipt in stored.items():
        places = [(record.partition, record.offset) for record in found[id]]
        assert places == [(receipt["partition"], receipt["offset"])], f"{id}: {places}, receipt {receipt}"
    for id, answer in load.answers.items():
        if answer.status == 503:
            assert id not in found, f"{id} was called not stored and is in Kafka: {answer}"
    return sum(map(len, found.values()))


def check_processed(pair, load, processor, sample=200, deadline_s=120):
    """The group has committed everything, and the receipts, of which a sample is asked for, say processed."""
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, deadline_s, "everything committed",
          processor.process)
    stored = load.stored()
    for id in random.Random(1).sample(sorted(stored), min(sample, len(stored))):
        path = stored[id]["status_url"].split("/", 3)[3]
        end = processor.get(f"/{path}", params={"wait": 10})
        assert end.status_code == 200 and end.json()["state"] == "processed", f"{id}: {end.text}"
    until(lambda: sum(p["lag"] or 0 for p in processor.get("/status").json()["partitions"]) == 0, 10, "lag 0 in /status")
