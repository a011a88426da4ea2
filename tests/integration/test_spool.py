"""The spool on a real Kafka: the broker goes while a load posts, the ingress is killed meanwhile, and every 202 is in
Kafka in the end, each key in the order in which its events were answered."""

import itertools
import json
import threading
import time

import requests

from account import records_by_id
from load import Load
from records import read_all
from services import until

JSON = {"Content-Type": "application/json"}
PAUSE_S = 0.01  # a broker that starts meanwhile needs some of the processor


def spooling(pair, tmp_path, **more):
    return pair.ingress(spool={"path": str(tmp_path / "spool.db")}, ingress={"drain_timeout_ms": 5000}, **more)


def metric(service, name):
    for line in service.get("/metrics").text.splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    raise AssertionError(f"no {name}")


def wait_drained(ingress, deadline_s=120):
    until(lambda: metric(ingress, "millrace_ingress_spool_events") == 0, deadline_s, "the spool is empty",
          ingress.process)


class Keyed:
    """Clients of a key each, which send the next event when the one before is answered, and a refused or unanswered
    one again, under the same id, until it is."""

    def __init__(self, ingress, clients=12):
        self.url = f"{ingress.url}/v1/events"
        self.answered = {f"key-{n}": [] for n in range(clients)}  # ids in the order of their 202
        self.spooled = 0
        self._stopped = False
        self._threads = [threading.Thread(target=self._client, args=(key,), daemon=True) for key in self.answered]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._stopped = True
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def count(self):
        return sum(map(len, self.answered.values()))

    def wait_more(self, count, deadline_s=90):
        wanted = self.count() + count
        until(lambda: self.count() >= wanted, deadline_s, f"{count} more answered 202")

    def _client(self, key):
        session = requests.Session()
        for number in itertools.count():
            if self._stopped:
                return
            id = f"{key}-{number}"
            while not self._post(session, key, id):
                if self._stopped:
                    return
                time.sleep(0.02)
            self.answered[key].append(id)
            time.sleep(PAUSE_S)

    def _post(self, session, key, id):
        try:
            answer = session.post(self.url, params={"key": key}, data=b'{"n":1}', timeout=30,
                                  headers={**JSON, "Idempotency-Key": id})
        except requests.RequestException:
            return False
        if answer.status_code != 202:
            assert answer.status_code in (503, 504), answer.text
            return False
        if answer.json().get("state") == "spooled":
            self.spooled += 1
        return True


def check_order(pair, keyed):
    """Every 202 is there, and the first records of each key's ids are in the order of their answers."""
    first = {key: [] for key in keyed.answered}
    seen, twice = set(), 0
    for record in sorted(read_all(pair.broker.address, pair.topic), key=lambda r: (r.partition, r.offset)):
        key, id = (record.key or b"").decode(), record.headers["ce_id"]
        if key not in first:
            continue
        twice += id in seen
        if id not in seen:
            first[key].append(id)
        seen.add(id)
    print(f"{keyed.count()} answered, {keyed.spooled} of them spooled, {twice} records more than once")
    for key, ids in keyed.answered.items():
        lost = [id for id in ids if id not in seen]
        assert not lost, f"{key}: {len(lost)} of {len(ids)} are lost: {lost[:5]}"
        answered = set(ids)
        assert [id for id in first[key] if id in answered] == ids, key


def test_an_outage_is_bridged(pair, tmp_path):
    ingress, processor = spooling(pair, tmp_path), pair.processor()
    with Keyed(ingress) as keyed:
        keyed.wait_more(200)
        pair.broker.stop()
        try:
            keyed.wait_more(500)
            assert keyed.spooled > 0
            assert ingress.status_of("/readyz") == 200
        finally:
            pair.broker.start()
        keyed.wait_more(300)
    wait_drained(ingress)
    check_order(pair, keyed)
    asked = (ingress.get("/v1/events", params={"id": id}) for id in keyed.answered["key-0"])
    receipt = next(answer.json() for answer in asked if answer.status_code == 200)
    assert receipt["state"] == "stored", receipt
    path = receipt["status_url"].removeprefix(processor.url)
    until(lambda: processor.get(path, params={"wait": 10}).json()["state"] == "processed", 180, "processed",
          processor.process)
    assert ingress.stop() == 0


def test_the_ingress_killed_again_and_again_while_the_broker_is_away(pair, tmp_path):
    ingress = spooling(pair, tmp_path)
    with Keyed(ingress) as keyed:
        keyed.wait_more(100)
        pair.broker.stop()
        try:
            for _ in range(4):
                keyed.wait_more(150)
                ingress.kill()
                ingress.start(ready=False)
            keyed.wait_more(50)
        finally:
            pair.broker.start()
        for _ in range(3):  # and while it publishes
            keyed.wait_more(30)
            ingress.kill()
            ingress.start(ready=False)
        keyed.wait_more(50)
    wait_drained(ingress)
    check_order(pair, keyed)


def test_a_load_through_an_outage_is_stored_and_processed(pair, tmp_path):
    """Without keys, with many connections: nothing is refused but what was on its way when the broker went."""
    ingress, processor = spooling(pair, tmp_path), pair.processor()
    with Load(ingress.port, rate=1500, prefix="outage") as load:
        load.wait_answers(2000)
        pair.broker.kill()
        try:
            load.wait_answers(len(load.stored()) + 4000, deadline_s=120)
        finally:
            pair.broker.start()
        load.wait_answers(len(load.stored()) + 2000, deadline_s=120)
    print("answers", load.summary())
    assert set(load.summary()) <= {202, 504}
    wait_drained(ingress)
    found = records_by_id(pair)
    lost = [id for id in load.stored() if id not in found]
    assert not lost, f"{len(lost)} of {len(load.stored())} are lost: {lost[:5]}"
    direct = {id: receipt for id, receipt in load.stored().items() if "state" not in receipt}
    for id, receipt in direct.items():
        places = [(record.partition, record.offset) for record in found[id]]
        assert places == [(receipt["partition"], receipt["offset"])], f"{id}: {places}, {receipt}"
    assert len(direct) < len(load.stored()), "nothing was spooled"
    until(lambda: processor.get("/status").json()["totals"]["processed"] >= len(load.stored()), 180, "processed")


def test_an_ingress_that_starts_without_a_broker(pair, tmp_path):
    pair.broker.stop()
    try:
        ingress = spooling(pair, tmp_path)  # ready at once
        answer = ingress.post("/v1/events", data=b"1", headers={**JSON, "Idempotency-Key": "early"})
        assert (answer.status_code, answer.json()["state"]) == (202, "spooled"), answer.text
        assert answer.headers["Location"] == answer.json()["status_url"]
        assert ingress.stop() == 0
    finally:
        pair.broker.start()
    ingress.start()
    wait_drained(ingress)
    assert ingress.get(answer.json()["status_url"]).json()["state"] == "stored"
    assert [json.loads(record.value) for record in read_all(pair.broker.address, pair.topic)] == [1]
