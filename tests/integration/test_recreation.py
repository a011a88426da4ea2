"""A topic that is deleted and made again at once: none of the new log's events is skipped, whatever offsets the old
one had reached, and the ingress goes on."""

import contextlib
import re
import signal

import pytest

from load import Load
from records import create_topic, delete_topic, read_all
from services import until

HANDLER = {"processor": {"handler": "log"}}


def handled(processor):
    """The ids of all events that the handler was given."""
    return set(re.findall(r"\bid=(\S+)", processor.log.read_text(errors="replace")))


def wait_handled(processor, ids, deadline_s=60):
    until(lambda: ids <= handled(processor), deadline_s, f"all {len(ids)} events handled", processor.process)


def replaced_logs(processor):
    return int(re.search(r"^millrace_processor_logs_replaced_total (\d+)", processor.get("/metrics").text, re.M)[1])


def post(ingress, count, prefix):
    load = Load(ingress.port, count, connections=8, prefix=prefix).start()
    load.finish()
    assert load.summary() == {202: count}
    return set(load.stored())


def post_to_new(ingress, count, prefix):
    """At least that many: the topic may be gone for the ingress once more, which refuses events meanwhile."""
    with Load(ingress.port, connections=8, prefix=prefix) as load:
        load.wait_answers(count)
    assert set(load.summary()) <= {202, 503, 504}
    return set(load.stored())


def replace(pair, ingress):
    delete_topic(pair.broker.address, pair.topic)
    create_topic(pair.broker.address, pair.topic)
    until(lambda: ingress.post("/v1/events", json={}).status_code == 202, 60, "the ingress goes on")


@contextlib.contextmanager
def suspended(processor):
    """It never sees the topic missing: only the log itself tells that it is another one."""
    processor.signal(signal.SIGSTOP)
    yield
    processor.signal(signal.SIGCONT)


@contextlib.contextmanager
def restarted(processor):
    assert processor.stop() == 0
    yield
    processor.start()


@pytest.mark.parametrize("away", [suspended, restarted])
@pytest.mark.parametrize("count", [30, 3000], ids=["shorter", "longer"])
def test_while_the_processor_does_not_look(pair, away, count):
    ingress, processor = pair.ingress(), pair.processor(**HANDLER)
    wait_handled(processor, post(ingress, 1000, "old"))
    with away(processor):
        replace(pair, ingress)
        new = post_to_new(ingress, count, "new")
    wait_handled(processor, new)
    assert processor.status_of("/readyz") == 200
    if away is suspended and count == 3000:
        assert replaced_logs(processor) > 0
        assert "The log of a partition is another one" in processor.log.read_text()


def test_a_retry_of_what_went_with_the_topic_is_stored_again(pair):
    """Its first answer names a place where no record is any more."""
    ingress, again = pair.ingress(), {"json": {"n": 1}, "headers": {"Idempotency-Key": "the-same"}}
    assert ingress.post("/v1/events", **again).status_code == 202
    assert ingress.post("/v1/events", **again).headers["Idempotency-Replayed"] == "true"
    delete_topic(pair.broker.address, pair.topic)
    until(lambda: "A topic is gone from Kafka" in ingress.log.read_text(), 60, "the ingress knows")
    create_topic(pair.broker.address, pair.topic)
    answer = until(lambda: (a := ingress.post("/v1/events", **again)).status_code == 202 and a, 60, "the ingress goes on")
    assert "Idempotency-Replayed" not in answer.headers
    assert [record.headers["ce_id"] for record in read_all(pair.broker.address, pair.topic)] == ["the-same"]


def test_under_load(pair):
    """What was answered 202 and is in the new log is handled, also what came while nobody had noticed yet."""
    ingress, processor = pair.ingress(), pair.processor(**HANDLER)
    with Load(ingress.port, rate=1000, connections=16) as load:
        load.wait_answers(3000)
        replace(pair, ingress)
        load.wait_answers(len(load.stored()) + 10000)
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 503, 504}
    there = {record.headers["ce_id"] for record in read_all(pair.broker.address, pair.topic)}
    assert len(there & set(load.stored())) >= 10000
    wait_handled(processor, there)


def test_after_its_leader_has_changed(pair):
    """The new log begins with the first leader epoch again, which a client that remembers a later one distrusts."""
    ingress, processor = pair.ingress(), pair.processor(**HANDLER)
    wait_handled(processor, post(ingress, 100, "old"))
    for _ in range(2):
        pair.broker.restart()
    processor.wait_ready(60)
    ingress.wait_ready()
    wait_handled(processor, post(ingress, 100, "same"))
    with suspended(processor):
        replace(pair, ingress)
        new = post_to_new(ingress, 1000, "new")
    wait_handled(processor, new)
