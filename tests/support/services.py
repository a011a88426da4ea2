"""The built programs as processes of a test: each with a configuration of its own, a port of its own, a log, and an
end that comes with the test's."""

import os
import pathlib
import signal
import subprocess
import time

import requests

from kafka_broker import ROOT, die_with_parent, free_port, tail

READY_DEADLINE_S = 30
END_DEADLINE_S = 40


def program(name):
    """The built binary: of TEST_BUILD, else of the release preset."""
    build = pathlib.Path(os.environ.get("TEST_BUILD", ROOT / "build/release"))
    found = [path for path in build.rglob(name) if path.is_file() and os.access(path, os.X_OK)]
    assert found, f"{name} is not built in {build}"
    return found[0]


def toml(sections):
    """{"http": {"listen": "..."}} as TOML; names of sections may have dots."""
    def value(of):
        if isinstance(of, bool):
            return str(of).lower()
        if isinstance(of, list):
            return "[" + ", ".join(map(value, of)) + "]"
        return f'"{of}"' if isinstance(of, str) else str(of)
    lines = []
    for name, entries in sections.items():
        lines.append(f"[{name}]")
        lines += [f'"{key}" = {value(of)}' if "." in key else f"{key} = {value(of)}" for key, of in entries.items()]
    return "\n".join(lines) + "\n"


def until(condition, deadline_s, what, process=None):
    """Waits for a condition that something outside this process brings about; its value."""
    deadline = time.monotonic() + deadline_s
    while True:
        result = condition()
        if result:
            return result
        assert process is None or process.poll() is None, f"{what}: ended with status {process.returncode}"
        assert time.monotonic() < deadline, f"{what}: not within {deadline_s} s"
        time.sleep(0.05)


class Service:
    """One ingress or processor. `sections` are those of its configuration file, "http" among them."""

    def __init__(self, name, folder, sections, port=None, environment=None, binary=None):
        self.name, self.port = name, port or free_port()
        self.binary, self.environment = binary or f"millrace-{name}", environment or {}
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.log, self.config = folder / f"{name}.log", folder / f"{name}.toml"
        sections = {**sections, "http": {"listen": f"127.0.0.1:{self.port}", **sections.get("http", {})}}
        self.config.write_text(toml(sections))

    def start(self, ready=True):
        assert self.process is None
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [program(self.binary), "--config", self.config],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
                env={**os.environ, **self.environment})
        try:
            if ready:
                self.wait_ready()
            else:
                until(lambda: self.status_of("/healthz") == 200, READY_DEADLINE_S, f"{self.name} alive", self.process)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{tail(self.log)}") from None
        return self

    def wait_ready(self, deadline_s=READY_DEADLINE_S):
        until(lambda: self.status_of("/readyz") == 200, deadline_s, f"{self.name} ready", self.process)

    def status_of(self, path):
        """The status of a GET, or None where nobody answers."""
        try:
            return requests.get(self.url + path, timeout=5).status_code
        except requests.RequestException:
            return None

    def get(self, path, **options):
        return requests.get(self.url + path, timeout=options.pop("timeout", 40), **options)

    def post(self, path, **options):
        return requests.post(self.url + path, timeout=options.pop("timeout", 40), **options)

    def signal(self, number):
        os.kill(self.process.pid, number)

    def wait_end(self):
        """Its exit status; a test that needs this to be quick says so by its own deadline."""
        try:
            return self.process.wait(END_DEADLINE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end\n{tail(self.log)}") from None
        finally:
            self.kill()

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait_end()

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def memory_mib(self, field="VmHWM"):
        """The most memory it ever had resident (VmHWM), or has now (VmRSS)."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field):
                return int(line.split()[1]) / 1024
        raise AssertionError(f"no {field}")

    def descriptors(self):
        """How many it has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def clients(self):
        """Connections to its port, as the kernel has them, that neither side has closed."""
        port = f":{int(self.url.rpartition(':')[2]):04X}"
        with open("/proc/net/tcp") as table:
            return sum(line.split()[1].endswith(port) and line.split()[3] == "01" for line in table)
