"""A real Kafka broker for tests: fetched from Maven Central once, one KRaft node with a bounded heap, on ports of
its own, in a folder of its own. Needs Java 17 and Maven, and nothing of Python beyond the standard library."""

import ctypes
import fcntl
import hashlib
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
POM = ROOT / "tests/support/kafka.pom.xml"
CACHE = ROOT / "build/kafka"
CLUSTER_ID = "bWlsbHJhY2UtdGVzdHMtMQ"
START_DEADLINE_S = 90
STOP_DEADLINE_S = 30

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={directory}/data
num.network.threads=2
num.io.threads=4
background.threads=2
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


def fetch_jars(report=lambda text: None):
    """The folder of the broker's jars, filled by Maven when it is not there or its list has changed."""
    jars, stamp = CACHE / "jars", CACHE / "stamp"
    digest = hashlib.sha256(POM.read_bytes()).hexdigest()
    CACHE.mkdir(parents=True, exist_ok=True)
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == digest:
            return jars
        report("fetching Kafka from Maven Central into build/kafka")
        shutil.rmtree(jars, ignore_errors=True)
        log = CACHE / "maven.log"
        with open(log, "w") as output:
            command = ["mvn", "-B", "-f", str(POM), "dependency:copy-dependencies",
                       "-DincludeScope=runtime", f"-DoutputDirectory={jars}"]
            status = subprocess.run(command, stdout=output, stderr=subprocess.STDOUT, timeout=900).returncode
        if status != 0:
            raise RuntimeError(f"Maven could not fetch Kafka, see {log}:\n" + tail(log))
        stamp.write_text(digest)
    return jars


next_port = itertools.cycle(range(20000, 32000))
for _ in range(os.getpid() * 37 % 12000):  # tests that run side by side look in different places
    next(next_port)


def free_port():
    """A port of 127.0.0.1 that nobody listens on and that this process was not given before. It is outside the
    range that the kernel gives to clients: it must still be free when a service that was stopped comes back."""
    for port in next_port:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def tail(path, lines=30):
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else "(no log)"


def die_with_parent():
    """The kernel ends this process when its parent thread ends, however that ends."""
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Broker:
    """One broker. `directory` holds its configuration, data, log and pid; a Broker made for the same directory by
    another process is the same one. `bound` ties the broker's life to the thread that started it."""

    def __init__(self, directory, port=None, heap="768m", bound=True, properties=()):
        self.directory = pathlib.Path(directory)
        self.log = self.directory / "broker.log"
        self.heap, self.bound, self.process = heap, bound, None
        config = self.directory / "server.properties"
        if not config.exists():
            self.directory.mkdir(parents=True, exist_ok=True)
            text = PROPERTIES.format(
                port=port or free_port(), controller_port=free_port(), directory=self.directory)
            config.write_text(text + "".join(f"{line}\n" for line in properties))
        lines = dict(line.split("=", 1) for line in config.read_text().splitlines())
        self.port = int(lines["advertised.listeners"].rsplit(":", 1)[1])
        self.address = f"127.0.0.1:{self.port}"

    def start(self, report=lambda text: None):
        """Formats the storage at the first time, starts, and returns when the broker takes requests."""
        self.format(report)
        self.launch()
        self.wait_ready()
        return self

    def format(self, report=lambda text: None):
        """The storage, when that was not done before."""
        jars = fetch_jars(report)
        if not (self.directory / "data/meta.properties").exists():
            self._run_java(jars, "kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c")

    def launch(self):
        """Starts and does not wait: one of several brokers is ready only once enough of the others are there."""
        if self.pid():
            raise RuntimeError(f"a broker runs in {self.directory} already")
        jars = fetch_jars()
        self._began = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self._java(jars, self.heap, "kafka.Kafka") + [str(self.directory / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=die_with_parent if self.bound else None)
        (self.directory / "pid").write_text(str(self.process.pid))

    def stop(self):
        """Asks it to end, and ends it when it takes too long."""
        self._end(signal.SIGTERM, STOP_DEADLINE_S)

    def kill(self):
        self._end(signal.SIGKILL, STOP_DEADLINE_S)

    def restart(self):
        self.stop()
        return self.start()

    def pid(self):
        """Of the running broker, or None. A pid that now belongs to something else does not count."""
        try:
            pid = int((self.directory / "pid").read_text())
            if self.process is not None and self.process.poll() is not None:
                return None
            command = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes()
            return pid if str(self.directory).encode() in command else None
        except (OSError, ValueError):
            return None

    def tool(self, main, *arguments, timeout=60):
        """Runs one of Kafka's own tools, e.g. org.apache.kafka.tools.TopicCommand; returns what it printed."""
        command = self._java(fetch_jars(), "128m", main, level="WARN") + list(arguments)
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout).stdout

    def _java(self, jars, heap, main, level="INFO"):
        return ["java", f"-Xmx{heap}", "-XX:+UseG1GC", "-XX:MaxGCPauseMillis=20", "-Djava.awt.headless=true",
                f"-Dorg.apache.logging.log4j.level={level}", f"-Dkafka.logs.dir={self.directory}",
                "-cp", f"{jars}/*", main]

    def _run_java(self, jars, main, *arguments):
        command = self._java(jars, "128m", main, level="WARN") + [*arguments, str(self.directory / "server.properties")]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120)
        if run.returncode != 0:
            raise RuntimeError(f"{main} failed:\n{run.stdout}{run.stderr}")

    def wait_ready(self):
        deadline = time.monotonic() + START_DEADLINE_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"Kafka ended with status {self.process.returncode}:\n{tail(self.log)}")
            with open(self.log, "rb") as log:
                log.seek(self._began)
                if b"Kafka Server started" in log.read():
                    return
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(f"Kafka was not ready in {START_DEADLINE_S} s:\n{tail(self.log)}")

    def _end(self, how, patience_s):
        pid = self.pid()
        if pid is not None:
            os.kill(pid, how)
            deadline = time.monotonic() + patience_s
            while self.pid() is not None:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                    deadline = float("inf")
                time.sleep(0.05)
        if self.process is not None:
            self.process.wait()
        self.process = None
        (self.directory / "pid").unlink(missing_ok=True)
