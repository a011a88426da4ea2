"""What Kafka itself says: every record of a topic, offsets, the committed offsets of a group; and topics made and
deleted. Read with an independent client."""

import dataclasses
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

NOT_YET = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError._TRANSPORT)


@dataclasses.dataclass(frozen=True)
class Record:
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict  # name -> text
    timestamp_ms: int


def end_offsets(brokers, topic, deadline_s=20):
    """{partition: end offset}; a broker that has just come back is asked again until it leads what it has."""
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "test-reader"})
    deadline = time.monotonic() + deadline_s
    try:
        while True:
            try:
                partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
                return {p: consumer.get_watermark_offsets(TopicPartition(topic, p), timeout=10)[1] for p in partitions}
            except KafkaException as problem:
                if not problem.args[0].retriable() and problem.args[0].code() not in NOT_YET:
                    raise
                assert time.monotonic() < deadline, problem
                time.sleep(0.1)
    finally:
        consumer.close()


def read_all(brokers, topic, deadline_s=120):
    """Every record that is in the topic now."""
    return list(each_record(brokers, topic, deadline_s))


def each_record(brokers, topic, deadline_s=120):
    """The same, one after the other."""
    wanted = end_offsets(brokers, topic)
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "test-reader", "auto.offset.reset": "earliest",
                         "enable.auto.commit": False, "enable.partition.eof": True})
    missing = {p for p, end in wanted.items() if end > 0}
    deadline = time.monotonic() + deadline_s
    try:
        consumer.assign([TopicPartition(topic, p, 0) for p in wanted])
        while missing:
            assert time.monotonic() < deadline, f"{topic} could not be read to its end"
            for message in consumer.consume(10_000, timeout=1):
                if message.error() and message.error().code() == KafkaError._PARTITION_EOF:
                    if message.offset() >= wanted[message.partition()]:  # the last record may be none of data
                        missing.discard(message.partition())
                    continue
                if message.error():
                    raise KafkaException(message.error())
                headers = {name: (value or b"").decode() for name, value in message.headers() or []}
                yield Record(message.partition(), message.offset(), message.key(), message.value(), headers,
                             message.timestamp()[1])
                if message.offset() + 1 >= wanted[message.partition()]:
                    missing.discard(message.partition())
    finally:
        consumer.close()


def committed(brokers, group, topic):
    """{partition: committed offset}, without those that have none"""
    admin = AdminClient({"bootstrap.servers": brokers})
    result = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(10)
    return {p.partition: p.offset for p in result.topic_partitions if p.topic == topic and p.offset >= 0}


def lag(brokers, group, topic):
    """What the group has not committed yet, in records."""
    done = committed(brokers, group, topic)
    return sum(end - done.get(partition, 0) for partition, end in end_offsets(brokers, topic).items())


def create_topic(brokers, topic, partitions=6):
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(20)


def delete_topic(brokers, topic):
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.delete_topics([topic])[topic].result(20)
