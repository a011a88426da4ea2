"""The OpenAPI documents of both services against the services: schemathesis makes up requests, valid and not, and no
answer may be one that the document does not allow. And the documents against the sources: the same problem codes."""

import hashlib
import json
import os
import re
import subprocess
import sys

import pytest
from openapi_spec_validator import validate

from kafka_broker import ROOT
from services import toml

HOOKS = ROOT / "tests/integration/openapi/hooks.py"
SEED, EXAMPLES, DEADLINE_S = 20260101, 60, 180
# What the document cannot say: a partition has a topic and a number, or none of both; only topics that are consumed.
ORDERS = """
[[operations]]
include-path-regex = "^/v1/(pause|resume|dead-letters/redrive)$"
[operations.checks.positive_data_acceptance]
expected-statuses = ["2xx", 400, 404, 409]
"""
ROOMS = {"ingress": ("libs/http", "services/ingress"), "processor": ("libs/http", "services/processor")}
CODES = re.compile(r'''\bcode\s*=\s*"([a-z_]+)"|make_fault\(\s*\d+,\s*"([a-z_]+)"|"code":"([a-z_]+)"''')
TRIED = {"phases.stateful": {"enabled": False}, "output.sanitization": {"enabled": False},
         "output.truncation": {"enabled": False}}


def document(service):
    return json.loads((ROOT / f"services/{service}/src/openapi.json").read_text())


def try_out(service, folder, known, accepted, *options):
    """Ends with the findings where there are any. `accepted`: the statuses that a valid request may meet."""
    config = folder / "schemathesis.toml"
    config.write_text("continue-on-failure = true\n" + toml(
        {**TRIED, "checks.positive_data_acceptance": {"expected-statuses": accepted}}) + ORDERS)
    tried = subprocess.run(
        [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()", "--config-file", config,
         "run", f"{service.url}/openapi.json", "--checks", "all", "--seed", str(SEED), "--max-examples", str(EXAMPLES),
         "--no-color", *options],
        cwd=folder, env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS), "OPENAPI_KNOWN": json.dumps(known)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=DEADLINE_S)
    assert tried.returncode == 0, tried.stdout


@pytest.mark.parametrize("service", ROOMS)
def test_the_document_is_openapi(service):
    validate(document(service))


@pytest.mark.parametrize("service", ROOMS)
def test_codes_of_problems_are_those_of_the_sources(service):
    found = set()
    for room in ROOMS[service]:
        for source in (ROOT / room).rglob("*.[ch]pp"):
            found |= {next(filter(None, groups)) for groups in CODES.findall(source.read_text())}
    schemas = document(service)["components"]["schemas"]
    assert set(schemas["problem_code"]["enum"]) == found


def test_it_is_served_with_the_version(pair):
    for service in (pair.ingress(), pair.processor(ready=False)):
        served = service.get("/openapi.json")
        assert served.headers["Content-Type"] == "application/json"
        assert served.json()["info"]["version"] == service.get("/version").json()["version"]
        assert served.json()["paths"] == document(service.name)["paths"]


def test_ingress(pair, tmp_path):
    try_out(pair.ingress(), tmp_path, {"topic": pair.topic}, ["2xx", 404, 422])


def test_ingress_that_asks_who_posts(pair, tmp_path):
    """With credentials, a webhook, a schema, CORS and handshakes."""
    key, secret = "a key of the tests", "a secret of the tests"
    schema = tmp_path / "schema.json"
    schema.write_text(json.dumps({"not": {"type": ["array", "boolean"]}}))
    ingress = pair.ingress(**{
        f"topics.{pair.topic}": {"schema_file": str(schema)},
        "auth.keys.tester": {"sha256": hashlib.sha256(key.encode()).hexdigest()},
        "auth.keys.elsewhere": {"sha256": hashlib.sha256(b"another key").hexdigest(), "topics": ["other"]},
        "hooks.signed": {"scheme": "hmac", "secrets": [secret], "signature_header": "X-Signature",
                         "id_from": "header X-Delivery", "type_from": "header X-Event", "topic": pair.topic},
        "topics.other": {"partitions": 1},
        "cors": {"allowed_origins": ["*"]}, "handshake": {"allowed_origins": ["*"], "rate_per_minute": 100}})
    known = {"topic": pair.topic, "name": "signed", "key": key, "secret": secret}
    try_out(ingress, tmp_path, known, ["2xx", 401, 404, 422])


def test_processor(pair, tmp_path):
    ingress, processor = pair.ingress(), pair.processor()
    for i in range(20):
        ingress.post("/v1/events", json=i)
    try_out(processor, tmp_path, {"topic": pair.topic}, ["2xx", 404, 409], "--exclude-path", "/status/stream")  # endless
