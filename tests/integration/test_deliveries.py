"""The handler `http` on a real Kafka, seen from the receiver: signed CloudEvents, in order by key, tried again or
dead-lettered by what it answers."""

import collections
import datetime
import re
import threading

import requests
from cloudevents.core.bindings import http as binding
from cloudevents.core.v1.event import CloudEvent
from prometheus_client.parser import text_string_to_metric_families

from kafka_broker import ROOT
from receiver import Receiver
from records import read_all
from services import until

SECRETS = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2Vjb25kIHNlY3JldCBvZiB0d28gb2YgdGhlbQ=="]
KEYS, EACH = 20, 30


def settings(receiver, **more):
    return {"processor": {"handler": "http"},
            "processor.retry": {"max_attempts": 4, "initial_backoff_ms": 20, "max_backoff_ms": 100},
            "handlers.http": {"url": receiver.url, "signing_secret": SECRETS[0], "signing_secrets": SECRETS[1:],
                              "circuit_failures": 0, **more}}


def new_event(key, number, fate):
    return CloudEvent({"id": f"k{key}.{number}", "source": "/shop/café", "type": "order.placed", "subject": 'a "b" 100%',
                       "time": datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
                       "datacontenttype": "application/json", "partitionkey": f"key {key}", "tenant": "blue"},
                      {"number": number, "fate": fate, "name": "café"})


def post(ingress, event):
    message = binding.to_binary_event(event)
    answer = requests.post(f"{ingress.url}/v1/events", data=message.body, headers=message.headers, timeout=40)
    assert answer.status_code == 202, answer.text


def post_all(ingress, events_by_key):
    """The events of a key one after the other, the keys side by side."""
    threads = [threading.Thread(target=lambda of=of: [post(ingress, event) for event in of])
               for of in events_by_key.values()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def totals(processor):
    return processor.get("/status").json()["totals"]


def check_metrics(processor):
    """docs/metrics.md has the handler's as the page has them."""
    part = (ROOT / "docs/metrics.md").read_text().split("### The handler `http`\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \| [^|]* \| (.*) \|$", part, re.M)
    found = [(family.name + ("_total" if family.type == "counter" else ""), family.type, family.documentation)
             for family in text_string_to_metric_families(processor.get("/metrics").text)
             if family.name.startswith("millrace_handler_")]
    assert sorted(found) == sorted(rows)


def test_every_event_arrives_in_order_of_its_key_and_failures_have_their_ends(pair):
    fates = {0: "busy", 1: "refuse", 2: "break"}  # by number modulo 10; others are taken at once

    def decide(event, attempt):
        fate = event.get_data()["fate"]
        if fate == "busy":
            return 200 if attempt == 3 else (429, {"Retry-After": "0"})
        return {"refuse": 410, "break": 500}.get(fate, 202)

    events = {key: [new_event(key, number, fates.get(number % 10, "take")) for number in range(EACH)]
              for key in range(KEYS)}
    with Receiver(SECRETS, decide) as receiver:
        ingress, processor = pair.ingress(), pair.processor(**settings(receiver))
        post_all(ingress, events)
        until(lambda: totals(processor)["processed"] + totals(processor)["dead_lettered"] == KEYS * EACH, 120,
              "all final", processor.process)
        handler = processor.get("/status").json()["handler"]
        check_metrics(processor)

    assert receiver.faults == []
    expected = {key: [event for event in of if event.get_data()["fate"] in ("take", "busy")]
                for key, of in events.items()}
    arrived = collections.defaultdict(list)
    for event in receiver.accepted:
        arrived[int(event.get_attributes()["partitionkey"].removeprefix("key "))].append(event)
    for key, of in expected.items():
        assert [(e.get_attributes(), e.get_data()) for e in arrived[key]] == \
            [(e.get_attributes(), e.get_data()) for e in of], key
    wanted = {"take": 1, "busy": 3, "refuse": 1, "break": 4}
    for of in events.values():
        for event in of:
            name = event.get_source(), event.get_id()
            assert receiver.attempts[name] == wanted[event.get_data()["fate"]], event
            assert len(receiver.webhook_ids[name]) == 1, "each attempt has the id of the first"
    assert len({id for ids in receiver.webhook_ids.values() for id in ids}) == KEYS * EACH
    assert all(headers["traceparent"].startswith("00-") for headers in receiver.headers)

    letters = collections.Counter(letter.headers["millrace_dlq_error_class"]
                                  for letter in read_all(pair.broker.address, f"{pair.topic}.dlq"))
    assert letters == {"http_410": KEYS * 3, "http_500": KEYS * 3}
    assert handler["deliveries"]["answers"] == {"202": KEYS * 21, "200": KEYS * 3, "429": KEYS * 6, "410": KEYS * 3,
                                                "500": KEYS * 12}
    assert handler["deliveries"]["no_answer"] == {}


def test_a_receiver_that_is_away_for_a_while_costs_no_event(pair):
    receiver = Receiver(SECRETS)
    ingress = pair.ingress()
    processor = pair.processor(**settings(receiver, circuit_failures=5, circuit_open_ms=50, circuit_max_open_ms=200))
    events = {key: [new_event(key, number, "take") for number in range(20)] for key in range(10)}
    post_all(ingress, events)

    def circuit():
        return processor.get("/status").json()["handler"]["circuit"]

    until(lambda: circuit()["postponed"] > 50, 60, "put off", processor.process)
    assert circuit()["state"] in ("open", "half_open")
    with receiver:
        until(lambda: totals(processor)["processed"] == 200, 120, "all delivered", processor.process)
    assert receiver.faults == []
    assert totals(processor)["dead_lettered"] == 0
    assert circuit()["state"] == "closed"
    assert {e.get_id() for e in receiver.accepted} == {e.get_id() for of in events.values() for e in of}
