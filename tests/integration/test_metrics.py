"""What a scrape gets, as those read it who scrape: promtool, Prometheus' own client library, and docs/metrics.md."""

import re
import shutil
import subprocess

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from kafka_broker import ROOT
from pair import Pair

OPENMETRICS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
ROW = re.compile(r"^\| `([a-z_]+)` \| (counter|gauge|histogram) \| ([^|]*) \|", re.M)


@pytest.fixture(scope="module", params=["ingress", "processor"])
def service(request, broker, tmp_path_factory):
    """With numbers to show: of events stored and refused, and of events processed."""
    pair = Pair(broker, tmp_path_factory.mktemp(request.param))
    try:
        ingress, processor = pair.ingress(), pair.processor()
        headers = {"Content-Type": "application/json"}
        receipt = ingress.post("/v1/events", data=b"{}", headers=headers).json()
        assert ingress.post("/v1/events", data=b"{", headers=headers).status_code == 400
        where = receipt["status_url"].removeprefix(processor.url)
        assert processor.get(where, params={"wait": 20}).json()["state"] == "processed"
        yield ingress if request.param == "ingress" else processor
    finally:
        pair.end()


def scrape(service, accept):
    answer = service.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    return answer


def documented(service):
    """{name: (type, labels)} as the page has them. The process's own stand with the ingress."""
    page = (ROOT / "docs/metrics.md").read_text()
    part = page.split(f"### The {service.name}\n")[1].split("\n#")[0]
    own = [row for row in ROW.findall(page) if row[0].startswith("process_")]
    return {name: (kind, set(re.findall(r"[a-z_]+", labels))) for name, kind, labels in ROW.findall(part) + own}


def test_promtool_has_nothing_to_say(service):
    promtool = shutil.which("promtool")
    assert promtool, "promtool is not there; it comes with Debian's package prometheus"
    said = subprocess.run([promtool, "check", "metrics"], input=scrape(service, "text/plain").text, text=True,
                          capture_output=True, timeout=30)
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")


def test_the_text_format_parses(service):
    answer = scrape(service, "*/*")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert any(family.samples for family in parse_text(answer.text))


def test_openmetrics_parses_and_says_the_same(service):
    answer = scrape(service, OPENMETRICS)
    assert answer.headers["Content-Type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8"
    families = {family.name: family.type for family in parse_openmetrics(answer.text)}
    text = {family.name: family.type for family in parse_text(scrape(service, "text/plain").text)}
    assert families == text


def test_the_page_says_what_is_there(service):
    found = {}
    for family in parse_text(scrape(service, "text/plain").text):
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = [set(sample.labels) - {"le"} for sample in family.samples]
        found[name] = (family.type, labels)
    page = documented(service)
    assert sorted(found) == sorted(page)
    for name, (kind, labels) in found.items():
        assert kind == page[name][0], name
        assert all(set_of == page[name][1] for set_of in labels), name
