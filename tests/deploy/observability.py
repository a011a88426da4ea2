"""The files of deploy/observability as the tests read them: alerts, dashboards, and the metrics that both name."""

import json
import re

import yaml

from kafka_broker import ROOT

FOLDER = ROOT / "deploy/observability"
PROMETHEUS, GRAFANA = FOLDER / "prometheus", FOLDER / "grafana"
RULES = sorted((PROMETHEUS / "rules").glob("*.yml"))
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
VARIABLES = {"$__rate_interval": "1m", "$__range": "5m", "$instance": ".*"}


def groups(file):
    return yaml.safe_load(file.read_text())["groups"]


def alerts():
    """{name: rule} of all files"""
    return {rule["alert"]: rule for file in RULES for group in groups(file) for rule in group["rules"]}


def dashboard(file):
    return json.loads(file.read_text())


def panels(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def expressions(board):
    """[(where, expression)] of panels and annotations, with Grafana's variables filled in"""
    found = [(f'{board["title"]}: {panel["title"]}', target["expr"]) for panel in panels(board) for target in panel["targets"]]
    found += [(f'{board["title"]}: annotation {entry["name"]}', entry["expr"])
              for entry in board["annotations"]["list"] if "expr" in entry]
    for variable, value in VARIABLES.items():
        found = [(where, expression.replace(variable, value)) for where, expression in found]
    return found


def metrics_of(expression):
    """Names of metrics in an expression, those of histograms without their ending."""
    names = re.findall(r"\b(?:millrace|process)_[a-z_]+\b", re.sub(r'"[^"]*"', '""', expression))
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in names}


def documented_metrics():
    """{service: names}, by docs/metrics.md, which a test holds against what the services expose"""
    page = (ROOT / "docs/metrics.md").read_text()
    row = re.compile(r"^\| `([a-z_]+)` \| (?:counter|gauge|histogram) \|", re.M)
    process = {name for name in row.findall(page) if name.startswith("process_")}
    ingress, processor = page.split("### What to look at")[0].split("### The processor\n")  # its handlers follow it
    return {"ingress": process | set(row.findall(ingress)), "processor": process | set(row.findall(processor))}
