"""A record that cannot be handled goes to the dead-letter topic as it was, and stops nobody."""

import json

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewPartitions, TopicMetadata

from records import lag, read_all
from services import until


def produce(brokers, topic, *records):
    """(value, key, headers) each, to partition 0"""
    producer = Producer({"bootstrap.servers": brokers, "message.max.bytes": 2_000_000})
    for value, key, headers in records:
        producer.produce(topic, value, key, partition=0, headers=headers)
    assert producer.flush(20) == 0


CLOUD_EVENT = [("ce_specversion", b"1.0"), ("ce_id", b"a"), ("ce_source", b"/s"), ("ce_type", b"t")]
MOST_LETTERS = 100_000  # looked through for one receipt


class Admin(AdminClient):
    def __init__(self, brokers):
        super().__init__({"bootstrap.servers": brokers})

    def count(self, topic):
        """0 where there is no such topic."""
        return len(self.list_topics(timeout=20).topics.get(topic, TopicMetadata()).partitions)

    def grow(self, topic, partitions):
        for done in self.create_partitions([NewPartitions(topic, partitions)]).values():
            done.result(20)


def test_a_broken_cloudevent_is_a_dead_letter_and_the_rest_goes_on(pair):
    pair.ingress()  # makes the topic
    processor = pair.processor()
    broken = [("content-type", b"application/json"), ("ce_specversion", b"1.0"), ("ce_type", b"t"), ("x", b"y")]
    batch = [("content-type", b"application/cloudevents-batch+json")]
    produce(pair.broker.address, pair.topic,
            (b'{"n": 0}', b"k", []), (b"poison", b"k", broken), (b"[]", None, batch), (b'{"n": 3}', b"k", []),
            (None, b"k", []))
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 40, "everything committed")

    states = [processor.get(f"/v1/events/{pair.topic}/0/{offset}").json() for offset in range(5)]
    assert [state["state"] for state in states] == \
        ["processed", "dead_lettered", "dead_lettered", "processed", "processed"]
    assert states[0]["id"] == f"{pair.topic}/0/0"

    letters = sorted(read_all(pair.broker.address, f"{pair.topic}.dlq"),
                     key=lambda letter: int(letter.headers["millrace_dlq_offset"]))
    assert [(letter.value, letter.key) for letter in letters] == [(b"poison", b"k"), (b"[]", None)]
    headers = letters[0].headers
    assert {name: value.decode() for name, value in broken}.items() <= headers.items()
    assert headers["millrace_dlq_topic"] == pair.topic
    assert (headers["millrace_dlq_partition"], headers["millrace_dlq_offset"]) == ("0", "1")
    assert headers["millrace_dlq_group"] == pair.group
    assert int(headers["millrace_dlq_timestamp_ms"]) > 0
    for name in ("attempts", "error_class", "error_message", "failed_at"):
        assert headers[f"millrace_dlq_{name}"], name

    totals = processor.get("/status").json()["totals"]
    assert (totals["processed"], totals["dead_lettered"]) == (3, 2), json.dumps(totals)


def test_dead_letters_outlive_the_processor_that_made_them(pair):
    """Another instance of the group knows the event's end from Kafka alone."""
    pair.ingress()
    first = pair.processor()
    produce(pair.broker.address, pair.topic, (b"poison", None, [("ce_specversion", b"1.0")]), (b"1", None, []))
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 40, "everything committed")
    assert first.stop() == 0
    second = pair.processor()
    states = [second.get(f"/v1/events/{pair.topic}/0/{offset}", params={"wait": 5}).json()["state"] for offset in (0, 1)]
    assert states == ["dead_lettered", "processed"]


def test_a_receipt_does_not_call_processed_what_it_has_not_looked_through(pair):
    pair.ingress()
    first = pair.processor()
    produce(pair.broker.address, pair.topic, (b"1", None, CLOUD_EVENT))
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 40, "everything committed")
    place = f"/v1/events/{pair.topic}/0/0"
    assert first.get(place).json()["state"] == "processed"
    assert first.stop() == 0
    producer = Producer({"bootstrap.servers": pair.broker.address, "queue.buffering.max.messages": 200_000})
    for _ in range(MOST_LETTERS + 1):
        producer.produce(f"{pair.topic}.dlq", b"{}", partition=0, headers={"millrace_dlq_group": "another"})
    assert producer.flush(60) == 0
    second = pair.processor()
    until(lambda: second.get(place).json().get("code") == "too_many_dead_letters", 60, "the search ends, and says so")
    assert second.get(place, params={"id": "another"}).json()["code"] == "receipt_mismatch"


def test_partitions_that_are_added_later_are_known_and_so_are_their_letters(pair):
    pair.ingress()
    processor = pair.processor()
    topics = Admin(pair.broker.address)
    letters = f"{pair.topic}.dlq"

    def pauses(number):
        return processor.post("/v1/pause", params={"topic": pair.topic, "partition": number}).status_code

    def listed():
        return [one["dlq"] for one in processor.get("/v1/dead-letters").json()["dead_letters"]]

    count = topics.count(pair.topic)
    until(lambda: pauses(0) == 200 and topics.count(letters) == count, 40, "the topics are known")
    assert pauses(count) == 404
    for topic in (letters, pair.topic):
        topics.grow(topic, count + 1)
    until(lambda: pauses(count) == 200, 40, "the new partition is known")
    producer = Producer({"bootstrap.servers": pair.broker.address})
    producer.produce(letters, b"{}", partition=count, headers={
        "millrace_dlq_group": pair.group, "millrace_dlq_topic": pair.topic, "millrace_dlq_partition": str(count),
        "millrace_dlq_offset": "0"})
    assert producer.flush(20) == 0
    until(lambda: listed() == [{"topic": letters, "partition": count, "offset": 0}], 40, "its letter is listed")


def test_a_record_as_large_as_its_topic_allows(pair):
    """Its letter is larger, by the headers that say why; and a null is no empty value there."""
    pair.ingress()
    pair.processor()
    claim = [("ce_specversion", b"1.0")]
    value = b"x" * (1_048_588 - 100)  # of message.max.bytes, less what a batch adds
    produce(pair.broker.address, pair.topic, (value, None, claim), (None, b"k", claim))
    until(lambda: lag(pair.broker.address, pair.group, pair.topic) == 0, 40, "everything committed")
    letters = read_all(pair.broker.address, f"{pair.topic}.dlq")
    assert {letter.key: letter.value for letter in letters} == {None: value, b"k": None}
