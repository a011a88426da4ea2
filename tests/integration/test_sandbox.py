"""Both services do nothing that their units of systemd forbid: every system call that they make is one that is allowed
there, and no memory is ever writable and executable. With strace looking on."""

import re
import shutil
import subprocess

import pytest

from kafka_broker import ROOT
from services import Service, program, until

JSON = {"Content-Type": "application/json"}
NEVER = {"ptrace", "mount", "bpf", "userfaultfd", "io_uring_setup", "setns", "unshare"}  # docs/hardening.md says so
pytestmark = pytest.mark.skipif(not (shutil.which("strace") and shutil.which("systemd-analyze")),
                                reason="no strace or no systemd-analyze here")


def members(name, seen):
    """The system calls of a set of systemd's, sets within it included."""
    if name in seen:
        return set()
    seen.add(name)
    listed = subprocess.run(["systemd-analyze", "syscall-filter", name], check=True, capture_output=True, text=True,
                            timeout=30).stdout.split("\n")[1:]
    found = set()
    for entry in (line.strip() for line in listed):
        if entry.startswith("@"):
            found |= members(entry, seen)
        elif entry and not entry.startswith("#"):
            found.add(entry)
    return found


def allowed(service):
    calls = set()
    unit = (ROOT / f"deploy/systemd/millrace-{service}.service").read_text()
    for line in re.findall(r"^SystemCallFilter=(.*)$", unit, re.M):
        for name in line.removeprefix("~").split():
            calls = calls - members(name, set()) if line.startswith("~") else calls | members(name, set())
    return calls


class Traced:
    """strace on a running service, from now on. Its start was before: see `trace_of_start`."""

    def __init__(self, service, log):
        self.log = log
        self.process = subprocess.Popen(["strace", "-f", "-qq", "-o", log, "-p", str(service.process.pid)],
                                        stdin=subprocess.DEVNULL)
        until(lambda: log.exists() and log.stat().st_size > 0, 30, "strace attached", self.process)

    def lines(self):
        self.process.wait(60)
        return self.log.read_text(errors="replace").splitlines()


def calls_of(lines):
    return {found[1] for found in (re.match(r"\d+ +(?:<\.\.\. )?(\w+)(?:\(| resumed)", line) for line in lines) if found}


def check(service, lines):
    calls = calls_of(lines)
    assert len(calls) > 10, calls
    assert calls <= allowed(service) | {"execve"}, calls - allowed(service)  # execve: systemd's own, before the filter
    assert not calls & NEVER
    assert not [line for line in lines if "PROT_WRITE|PROT_EXEC" in line]
    families = set(re.findall(r"socket\((AF_\w+)", "\n".join(lines)))
    unit = (ROOT / f"deploy/systemd/millrace-{service}.service").read_text()
    permitted = re.search(r"^RestrictAddressFamilies=(.*)$", unit, re.M)[1].split()
    assert families <= set(permitted) | {"AF_NETLINK"}, families  # the resolver does without where it is refused


def test_at_work_and_at_its_end(pair, tmp_path):
    ingress, processor = pair.ingress(), pair.processor()
    traces = {service.name: Traced(service, tmp_path / f"{service.name}.strace") for service in (ingress, processor)}
    for _ in range(20):
        receipt = ingress.post("/v1/events", data=b"{}", headers=JSON).json()
    where = receipt["status_url"].removeprefix(processor.url)
    assert processor.get(where, params={"wait": 20}).json()["state"] == "processed"
    for service in (ingress, processor):
        assert service.get("/metrics").status_code == 200
    ingress.signal(1)  # reload
    until(lambda: 'outcome="applied"} 1' in ingress.get("/metrics").text, 20, "reloaded")
    assert (ingress.stop(), processor.stop()) == (0, 0)
    for name, trace in traces.items():
        check(name, trace.lines())


@pytest.mark.parametrize("service", ["ingress", "processor"])
def test_at_its_start(pair, tmp_path, service):
    made = Service(service, tmp_path / service, {"kafka": {"brokers": pair.broker.address}})
    log = tmp_path / "start.strace"
    process = subprocess.Popen(["strace", "-f", "-qq", "-o", log, program(f"millrace-{service}"), "--config", made.config],
                               stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: made.status_of("/readyz") == 200, 60, f"{service} ready", process)
        child = re.match(r"(\d+) ", log.read_text())[1]
        subprocess.run(["kill", "-TERM", child], check=True)
        assert process.wait(60) == 0
    finally:
        if process.poll() is None:
            process.kill()
    check(service, log.read_text(errors="replace").splitlines())
