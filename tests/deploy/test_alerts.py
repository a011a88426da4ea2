"""The alert rules: Prometheus takes them, each fires when it should and not otherwise, and each is explained."""

import re
import shutil
import subprocess

import pytest
import yaml

from kafka_broker import ROOT
from observability import PROMETHEUS, RULES, alerts, documented_metrics, groups, metrics_of

CASES = sorted((ROOT / "tests/deploy/rules").glob("*_test.yml"))


def promtool(*arguments, folder=None):
    program = shutil.which("promtool")
    assert program, "promtool is not there; it comes with Debian's package prometheus"
    done = subprocess.run([program, *arguments], cwd=folder, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_prometheus_takes_the_configuration():
    promtool("check", "config", "--lint=all", "--lint-fatal", PROMETHEUS / "prometheus.yml")


@pytest.mark.parametrize("cases", CASES, ids=lambda path: path.stem)
def test_alerts_fire_when_they_should(cases, tmp_path):
    """What an alert says is not repeated in its cases, so promtool is given the rules without their words."""
    wanted = yaml.safe_load(cases.read_text())
    for place in wanted["rule_files"]:
        source = (cases.parent / place).resolve()
        bare = groups(source)
        for group in bare:
            for rule in group["rules"]:
                del rule["annotations"]
        (tmp_path / source.name).write_text(yaml.safe_dump({"groups": bare}))
    wanted["rule_files"] = [place.rsplit("/", 1)[1] for place in wanted["rule_files"]]
    (tmp_path / cases.name).write_text(yaml.safe_dump(wanted))
    promtool("test", "rules", cases.name, folder=tmp_path)


def test_each_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not():
    fires, silent = set(), set()
    for file in CASES:
        for case in yaml.safe_load(file.read_text())["tests"]:
            for expected in case["alert_rule_test"]:
                (fires if expected.get("exp_alerts") else silent).add(expected["alertname"])
    assert fires == set(alerts())
    assert silent == set(alerts())


def test_names_are_unique_and_say_whose_they_are():
    names = [rule["alert"] for file in RULES for group in groups(file) for rule in group["rules"]]
    assert len(names) == len(set(names))
    assert all(name.startswith("Millrace") for name in names)


def test_each_says_how_urgent_it_is_and_what_to_do():
    for name, rule in alerts().items():
        assert rule["labels"]["severity"] in ("critical", "warning"), name
        assert rule["annotations"]["summary"] and rule["annotations"]["description"].endswith("."), name


def test_the_page_explains_each_of_them():
    page = (ROOT / "docs/observability.md").read_text()
    explained = dict(re.findall(r"^\| `(Millrace\w+)` \| (\w+) \|", page, re.M))
    assert explained == {name: rule["labels"]["severity"] for name, rule in alerts().items()}


def test_only_metrics_that_a_service_exposes_are_named():
    known = set().union(*documented_metrics().values())
    for name, rule in alerts().items():
        assert metrics_of(rule["expr"]) or "up{" in rule["expr"], name
        assert metrics_of(rule["expr"]) <= known, name
