"""One event of 10,000 that fails again and again: it holds up its own key and nobody else, and when it is given up, its
key goes on."""

from confluent_kafka import Producer

from receiver import Receiver
from services import until
from test_deliveries import SECRETS, settings, totals

EVENTS, KEYS, POISON = 10_000, 100, 1_234  # events of one key are POISON % KEYS apart


def test_nobody_waits_for_a_poison_event_but_its_own_key(pair):
    broken, given_up = [], []

    def decide(event, attempt):
        if event.get_id() != str(POISON):
            return 200
        broken.append(attempt)
        return 410 if given_up else 500

    with Receiver(SECRETS, decide) as receiver:
        pair.ingress()  # makes the topic
        processor = pair.processor(**settings(receiver, max_connections=32) | {
            "processor.retry": {"max_attempts": 1_000, "initial_backoff_ms": 20, "max_backoff_ms": 100}})
        producer = Producer({"bootstrap.servers": pair.broker.address})
        for n in range(EVENTS):
            producer.produce(pair.topic, b"{}", f"key-{n % KEYS}", headers={
                "content-type": "application/json", "ce_specversion": "1.0", "ce_id": str(n), "ce_source": "/shop",
                "ce_type": "order.placed"})
        assert producer.flush(60) == 0

        behind = [n for n in range(POISON + 1, EVENTS) if n % KEYS == POISON % KEYS]
        others = EVENTS - 1 - len(behind)
        until(lambda: totals(processor)["processed"] >= others, 240, "all but its key", processor.process)
        tried = len(broken)
        until(lambda: len(broken) > tried, 60, "it is still tried")
        arrived = {int(event.get_id()) for event in receiver.accepted}
        assert len(arrived) == others and not arrived & {POISON, *behind}
        assert totals(processor)["dead_lettered"] == 0

        given_up.append(True)
        until(lambda: totals(processor)["processed"] == EVENTS - 1, 120, "its key goes on", processor.process)
        assert totals(processor)["dead_lettered"] == 1
        of_key = [int(event.get_id()) for event in receiver.accepted if int(event.get_id()) % KEYS == POISON % KEYS]
        assert of_key == [n for n in range(POISON % KEYS, EVENTS, KEYS) if n != POISON]
    assert receiver.faults == []
