"""Every form of a POST, read back from Kafka by another client, and its receipt followed to the end."""

import json
import time
import uuid

import pytest

from records import read_all

BINARY = {"ce-specversion": "1.0", "ce-id": "b-1", "ce-source": "/shop", "ce-type": "order.placed",
          "ce-subject": "caf%C3%A9", "ce-time": "2026-01-02T03:04:05Z", "ce-partitionkey": "customer-7"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def running(pair):
    return pair, pair.ingress(), pair.processor()


def posted(running, *, path="/v1/events", status=202, **request):
    """The answer to a POST, and all records of the topic by the id of their event."""
    pair, ingress, _ = running
    answer = ingress.post(path, **request)
    assert answer.status_code == status, answer.text
    return answer, {record.headers["ce_id"]: record for record in read_all(pair.broker.address, pair.topic)}


def check_receipt(running, receipt, record):
    """It names the record, and the processor knows the event's end."""
    pair, _, processor = running
    assert receipt["topic"] == pair.topic
    assert (receipt["partition"], receipt["offset"]) == (record.partition, record.offset)
    assert receipt["status_url"].startswith(processor.url)
    end = processor.get(receipt["status_url"].removeprefix(processor.url), params={"wait": 20}).json()
    assert (end["state"], end["id"], end["source"]) == ("processed", receipt["id"], receipt["source"])
    assert (end["topic"], end["partition"], end["offset"]) == (pair.topic, record.partition, record.offset)


def test_plain_json_passes_as_it_was_sent(running):
    body = b'{ "amount" : 1.10, "big": 123456789012345678901234567890, "amount" : 1.10 }'
    before = time.time() * 1000
    answer, records = posted(running, data=body, headers={"Content-Type": "application/json", "traceparent": TRACE})
    receipt = answer.json()
    assert answer.headers["Location"] == receipt["status_url"]
    assert uuid.UUID(receipt["id"]).version == 7
    record = records[receipt["id"]]
    assert record.value == body
    assert record.key is None
    assert record.headers["content-type"] == "application/json"
    assert record.headers["ce_specversion"] == "1.0"
    assert record.headers["traceparent"] == TRACE
    assert before - 1000 <= record.timestamp_ms <= time.time() * 1000 + 1000
    check_receipt(running, receipt, record)


def test_an_idempotency_key_is_the_id_and_key_is_the_key(running):
    answer, records = posted(running, path="/v1/events?key=k%201", data=b"[1]",
                             headers={"Content-Type": "application/json", "Idempotency-Key": "mine-1"})
    assert answer.json()["id"] == "mine-1"
    assert records["mine-1"].key == b"k 1"
    check_receipt(running, answer.json(), records["mine-1"])


def test_binary_mode(running):
    answer, records = posted(running, data=b"\x00\xffraw", headers={**BINARY, "Content-Type": "image/png"})
    record = records["b-1"]
    assert record.value == b"\x00\xffraw"
    assert record.key == b"customer-7"
    expected = {"content-type": "image/png", "ce_id": "b-1", "ce_source": "/shop", "ce_type": "order.placed",
                "ce_subject": "café", "ce_time": "2026-01-02T03:04:05Z", "ce_specversion": "1.0"}
    assert expected.items() <= record.headers.items()
    check_receipt(running, answer.json(), record)


def test_structured_mode_keeps_the_slice_of_data(running):
    event = b'{"specversion":"1.0","id":"s-1","source":"/s","type":"t","ext1":"x","data":{"a": 1.0,  "b":[ ]}}'
    answer, records = posted(running, data=event, headers={"Content-Type": "application/cloudevents+json"})
    assert records["s-1"].value == b'{"a": 1.0,  "b":[ ]}'
    assert records["s-1"].headers["ce_ext1"] == "x"
    check_receipt(running, answer.json(), records["s-1"])


def test_a_batch_has_receipts_in_order(running):
    events = [{"specversion": "1.0", "id": f"c-{i}", "source": "/s", "type": "t", "data": i} for i in range(20)]
    answer, records = posted(running, data=json.dumps(events),
                             headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.json()["accepted"] == 20
    assert [receipt["id"] for receipt in answer.json()["events"]] == [f"c-{i}" for i in range(20)]
    for i, receipt in enumerate(answer.json()["events"]):
        assert records[f"c-{i}"].value == str(i).encode()
        check_receipt(running, receipt, records[f"c-{i}"])


def test_an_empty_batch_publishes_nothing(running):
    answer, records = posted(running, data="[]", headers={"Content-Type": "application/cloudevents-batch+json"})
    assert (answer.json()["accepted"], answer.json()["events"], records) == (0, [], {})


def test_ndjson_numbers_its_events(running):
    answer, records = posted(running, data=b'{"a": 1}\n\n 2 \r\n"three"',
                             headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": "import"})
    assert [receipt["id"] for receipt in answer.json()["events"]] == ["import/0", "import/1", "import/2"]
    assert [json.loads(records[f"import/{i}"].value) for i in range(3)] == [{"a": 1}, 2, "three"]
    for receipt in answer.json()["events"]:
        check_receipt(running, receipt, records[receipt["id"]])


def test_a_batch_with_one_bad_event_publishes_none(running):
    answer, records = posted(running, status=400, data=b'{"a": 1}\n{"a": \n',
                             headers={"Content-Type": "application/x-ndjson"})
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["retryable"], problem["errors"][0]["index"]) == ("malformed_event", False, 1)
    assert records == {}


def test_a_topic_that_is_not_allowed_is_not_found(running):
    posted(running, path="/v1/topics/other/events", status=404, data=b"1", headers={"Content-Type": "application/json"})


def test_events_of_one_key_keep_their_order(running):
    pair, ingress, _ = running
    lines = "\n".join(str(i) for i in range(1000))
    answer = ingress.post(f"/v1/topics/{pair.topic}/events?key=one", data=lines,
                          headers={"Content-Type": "application/x-ndjson"})
    assert answer.status_code == 202
    records = read_all(pair.broker.address, pair.topic)
    assert len({record.partition for record in records}) == 1
    assert [record.value for record in sorted(records, key=lambda r: r.offset)] == lines.encode().split(b"\n")


def test_log_that_the_receipt_was_not_given_for(running):
    answer, _ = posted(running, data=b"1", headers={"Content-Type": "application/json"})
    receipt, (_, _, processor) = answer.json(), running
    path = f"/v1/events/{receipt['topic']}/{receipt['partition']}"
    wrong = processor.get(f"{path}/{receipt['offset']}", params={"id": "another", "wait": 10})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "receipt_mismatch")
    assert processor.get(f"{path}/{receipt['offset'] + 1000}").status_code == 404
