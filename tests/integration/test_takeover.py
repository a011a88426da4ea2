"""What a processor knows of what was done with a partition before it had it: after a restart, a crash, a rebalance."""

import re

import pytest
import requests

from records import committed, end_offsets, lag
from services import until
from test_dead_letters import produce

QUICK = {"session_timeout_ms": 6000}  # the least that a broker takes
IDS = 600


def metric(processor, name):
    return int(re.search(rf"^{re.escape(name)} (\d+)", processor.get("/metrics").text, re.M)[1])


def post_ids(ingress, first=0, count=IDS):
    with requests.Session() as client:
        for n in range(first, first + count):
            answer = client.post(f"{ingress.url}/v1/events", json={"n": n}, headers={"Idempotency-Key": f"id-{n}"})
            assert answer.status_code == 202


def wait_committed(pair):
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 60, "everything committed")


def totals(*processors):
    all = [processor.get("/status").json()["totals"] for processor in processors]
    return {name: sum(each[name] for each in all) for name in ("received", "processed", "duplicates")}


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_a_retry_that_comes_after_a_restart_is_a_duplicate(pair, how):
    first, processor = pair.ingress(), pair.processor(processor=QUICK)
    post_ids(first)
    wait_committed(pair)
    if how == "stopped":
        assert processor.stop() == 0
    else:
        processor.kill()
    post_ids(pair.ingress())  # it knows nothing of what the first one took
    processor.start(ready=False)
    processor.wait_ready(60)
    wait_committed(pair)
    assert sum(end_offsets(pair.broker.address, pair.topic).values()) == 2 * IDS
    assert totals(processor) == {"received": IDS, "processed": 0, "duplicates": IDS}
    assert metric(processor, "millrace_processor_events_reread_total") == IDS
    states = {p["state"] for p in processor.get("/status").json()["partitions"]}
    assert states == {"active"}


def test_a_retry_that_comes_after_a_rebalance_is_a_duplicate(pair):
    ingress, first = pair.ingress(), pair.processor(processor=QUICK)
    post_ids(ingress)
    wait_committed(pair)
    second = pair.processor(processor=QUICK)
    until(lambda: len(second.get("/status").json()["partitions"]) == 3, 60, "the second has half of the partitions")
    until(lambda: len(first.get("/status").json()["partitions"]) == 3, 60, "and the first the other half")
    other = pair.ingress()
    post_ids(other)
    wait_committed(pair)
    assert totals(first, second) == {"received": 2 * IDS, "processed": IDS, "duplicates": IDS}
    assert first.stop() == 0
    until(lambda: len(second.get("/status").json()["partitions"]) == 6, 60, "the second has all")
    post_ids(pair.ingress(), 0, IDS + 1)
    wait_committed(pair)
    assert totals(second)["processed"] == 1
    for name in ("partition_lost", "drain_timeout"):
        assert metric(second, f'millrace_processor_events_overlapped_total{{reason="{name}"}}') == 0


@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_what_was_finished_beyond_the_committed_offset_is_not_handled_again(pair, how):
    """An event is stuck: it is to be a dead letter, and this processor may not send one so large."""
    pair.ingress()  # makes the topic
    stuck = {"processor": {**QUICK, "drain_timeout_ms": 500}, "kafka.properties": {"message.max.bytes": "2000"}}
    first = pair.processor(**stuck)
    poison = (b"x" * 3000, b"k", [("ce_specversion", b"1.0")])
    fine = [(b"%d" % n, None, []) for n in range(2000)]
    produce(pair.broker.address, pair.topic, poison, *fine)
    until(lambda: totals(first)["processed"] == 2000, 60, "all others are processed")
    second = pair.processor(**stuck)  # either of them may have the partition now

    def told_by(one, offset):
        return one.get(f"/v1/events/{pair.topic}/0/{offset}").json()["state"]
    until(lambda: told_by(first, 2000) == told_by(second, 2000) == "processed", 60, "either tells what is finished")
    assert committed(pair.broker.address, pair.group, pair.topic).get(0, 0) == 0
    assert totals(first, second)["processed"] == 2000
    for one in (first, second):
        assert one.stop() == 0 if how == "stopped" else one.kill() is None
    produce(pair.broker.address, pair.topic, (b"new", None, []))
    third = pair.processor(ready=False, processor=QUICK)
    third.wait_ready(60)
    wait_committed(pair)
    assert metric(third, "millrace_processor_events_recalled_total") == 2000
    assert totals(third)["processed"] == 1
    assert [told_by(third, offset) for offset in (0, 1000, 2001)] == ["dead_lettered", "processed", "processed"]


def test_a_member_with_a_name_comes_back_to_its_partitions_and_disturbs_nobody(pair):
    ingress = pair.ingress()
    first, second = (pair.processor(processor={"instance_id": name, "session_timeout_ms": 30000}) for name in "ab")

    def names(processor):
        return {p["partition"] for p in processor.get("/status").json()["partitions"]}
    until(lambda: len(names(first)) == len(names(second)) == 3, 60, "each has half of the partitions")
    post_ids(ingress, 0, 100)
    wait_committed(pair)
    before = names(first), second.get("/status").json()["group"]["rebalances"]
    for end in (first.stop, first.kill):
        end()
        post_ids(ingress, 1000, 100)
        first.start(ready=False)
        first.wait_ready(60)
        wait_committed(pair)
        assert (names(first), second.get("/status").json()["group"]["rebalances"]) == before
    assert metric(second, "millrace_processor_partitions_lost_total") == 0
