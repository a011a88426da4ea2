"""The dashboards and how Grafana is told of them, by their files: what Grafana would refuse or show empty."""

import itertools
import re

import pytest
import yaml

from kafka_broker import ROOT
from observability import DASHBOARDS, GRAFANA, PROMETHEUS, dashboard, documented_metrics, expressions, metrics_of, panels

BOARDS = pytest.mark.parametrize("file", DASHBOARDS, ids=lambda path: path.stem)


def compose():
    return yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


@BOARDS
def test_panels_have_a_place_of_their_own(file):
    board = dashboard(file)
    assert board["panels"] and len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    for one, other in itertools.combinations([panel["gridPos"] for panel in board["panels"]], 2):
        apart = (one["x"] + one["w"] <= other["x"] or other["x"] + other["w"] <= one["x"] or
                 one["y"] + one["h"] <= other["y"] or other["y"] + other["h"] <= one["y"])
        assert apart and one["x"] + one["w"] <= 24, (one, other)


@BOARDS
def test_every_query_asks_the_chosen_prometheus(file):
    board = dashboard(file)
    variables = {entry["name"]: entry for entry in board["templating"]["list"]}
    assert (variables["datasource"]["type"], variables["datasource"]["query"]) == ("datasource", "prometheus")
    for panel in panels(board):
        assert panel["title"] and panel["targets"], panel["id"]
        for asked in [panel, *panel["targets"]]:
            assert asked["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, panel["title"]
        letters = [target["refId"] for target in panel["targets"]]
        assert len(set(letters)) == len(letters), panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]


@BOARDS
def test_only_known_variables_are_used(file):
    used = set(re.findall(r"\$\{?(\w+)", file.read_text())) - {"__all"}
    assert used <= {"datasource", "instance", "__rate_interval", "__range"}, used


@BOARDS
def test_only_metrics_that_the_service_exposes_are_named(file):
    known = documented_metrics()[file.stem]
    for where, expression in expressions(dashboard(file)):
        assert metrics_of(expression) <= known, where
        assert metrics_of(expression) or "ALERTS" in expression, where


@BOARDS
def test_its_links_find_it(file):
    board = dashboard(file)
    assert board["uid"] == f"millrace-{file.stem}"
    assert "millrace" in board["tags"]
    assert "id" not in board  # of the Grafana that it was exported from


def test_grafana_finds_dashboards_and_source():
    mounts = dict(mount.split(":")[:2][::-1] for mount in compose()["grafana"]["volumes"])
    provider = yaml.safe_load((GRAFANA / "provisioning/dashboards/millrace.yml").read_text())
    assert provider["apiVersion"] == 1
    assert mounts["/etc/grafana/provisioning"] == "./deploy/observability/grafana/provisioning"
    assert mounts[provider["providers"][0]["options"]["path"]] == "./deploy/observability/grafana/dashboards"
    home = compose()["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (GRAFANA / "dashboards" / home.removeprefix("/etc/grafana/dashboards/")).is_file()
    source = yaml.safe_load((GRAFANA / "provisioning/datasources/prometheus.yml").read_text())
    assert source["apiVersion"] == 1
    made = source["datasources"][0]
    assert (made["type"], made["access"], made["url"]) == ("prometheus", "proxy", "http://prometheus:9090")
    scrapes = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["global"]
    assert made["jsonData"]["timeInterval"] == scrapes["scrape_interval"]


def test_prometheus_asks_the_services_of_compose():
    jobs = {job["job_name"]: job for job in yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]}
    for service in ("ingress", "processor"):
        place = jobs[f"millrace-{service}"]["dns_sd_configs"][0]
        assert place["names"] == [service] and service in compose()
        assert compose()[service]["ports"][0].endswith(f":{place['port']}")


def test_the_profile_is_as_hard_as_the_rest_and_pinned():
    for name in ("prometheus", "grafana"):
        service = compose()[name]
        assert service["profiles"] == ["observability"]
        assert service["read_only"] and service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"] and service["mem_limit"] and service["pids_limit"]
        assert service["user"].split(":")[0] != "0"
        assert all(port.startswith("127.0.0.1:") for port in service["ports"])
        assert re.search(r":-[\w./-]+:v?\d+\.\d+\.\d+\}$", service["image"]), service["image"]
