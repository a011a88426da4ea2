"""Toxiproxy: a program between two others that delays, throttles, cuts or swallows what they say to each other. Built
once by Go into build/toxiproxy."""

import fcntl
import os
import shutil
import subprocess

import requests

from kafka_broker import ROOT, die_with_parent, free_port
from services import until

VERSION = "v2.7.0"  # the newest that the Go of Debian 12 builds
CACHE = ROOT / "build/toxiproxy"


def toxiproxy():
    """The program, or None where there is no Go to build it."""
    built = CACHE / VERSION / "server"
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not built.exists():
            if shutil.which("go") is None:
                return None
            made = subprocess.run(["go", "install", f"github.com/Shopify/toxiproxy/v2/cmd/server@{VERSION}"],
                                  env={**os.environ, "GOBIN": str(built.parent)}, capture_output=True, text=True,
                                  timeout=900)
            if made.returncode != 0:
                raise RuntimeError(f"toxiproxy could not be built:\n{made.stderr}")
    return built


class Proxies:
    """All the proxies, in one process. A link's name says who speaks to whom: ingress-1 is from the ingresses to
    broker 1, client-2 from the clients to the second ingress."""

    def __init__(self, folder):
        program = toxiproxy()
        assert program, "toxiproxy is built by Go, and there is none here"
        self.ports = {}
        self.url = f"http://127.0.0.1:{free_port()}"
        self._session = requests.Session()
        with open(folder / "toxiproxy.log", "ab") as output:
            self._process = subprocess.Popen(
                [program, "-host", "127.0.0.1", "-port", self.url.rsplit(":", 1)[1]], stdin=subprocess.DEVNULL,
                stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent,
                env={**os.environ, "LOG_LEVEL": "error"})
        until(self._answers, 30, "toxiproxy answers", self._process)

    def _answers(self):
        try:
            return self._session.get(self.url + "/version", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def link(self, name, port):
        """A proxy to a port of this machine; its own port."""
        own = free_port()
        self._call("POST", "/proxies", {"name": name, "listen": f"127.0.0.1:{own}", "upstream": f"127.0.0.1:{port}",
                                        "enabled": True})
        self.ports[name] = own
        return own

    def links(self, kind):
        return sorted(name for name in self.ports if name.startswith(kind + "-"))

    def spoil(self, name, kind, stream, toxicity=1.0, **attributes):
        """Adds a toxic. `stream` is "upstream" (what the client says) or "downstream" (what it is answered)."""
        self._call("POST", f"/proxies/{name}/toxics", {"type": kind, "name": f"{kind}-{stream}", "stream": stream,
                                                       "toxicity": toxicity, "attributes": attributes})

    def cut(self, name):
        """Ends the link's connections and refuses new ones."""
        self._call("POST", f"/proxies/{name}", {"enabled": False})

    def heal(self):
        """All links are as new."""
        self._call("POST", "/reset", None)

    def _call(self, method, path, body):
        answer = self._session.request(method, self.url + path, json=body, timeout=20)
        assert answer.status_code < 300, f"toxiproxy, {method} {path}: {answer.status_code} {answer.text}"

    def stop(self):
        self._process.kill()
        self._process.wait()
