"""scripts/try as a stranger runs it, and that nothing of it stays behind whatever happens."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import uuid

import pytest

from kafka_broker import ROOT, free_port
from services import until

DEADLINE_S = 1200  # of a run that builds


class Try:
    """One run; its processes are known by a mark in their environment."""

    def __init__(self, folder, *options):
        self.mark = f"TRY_MARK={uuid.uuid4()}"
        self.output = folder / "output"
        self.ports = free_port(), free_port()
        name, value = self.mark.split("=")
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [ROOT / "scripts/try", "--ingress-port", str(self.ports[0]), "--processor-port", str(self.ports[1]),
                 *options], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                env={**os.environ, name: value}, start_new_session=True)

    def text(self):
        return self.output.read_text(errors="replace")

    def wait(self):
        return self.process.wait(DEADLINE_S)

    def wait_for(self, text):
        until(lambda: text in self.text(), DEADLINE_S, f"{text!r} in:\n{self.text()}", self.process)

    def left_behind(self):
        """Its processes that still run."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if self.mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                    found.append((folder / "cmdline").read_text().replace("\0", " "))
            except OSError:
                continue  # it ended while we looked, or is not ours to look at
        return found

    def check_nothing_left(self):
        until(lambda: not self.left_behind(), 20, f"nothing left behind, but {self.left_behind()}")


@pytest.fixture
def run(tmp_path):
    made = []

    def start(*options):
        made.append(Try(tmp_path, *options))
        return made[-1]
    yield start
    for each in made:
        if each.process.poll() is None:
            os.killpg(each.process.pid, signal.SIGKILL)
            each.process.wait()


def check_samples(text):
    assert text.count(" {\"") >= 5, text
    assert "all 8 events are processed" in text, text
    assert "curl " in text


def test_once(run):
    tried = run("--once")
    assert tried.wait() == 0, tried.text()
    check_samples(tried.text())
    assert tried.text().count("has drained and ended") == 3, tried.text()
    tried.check_nothing_left()


def test_once_on_a_real_kafka(run, broker):
    tried = run("--once", "--kafka", broker.address)
    assert tried.wait() == 0, tried.text()
    check_samples(tried.text())
    assert tried.text().count("has drained and ended") == 2, tried.text()
    tried.check_nothing_left()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_drains(run, number):
    tried = run()
    tried.wait_for("Logs")
    os.killpg(tried.process.pid, number)
    assert tried.wait() == 0, tried.text()
    assert tried.text().count("has drained and ended") == 3, tried.text()
    tried.check_nothing_left()


def test_the_lines_to_go_on_with_work(run):
    tried = run()
    tried.wait_for("Logs")
    lines = re.findall(r"^  (curl .*)$", tried.text().split("To go on")[1], re.MULTILINE)
    assert len(lines) >= 4
    for line in lines:
        subprocess.run(f"{line} -fsS --max-time 20", shell=True, check=True, stdout=subprocess.DEVNULL)
    tried.process.terminate()
    assert tried.wait() == 0


def test_a_script_that_is_killed_leaves_nothing(run):
    tried = run()
    tried.wait_for("Logs")
    tried.process.kill()
    tried.wait()
    tried.check_nothing_left()


def test_a_service_that_ends_by_itself_ends_it(run):
    tried = run()
    tried.wait_for("Logs")
    with socket.create_connection(("127.0.0.1", tried.ports[0])):
        pass
    victim = next(p for p in pathlib.Path("/proc").glob("[0-9]*") if is_ingress_of(p, tried.mark))
    os.kill(int(victim.name), signal.SIGKILL)
    assert tried.wait() == 1
    tried.check_nothing_left()


def is_ingress_of(folder, mark):
    try:
        return (folder / "comm").read_text().startswith("millrace-ingres") and \
            mark.encode() in (folder / "environ").read_bytes()
    except OSError:
        return False


def test_a_port_in_use_is_said_at_once(run, tmp_path):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        tried = run("--once", "--ingress-port", str(holder.getsockname()[1]))
        assert tried.wait() == 1
        assert f"port {holder.getsockname()[1]} is in use" in tried.text()
        tried.check_nothing_left()


def test_a_kafka_that_does_not_answer(run):
    tried = run("--once", "--kafka", f"127.0.0.1:{free_port()}")
    assert tried.wait() == 1
    assert "not ready" in tried.text()
    tried.check_nothing_left()
