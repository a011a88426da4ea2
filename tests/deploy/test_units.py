"""The units of systemd: it takes them, they leave the services little, and they give them time to end in order."""

import re
import shutil
import subprocess

import pytest

from kafka_broker import ROOT
from services import program

UNITS = ROOT / "deploy/systemd"
SERVICES = ("ingress", "processor")
MOST_EXPOSURE = 15  # of 100; what is left is the network, which they are for
pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze here")


def unit(service):
    return (UNITS / f"millrace-{service}.service").read_text()


def settings(service):
    """{name: [values]}"""
    found = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", unit(service), re.M):
        found.setdefault(name, []).append(value)
    return found


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("service", SERVICES)
def test_systemd_takes_it(service, tmp_path):
    """With the built program in the place of the installed one."""
    copy = tmp_path / f"millrace-{service}.service"
    copy.write_text(unit(service).replace(f"/usr/bin/millrace-{service}", str(program(f"millrace-{service}"))))
    done = analyze("verify", "--man=no", "--recursive-errors=no", copy)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("service", SERVICES)
def test_little_is_left_to_it(service):
    done = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSURE}",
                   UNITS / f"millrace-{service}.service")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_promised_of_it(service):
    found = settings(service)
    for name, value in {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "PrivateTmp": "yes",
                        "MemoryDenyWriteExecute": "yes", "CapabilityBoundingSet": "", "Type": "exec",
                        "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "LimitCORE": "0"}.items():
        assert found[name] == [value], name
    assert found["SystemCallFilter"][0] == "@system-service"
    assert int(found["LimitNOFILE"][0]) > 10_000  # http.max_connections
    assert ("ExecReload" in found) == (service == "ingress")  # the processor ignores SIGHUP


@pytest.mark.parametrize("service", SERVICES)
def test_it_may_end_in_order(service):
    page = (ROOT / "docs/configuration.md").read_text()
    variable = f"MILLRACE_{service.upper()}_DRAIN_TIMEOUT_MS"
    drain_ms = int(re.search(rf"^\| `drain_timeout_ms` \|[^|]*\| `(\d+)` \|.*`{variable}`", page, re.M)[1])
    assert int(settings(service)["TimeoutStopSec"][0]) >= drain_ms / 1000 + 10


@pytest.mark.parametrize("service", SERVICES)
def test_it_is_started_again_but_not_with_a_wrong_configuration(service, tmp_path):
    found = settings(service)
    assert (found["Restart"], found["StartLimitIntervalSec"]) == (["on-failure"], ["0"])
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[http]\nlisten = 7\n")
    done = subprocess.run([program(f"millrace-{service}"), "--config", wrong], capture_output=True, timeout=30)
    assert found["RestartPreventExitStatus"] == [str(done.returncode)]
