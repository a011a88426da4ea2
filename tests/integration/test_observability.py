"""A real Prometheus scrapes both services with the rules that we deploy, and every query of rules and dashboards is
put to it."""

import json
import shutil
import subprocess
import sys

import pytest
import requests
import yaml
from confluent_kafka import Producer

from kafka_broker import ROOT, die_with_parent, free_port, tail
from pair import Pair
from receiver import Receiver
from services import until

sys.path.insert(0, str(ROOT / "tests/deploy"))
from observability import DASHBOARDS, PROMETHEUS, alerts, dashboard, expressions  # noqa: E402

JSON = {"Content-Type": "application/json"}

# Without data as long as all is well; of these only the syntax is checked here, and the names in tests/deploy.
EMPTY_WHEN_ALL_IS_WELL = {
    "millrace ingress: annotation Starts", "millrace processor: annotation Starts",
    "millrace ingress: Webhooks",  # none is configured here
    "millrace processor: Deliveries by answer",  # of its two queries the one of deliveries without an answer
    "millrace processor: Oldest event by partition",  # there is none under way
}


class Server:
    """Prometheus with our configuration; only where the services are, and how often they are asked, is the test's."""

    def __init__(self, folder, pair):
        configuration = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())
        configuration["global"] = {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"}
        configuration["rule_files"] = [str(PROMETHEUS / place) for place in configuration["rule_files"]]
        self.port = free_port()
        places = {"millrace-ingress": [s for s in pair.services if s.name == "ingress"],
                  "millrace-processor": [s for s in pair.services if s.name == "processor"]}
        for job in configuration["scrape_configs"]:
            job.pop("dns_sd_configs", None)
            ports = [service.port for service in places.get(job["job_name"], [])] or [self.port]
            job["static_configs"] = [{"targets": [f"127.0.0.1:{port}" for port in ports]}]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
        self.url, self.log = f"http://127.0.0.1:{self.port}", folder / "prometheus.log"
        program = shutil.which("prometheus")
        assert program, "prometheus is not there; it is Debian's package prometheus"
        with open(self.log, "wb") as output:
            self.process = subprocess.Popen(
                [program, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        until(self.ready, 60, f"Prometheus ready\n{tail(self.log)}", self.process)

    def ready(self):
        try:
            return requests.get(f"{self.url}/-/ready", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def ask(self, expression):
        answer = requests.get(f"{self.url}/api/v1/query", params={"query": expression}, timeout=20).json()
        assert answer["status"] == "success", (expression, answer)
        return answer["data"]["result"]

    def scrapes(self):
        return float(self.ask("sum(count_over_time(up[10m]))")[0]["value"][1])

    def get(self, path):
        return requests.get(f"{self.url}/api/v1/{path}", timeout=20).json()["data"]


def post_some(ingress, processor, number):
    answers = [ingress.post("/v1/events", data=b'{"n": 1}', headers=JSON) for _ in range(number)]
    assert {answer.status_code for answer in answers} == {202}
    assert ingress.post("/v1/events", data=b"{", headers=JSON).status_code == 400
    where = answers[-1].json()["status_url"].removeprefix(processor.url)
    assert processor.get(where, params={"wait": 20}).json()["state"] == "processed"


@pytest.fixture(scope="module")
def watched(broker, tmp_path_factory):
    """The pair under a Prometheus that has seen requests, events, and dead letters more than once."""
    folder = tmp_path_factory.mktemp("watched")
    pair = Pair(broker, folder)
    server, receiver = None, Receiver([]).start()
    try:
        ingress, processor = pair.ingress(spool={"path": str(folder / "spool.db")}), pair.processor()
        pair.processor(**{"processor": {"handler": "http", "group": f"{pair.group}-http"},
                          "handlers.http": {"url": receiver.url}})
        post_some(ingress, processor, 5)
        server = Server(folder, pair)
        until(lambda: len(server.ask("up == 1")) == 4, 30, "all scraped")
        until(lambda: server.ask("millrace_handler_http_answers_total"), 60, "deliveries were answered")
        poison = Producer({"bootstrap.servers": broker.address})
        for _ in range(3):  # rates need several scrapes with something between
            post_some(ingress, processor, 5)
            poison.produce(pair.topic, b"poison", headers=[("ce_specversion", b"1.0")])
            assert poison.flush(20) == 0
            before = server.scrapes()
            until(lambda: server.scrapes() >= before + 12, 60, "each of the four scraped three times more")
        until(lambda: server.ask('ALERTS{alertname="MillraceDeadLetters", alertstate="firing"}'), 60, "the alert fires")
        yield server, ingress, processor, pair
    finally:
        receiver.stop()
        if server:
            server.process.terminate()
            server.process.wait(30)
        pair.end()


@pytest.mark.parametrize("file", DASHBOARDS, ids=lambda path: path.stem)
def test_every_query_of_the_dashboard_has_data(watched, file):
    server = watched[0]
    empty = {where for where, expression in expressions(dashboard(file)) if not server.ask(expression)}
    assert empty <= EMPTY_WHEN_ALL_IS_WELL


def test_prometheus_evaluates_every_rule_and_all_is_well_but_the_dead_letters(watched):
    server = watched[0]

    def rules():
        return [rule for group in server.get("rules")["groups"] for rule in group["rules"]]
    until(lambda: all(rule["health"] == "ok" for rule in rules()), 60, "every rule evaluated")
    states = {rule["name"]: rule["state"] for rule in rules()}
    assert set(states) == set(alerts())
    assert [name for name, state in states.items() if state != "inactive"] == ["MillraceDeadLetters"], json.dumps(states)


def test_a_processor_that_is_gone_is_noticed(watched):
    """The last test: it ends the processors. The rule waits for a minute; that it waits is enough here."""
    server, _, _, pair = watched
    for service in pair.services:
        if service.name == "processor":
            service.stop()
    until(lambda: {"MillraceProcessorGone", "MillraceDown"} <=
          {alert["labels"]["alertname"] for alert in server.get("alerts")["alerts"]}, 60, "pending alerts")
