"""docs/webhooks.md at its word: its configuration, and its lines in a shell, against the built ingress on a real
Kafka."""

import json
import re
import subprocess
import tomllib

import pytest

from kafka_broker import ROOT
from records import read_all

PAGE = (ROOT / "docs/webhooks.md").read_text()
HOOKS = {f"hooks.{name}": of for name, of in tomllib.loads(re.search(r"```toml\n(.*?)```", PAGE, re.S)[1])["hooks"].items()}
LINES = dict(re.findall(r"### ([^\n]*)\n\n```sh\n(.*?)```", PAGE, re.S))

# heading -> what its event is
EVENTS = {
    "github": {"ce_id": "72d3162e-cc78-11e3-81ab-4c9367dc0958", "ce_source": "/hooks/github", "ce_type": "github.push",
               "key": b"octo/hello"},
    "stripe": {"ce_id": "evt_1", "ce_source": "/hooks/stripe", "ce_type": "stripe.invoice.paid", "key": b"cus_7"},
    "standard": {"ce_id": "msg_1", "ce_source": "/hooks/users", "ce_type": "standard.user.created", "key": None},
    "standard, Ed25519": {"ce_id": "msg_2", "ce_source": "/hooks/users", "ce_type": "standard.user.deleted",
                          "key": None},
    "hmac": {"ce_id": "17", "ce_source": "/hooks/shop", "ce_type": "hmac.sold", "key": None},
}


@pytest.fixture
def ingress(pair):
    return pair.ingress(**HOOKS)


def run(lines, ingress):
    """The answer that curl prints, and the body that was sent."""
    lines = lines.replace("localhost:8080", f"127.0.0.1:{ingress.port}")
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", lines], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), re.search(r"^body='(.*)'$", lines, re.M)[1]


def test_every_line_is_taken_and_becomes_the_event_that_the_page_says(pair, ingress):
    assert LINES.keys() == EVENTS.keys()
    bodies = {}
    for heading, lines in LINES.items():
        receipt, body = run(lines, ingress)
        assert receipt.get("id") == EVENTS[heading]["ce_id"], receipt
        bodies[receipt["id"]] = body
    records = {record.headers["ce_id"]: record for record in read_all(pair.broker.address, pair.topic)}
    assert len(records) == len(EVENTS)
    for wanted in EVENTS.values():
        record = records[wanted["ce_id"]]
        assert record.value.decode() == bodies[wanted["ce_id"]]
        assert record.key == wanted["key"]
        assert record.headers["content-type"] == "application/json"
        assert wanted.items() <= {**record.headers, "key": record.key}.items()
        assert not any("signature" in name.lower() for name in record.headers)


def test_every_line_is_refused_when_its_body_is_another_or_its_time_long_ago(pair, ingress):
    for heading, lines in LINES.items():
        tampered = lines.replace('--data-binary "$body"', '--data-binary "$body "')
        stale = lines.replace("date +%s", "date -d '-1 hour' +%s")
        future = lines.replace("date +%s", "date -d '+1 hour' +%s")
        assert tampered != lines
        for changed in {tampered, stale, future} - {lines}:
            problem, _ = run(changed, ingress)
            assert (problem["status"], problem["code"]) == (401, "unauthorized"), (heading, problem)
    assert read_all(pair.broker.address, pair.topic) == []


def test_a_delivery_that_comes_again_is_answered_as_the_first_was(pair, ingress):
    first, _ = run(LINES["standard"], ingress)
    again, _ = run(LINES["standard"], ingress)
    assert again == first
    assert len(read_all(pair.broker.address, pair.topic)) == 1
