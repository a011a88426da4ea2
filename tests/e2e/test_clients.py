"""Programs in other languages post with their official CloudEvents SDKs, and read the records back with a Kafka client
of that language: tests/e2e/clients. Each is built from pinned dependencies into build/clients, which a second run
finds as the first one left it."""

import hashlib
import shutil
import subprocess
import sys

import pytest

from kafka_broker import ROOT

CLIENTS = ROOT / "tests/e2e/clients"
BUILT = ROOT / "build/clients"
BUILD_DEADLINE_S = 300
RUN_DEADLINE_S = 90


def tool(name, package):
    """A test that cannot run for want of a tool fails: scripts/setup --tests installs them all."""
    found = shutil.which(name)
    assert found, f"{name} is missing; Debian's package is {package}"
    return found


def run(command, deadline_s, **options):
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=deadline_s, **options)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}"
    return done.stdout


def curl_client():
    tool("kcat", "kcat")
    tool("curl", "curl")
    return [CLIENTS / "curl/client"]


def python_client():
    return [sys.executable, CLIENTS / "python/client.py"]


def go_client():
    binary = BUILT / "go/client"
    run([tool("go", "golang-go"), "build", "-o", binary, "."], BUILD_DEADLINE_S, cwd=CLIENTS / "go")
    return [binary]


def node_client():
    node, npm = tool("node", "nodejs"), tool("npm", "npm")
    folder = BUILT / "node"
    lock = (CLIENTS / "node/package-lock.json").read_bytes()
    stamp, digest = folder / "stamp", hashlib.sha256(lock).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(CLIENTS / "node" / name, folder)
        run([npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], BUILD_DEADLINE_S, cwd=folder)
        stamp.write_text(digest)
    shutil.copy(CLIENTS / "node/client.mjs", folder)  # beside its modules, where it looks for them
    return [node, folder / "client.mjs"]


@pytest.mark.parametrize("client", [curl_client, python_client, go_client, node_client], ids=lambda f: f.__name__)
def test_client(client, pair):
    command = client()
    ingress = pair.ingress()
    said = run([*command, ingress.url, pair.broker.address, pair.topic], RUN_DEADLINE_S)
    assert "events are what was posted" in said
