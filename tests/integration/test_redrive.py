"""Dead letters on a real Kafka: listed page by page, redriven once each whatever happens meanwhile; and pauses."""

import collections
import concurrent.futures
import signal

import pytest
from confluent_kafka import Producer

from records import lag, read_all
from redriving import redrive, to_the_end
from services import until

LETTERS = 10_000
SHORT_SESSION = {"session_timeout_ms": 6000}


@pytest.fixture
def with_letters(pair):
    """A function that makes the topics and so many letters of good events, as a processor writes them."""
    def make(count, group=None, errors=("timeout",), partitions=6, start=0):
        producer = Producer({"bootstrap.servers": pair.broker.address, "linger.ms": 5})
        for n in range(start, start + count):
            partition = n % partitions
            producer.produce(f"{pair.topic}.dlq", f'{{"n": {n}}}', f"k{n % 100}", partition=partition, headers={
                "content-type": "application/json", "ce_specversion": "1.0", "ce_id": f"id-{n}", "ce_source": "/test",
                "ce_type": "test.made", "millrace_dlq_topic": pair.topic, "millrace_dlq_partition": str(partition),
                "millrace_dlq_offset": str(1_000_000 + n), "millrace_dlq_timestamp_ms": "1",
                "millrace_dlq_group": group or pair.group, "millrace_dlq_attempts": "5",
                "millrace_dlq_error_class": errors[n % len(errors)], "millrace_dlq_error_message": "as told",
                "millrace_dlq_failed_at": "2026-11-29T10:00:00.000Z"})
            if n % 1000 == 0:
                producer.poll(0)
        assert producer.flush(60) == 0
    return make


def processor_of(pair, **own):
    """One whose dead-letter topic exists."""
    made = pair.processor(processor={**SHORT_SESSION, **own})
    until(lambda: made.get("/v1/dead-letters").status_code == 200, 60, "the topics are known")
    return made


def copies(pair):
    """id -> how often it is in the topic, as a reader of committed records sees it"""
    return collections.Counter(record.headers["ce_id"] for record in read_all(pair.broker.address, pair.topic))


def pages(processor, **query):
    """All letters, page by page."""
    letters, cursor = [], None
    while True:
        answer = processor.get("/v1/dead-letters", params={**query, **({"cursor": cursor} if cursor else {})})
        if answer.status_code == 503 and answer.json()["code"] == "overloaded":
            continue
        assert answer.status_code == 200, answer.text
        page = answer.json()
        letters += page["dead_letters"]
        assert len(page["dead_letters"]) <= query.get("limit", 100)
        cursor = page["next_cursor"]
        if cursor is None:
            return letters


def places(letters):
    return [(letter["dlq"]["partition"], letter["dlq"]["offset"]) for letter in letters]


def test_letters_are_listed_page_by_page(pair, with_letters):
    pair.ingress()
    processor = processor_of(pair)
    with_letters(1000, errors=("timeout", "http_4xx", "gone"))
    with_letters(10, group="another")
    for limit in (1000, 300, 70):
        listed = pages(processor, limit=limit)
        assert len(set(places(listed))) == len(listed) == 1000
        assert {letter["id"] for letter in listed} == {f"id-{n}" for n in range(1000)}
    for partition in range(6):
        offsets = [offset for at, offset in places(listed) if at == partition]
        assert offsets == sorted(offsets, reverse=True)
    first = listed[0]
    assert (first["topic"], first["source"], first["type"], first["attempts"], first["redriven_at"]) == \
        (pair.topic, "/test", "test.made", 5, None)
    assert len(pages(processor, limit=50, error_class="gone")) == 333
    assert [letter["id"] for letter in pages(processor, id="id-7")] == ["id-7"]
    assert pages(processor, error_class="nothing") == []
    assert processor.get("/v1/dead-letters", params={"topic": "other"}).status_code == 404

    # What comes while a client pages on is on no page that follows.
    page = processor.get("/v1/dead-letters", params={"limit": 400}).json()
    with_letters(50, start=1000, errors=("timeout", "http_4xx", "gone"))
    rest = []
    while page["next_cursor"]:
        rest += page["dead_letters"]
        page = processor.get("/v1/dead-letters", params={"limit": 400, "cursor": page["next_cursor"]}).json()
    rest += page["dead_letters"]
    assert sorted(places(rest)) == sorted(places(listed))
    assert len(pages(processor, limit=1000)) == 1050

    # Another processor, which has seen no page before, shows what was redriven on any page.
    assert to_the_end(processor, redrive(processor, error_class="gone"))["redriven"] == 350
    second = processor_of(pair)
    cursor = processor.get("/v1/dead-letters", params={"limit": 400}).json()["next_cursor"]
    for one in (processor, second):
        page = one.get("/v1/dead-letters", params={"limit": 600, "cursor": cursor}).json()["dead_letters"]
        assert page and all((letter["redriven_at"] is not None) == (letter["error_class"] == "gone") for letter in page)
        assert len(pages(one, redriven="true", limit=1000)) == 350
        assert len(pages(one, redriven="false", limit=1000)) == 700


def test_what_was_a_dead_letter_is_processed(pair, with_letters):
    pair.ingress()
    processor = processor_of(pair)
    with_letters(300, errors=("timeout", "gone"))
    assert redrive(processor, all=True, dry_run=True).json()["left"] == 300
    assert copies(pair) == {}
    one = processor.get("/v1/dead-letters", params={"id": "id-7"}).json()["dead_letters"][0]
    report = to_the_end(processor, redrive(processor, dead_letters=[one["dlq"]]))
    assert (report["selected"], report["redriven"]) == (1, 1)
    copy = report["events"][0]
    receipt = processor.get(f"/v1/events/{copy['topic']}/{copy['partition']}/{copy['offset']}", params={"wait": 20}).json()
    assert (receipt["id"], receipt["state"]) == ("id-7", "processed")
    assert to_the_end(processor, redrive(processor, error_class="gone", rate_per_second=200))["redriven"] == 149
    report = to_the_end(processor, redrive(processor, all=True))
    assert (report["selected"], report["already_redriven"], report["redriven"]) == (300, 150, 150)
    assert copies(pair) == {f"id-{n}": 1 for n in range(300)}
    until(lambda: processor.get("/status").json()["totals"]["processed"] == 300, 60, "all processed")
    record = next(r for r in read_all(pair.broker.address, pair.topic) if r.headers["ce_id"] == "id-7")
    assert (record.key, record.value, record.partition) == (b"k7", b'{"n": 7}', 1)
    assert record.headers["millrace_redriven"] == f"{pair.topic}.dlq/1/{one['dlq']['offset']}"
    assert not [name for name in record.headers if name.startswith("millrace_dlq_")]


def test_killed_in_the_middle_and_repeated(pair, with_letters):
    """None twice, none missing, however often."""
    pair.ingress()
    processor = processor_of(pair)
    with_letters(LETTERS)
    killed = 0
    for goal in (500, 2000, 1500, 1000):
        with concurrent.futures.ThreadPoolExecutor() as threads:
            answer = threads.submit(lambda: redrive(processor, all=True))
            until(lambda: answer.done() or (processor.get("/status").json()["redrive"] or {}).get("redriven", 0) >= goal,
                  120, "some are redriven")
            killed += not answer.done()
            processor.signal(signal.SIGKILL)
            processor.kill()
            answer.exception()
        processor.start(ready=False)
    assert killed > 0
    assert len(copies(pair)) < LETTERS
    until(lambda: processor.get("/v1/dead-letters").status_code == 200, 60, "the topics are known again")
    report = to_the_end(processor, redrive(processor, all=True))
    assert report["state"] == "done", report
    assert (report["selected"], report["left"], report["failed"]) == (LETTERS, 0, 0)
    assert copies(pair) == {f"id-{n}": 1 for n in range(LETTERS)}
    assert to_the_end(processor, redrive(processor, all=True))["already_redriven"] == LETTERS
    processor.wait_ready(60)
    until(lambda: sum(p["lag"] or 0 for p in processor.get("/status").json()["partitions"]) == 0, 120, "all processed")


def test_two_processors_redrive_at_once(pair, with_letters):
    pair.ingress()
    first, second = processor_of(pair), processor_of(pair)
    with_letters(LETTERS)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        answers = [threads.submit(redrive, one, all=True) for one in (first, second)]
        codes = [(answer.result().status_code, answer.result().json().get("code")) for answer in answers]
    assert all(code in [(200, None), (202, None), (409, "redrive_taken_over")] for code in codes), codes
    for one in (first, second):
        until(lambda: one.get("/status").json()["redrive"]["state"] != "running", 120, "the redrive ended")
    ends = [one.get("/v1/dead-letters/redrive").json() for one in (first, second)]
    last = to_the_end(first, redrive(first, all=True))
    assert last["left"] == 0
    assert sum(end["redriven"] for end in ends) + last["redriven"] == LETTERS, ends
    assert copies(pair) == {f"id-{n}": 1 for n in range(LETTERS)}


def test_a_redrive_ends_with_its_processor(pair, with_letters):
    """SIGTERM while a rate is waited for; another processor of the group goes on."""
    pair.ingress()
    first = processor_of(pair)
    with_letters(200)
    with concurrent.futures.ThreadPoolExecutor() as threads:
        answer = threads.submit(redrive, first, all=True, rate_per_second=20)
        until(lambda: (first.get("/status").json()["redrive"] or {}).get("redriven", 0) >= 20, 60, "some are redriven")
        assert redrive(first, all=True).json()["code"] == "redrive_running"
        assert first.stop() == 0
        assert (answer.result().status_code, answer.result().json()["code"]) == (503, "draining")
    second = processor_of(pair)
    report = to_the_end(second, redrive(second, all=True))
    assert report["already_redriven"] >= 20
    assert report["already_redriven"] + report["redriven"] == 200
    assert copies(pair) == {f"id-{n}": 1 for n in range(200)}


def test_a_letter_that_cannot_go_back_holds_up_no_other(pair, with_letters):
    pair.ingress()
    processor = processor_of(pair)
    with_letters(20)
    producer = Producer({"bootstrap.servers": pair.broker.address, "message.max.bytes": 8_000_000})
    producer.produce(f"{pair.topic}.dlq", b"x" * 4_000_000, partition=1, headers={
        "millrace_dlq_topic": pair.topic, "millrace_dlq_partition": "1", "millrace_dlq_offset": "7",
        "millrace_dlq_group": pair.group, "millrace_dlq_error_class": "timeout"})
    assert producer.flush(30) == 0
    with_letters(20, start=20)
    report = to_the_end(processor, redrive(processor, all=True))
    assert (report["redriven"], report["failed"], report["left"]) == (40, 1, 0)
    assert report["failures"][0]["dlq"]["partition"] == 1
    assert copies(pair) == {f"id-{n}": 1 for n in range(40)}


def test_a_pause_outlives_a_rebalance(pair):
    """One member of two is paused, gets its partitions back, and handles nothing until it is resumed."""
    ingress = pair.ingress()
    first = processor_of(pair)
    assert first.post("/v1/pause").status_code == 200
    second = processor_of(pair)
    until(lambda: len(second.get("/status").json()["partitions"]) == 3, 60, "they share")
    assert second.stop() == 0
    until(lambda: len(first.get("/status").json()["partitions"]) == 6, 60, "all are back")
    status = first.get("/status").json()
    assert status["state"] == "paused" and {p["state"] for p in status["partitions"]} == {"paused"}
    assert first.get("/readyz").status_code == 200
    receipts = [ingress.post("/v1/events", json=n).json() for n in range(60)]
    where = receipts[-1]["status_url"].split("/", 3)[3]
    assert first.get(f"/{where}", params={"wait": 2}).json()["state"] == "pending"
    assert first.get("/status").json()["totals"]["received"] == 0
    assert first.post("/v1/resume").status_code == 200
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 60, "all handled")
    assert first.get("/status").json()["totals"]["processed"] == 60
