"""A fresh clone: each of the two commands works unaided."""

import os
import subprocess

import pytest

from kafka_broker import ROOT, free_port


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clone") / "millrace"
    subprocess.run(["git", "clone", "--quiet", ROOT, folder], check=True)
    return folder


def run(clone, *command):
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MILLRACE_")}
    result = subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True, timeout=1500)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_try(clone):
    output = run(clone, "scripts/try", "--once", "--ingress-port", str(free_port()), "--processor-port", str(free_port()))
    assert "all 8 events are processed" in output


def test_test(clone):
    output = run(clone, "scripts/test", "unit", "format")
    assert "100% tests passed, 0 tests failed out of" in output
