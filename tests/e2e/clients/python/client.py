"""Posts events to the ingress with the CloudEvents SDK for Python, reads the records back with kafka-python, compares
them by the SDK's Kafka binding, and checks that kafka-python's default partitioner chooses the partitions that the
ingress chose. Arguments: INGRESS_URL BROKERS TOPIC. Ends with 0, or says what differs and ends with 1."""

import datetime
import sys
import time

import requests
from cloudevents.core.bindings import http, kafka
from cloudevents.core.v1.event import CloudEvent
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

DEADLINE_S = 60
OBJECT, OCTETS = {"total": 12.5, "name": "café"}, b"\x00\xff\x80raw"
EXTENSIONS = {"tenant": 'blue "1"', "urgent": "true", "attempt": "7"}


def new_event(id, content_type, data):
    return CloudEvent({"id": id, "source": "/clients/python", "type": "client.posted", "subject": "café 100%",
                       "time": datetime.datetime(2026, 1, 2, 3, 4, 5, 678000, datetime.timezone.utc),
                       "datacontenttype": content_type, "partitionkey": f"customer-{id}", **EXTENSIONS}, data)


def post(url, message):
    answer = requests.post(url, data=message.body, headers=message.headers, timeout=DEADLINE_S)
    assert answer.status_code == 202, f"answered {answer.status_code}: {answer.text}"
    return answer.json()


def post_batch(url, events):
    """The SDK has no batches; they are its structured events in an array."""
    bodies = [http.to_structured_event(event).body for event in events]
    answer = post(url, http.HTTPMessage({"content-type": "application/cloudevents-batch+json"},
                                        b"[" + b",".join(bodies) + b"]"))
    assert answer["accepted"] == len(events), answer
    return list(zip(events, bodies, answer["events"]))


def post_all(url):
    """(event, body of its request, receipt) of each event"""
    posted = []
    for name, content_type, data in (("json", "application/json", OBJECT), ("octets", "application/octet-stream", OCTETS)):
        event = new_event(f"python-binary-{name}", content_type, data)
        message = http.to_binary_event(event)
        posted.append((event, message.body, post(url, message)))
        event = new_event(f"python-structured-{name}", content_type, data)
        message = http.to_structured_event(event)
        posted.append((event, message.body, post(url, message)))
    return posted + post_batch(url, [new_event(f"python-batch-{i}", "application/json", OBJECT) for i in range(20)])


def read_back(consumer, receipt):
    at = TopicPartition(receipt["topic"], receipt["partition"])
    consumer.assign([at])
    consumer.seek(at, receipt["offset"])
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline:
        for records in consumer.poll(timeout_ms=1000, max_records=1).values():
            assert records[0].offset == receipt["offset"], (records[0], receipt)
            return records[0]
    raise AssertionError(f"{receipt} was not read in time")


def check_same(event, body, receipt, record):
    """Everything that was posted is in the record, and nothing else but the trace that the ingress started."""
    headers = dict(record.headers)
    assert len(headers) == len(record.headers), f"a header twice: {record.headers}"
    headers.pop("traceparent")
    read = kafka.from_binary_event(kafka.KafkaMessage(headers, record.key, record.value))
    assert read.get_attributes() == event.get_attributes(), (read.get_attributes(), event.get_attributes())
    assert read.get_data() == event.get_data(), (read.get_data(), event.get_data())
    assert receipt["id"] == event.get_id() and receipt["source"] == event.get_source(), receipt
    assert record.key.decode() == event.get_extension("partitionkey"), record.key
    if event.get_datacontenttype() == "application/json":
        assert record.value in body, f"{record.value} is not what was sent: {body}"


def check_partitions(producer, posted):
    """kafka-python's default is murmur2, as in Kafka's own client. An event without key goes by source and id."""
    for event, _, receipt in posted:
        key = event.get_extension("partitionkey").encode()
        chosen = producer.send(receipt["topic"], b"", key=key).get(DEADLINE_S).partition
        assert chosen == receipt["partition"], f"{key}: kafka-python chooses {chosen}, the ingress {receipt}"


def check_partitions_without_key(producer, url, topic):
    for i in range(20):
        event = CloudEvent({"id": f"python-keyless-{i}", "source": "/clients/python", "type": "client.posted"}, b"")
        receipt = post(url, http.to_binary_event(event))
        place = f"{event.get_source()}\0{event.get_id()}".encode()
        chosen = producer.send(topic, b"", key=place).get(DEADLINE_S).partition
        assert chosen == receipt["partition"], f"{place}: kafka-python chooses {chosen}, the ingress {receipt}"


def main():
    base, brokers, topic = sys.argv[1:]
    url = f"{base}/v1/topics/{topic}/events"
    posted = post_all(url)
    consumer = KafkaConsumer(bootstrap_servers=brokers, enable_auto_commit=False)
    for event, body, receipt in posted:
        check_same(event, body, receipt, read_back(consumer, receipt))
    producer = KafkaProducer(bootstrap_servers=brokers)
    check_partitions(producer, posted)
    check_partitions_without_key(producer, url, topic)
    producer.close(DEADLINE_S)
    consumer.close()
    print(f"python: {len(posted)} events are what was posted")


if __name__ == "__main__":
    main()
