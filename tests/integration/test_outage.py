"""A broker or topic that is away and comes back: honest answers meanwhile, and no restart afterwards."""

import json
import time

from account import check_processed, check_stored
from load import Load
from records import create_topic, delete_topic, read_all
from services import until

JSON = {"Content-Type": "application/json"}


def test_a_broker_that_is_down(pair):
    ingress, processor = pair.ingress(), pair.processor()
    assert ingress.post("/v1/events", data=b"0", headers=JSON).status_code == 202
    pair.broker.stop()
    try:
        until(lambda: ingress.status_of("/readyz") == 503, 30, "not ready")
        body = ingress.get("/readyz").text
        assert "broker" in body, f"the failing check is not named: {body}"
        assert ingress.status_of("/healthz") == 200
        for _ in range(20):
            began = time.monotonic()
            answer = ingress.post("/v1/events", data=b"1", headers={**JSON, "Idempotency-Key": "refused"})
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (503, "broker_unavailable"), answer.text
            assert problem["retryable"] is True and int(answer.headers["Retry-After"]) >= 1
            assert time.monotonic() - began < 5, "a known outage is answered at once"
        until(lambda: processor.status_of("/readyz") == 503, 60, "processor not ready")
        assert processor.status_of("/healthz") == 200
    finally:
        pair.broker.start()
    ingress.wait_ready()
    processor.wait_ready(60)
    answer = ingress.post("/v1/events", data=b"2", headers={**JSON, "Idempotency-Key": "afterwards"})
    assert answer.status_code == 202, answer.text
    ids = [record.headers["ce_id"] for record in read_all(pair.broker.address, pair.topic)]
    assert "afterwards" in ids and "refused" not in ids
    end = processor.get(answer.json()["status_url"].removeprefix(processor.url), params={"wait": 30})
    assert end.json()["state"] == "processed"


def test_services_that_start_before_the_broker(pair):
    """They live, say that they are not ready, and are once it comes."""
    pair.broker.stop()
    try:
        ingress, processor = pair.ingress(ready=False), pair.processor(ready=False)
        assert (ingress.status_of("/readyz"), processor.status_of("/readyz")) == (503, 503)
        assert ingress.post("/v1/events", data=b"1", headers=JSON).status_code == 503
    finally:
        pair.broker.start()
    ingress.wait_ready()
    processor.wait_ready(60)
    assert ingress.post("/v1/events", data=b"1", headers=JSON).status_code == 202


def test_a_topic_that_is_deleted_and_made_again(pair):
    ingress, processor = pair.ingress(), pair.processor()
    assert ingress.post("/v1/events", data=b"0", headers=JSON).status_code == 202
    delete_topic(pair.broker.address, pair.topic)
    until(lambda: ingress.status_of("/readyz") == 503, 30, "not ready")
    readiness = ingress.get("/readyz").text
    assert "topic" in readiness, f"the failing check is not named: {readiness}"
    assert ingress.post("/v1/events", data=b"1", headers=JSON).status_code in (503, 504)
    until(lambda: processor.get("/status").json()["partitions"] == [], 60, "the processor noticed")
    create_topic(pair.broker.address, pair.topic)
    ingress.wait_ready(60)
    load = Load(ingress.port, 500, connections=8, prefix="again").start()
    load.finish()
    assert load.summary() == {202: 500}, json.dumps({str(k): v for k, v in load.summary().items()})
    check_stored(pair, load)
    check_processed(pair, load, processor)
