"""The servers that are compared: how each is started, made ready, loaded and stopped."""

import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
START_DEADLINE_S = 30
STOP_DEADLINE_S = 20
EVENT = '{"id":"probe","type":"order.created","source":"/shop/probe","order":{"number":1,"items":[{"sku":"A","quantity":1}]}}'


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """A server with a port of its own, its output in a file, ended with SIGTERM."""

    def __init__(self, name, folder):
        self.name, self.port = name, free_port()
        self.log = folder / f"{name}.log"
        self._process = None

    def launch(self, command):
        with open(self.log, "wb") as output:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)

    @property
    def pid(self):
        return self._process.pid

    def stop(self):
        """Its exit status must be 0."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            status = self._process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self._process = None
        if status != 0:
            raise RuntimeError(f"{self.name} ended with status {status}:\n{self.log.read_text(errors='replace')[-2000:]}")

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"Content-Type": "application/json"} if body else {}
        if key := getattr(self, "client", {}).get("BENCH_API_KEY"):
            headers["X-API-Key"] = key
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def wait_for(self, status, method, path, body=None):
        deadline, last = time.monotonic() + START_DEADLINE_S, "no answer"
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                last = f"it ended with status {self._process.returncode}"
                break
            try:
                got, text = self.ask(method, path, body)
                if got == status:
                    return
                last = f"{got} {text[:200]!r}"
            except (OSError, http.client.HTTPException) as error:
                last = repr(error)
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} is not ready: {last}; {self.log.read_text(errors='replace')[-2000:]}")


class Ingress(Process):
    """Takes events on `path` and stores them in a topic of its own."""

    path = "/v1/events"
    client = {}  # what post.lua is to do besides

    def __init__(self, name, folder, kafka, partitions):
        super().__init__(name, folder)
        self.kafka, self.partitions = kafka, partitions
        self.topic = f"bench-{name}-{secrets.token_hex(3)}"

    def start(self):
        self.kafka.create(self.topic, self.partitions)
        self.launch(self.command())
        self.wait_for(202, "POST", self.path, EVENT)

    def load(self, connections, seconds):
        """One run of wrk, which ends with requests out: they may be stored without their answer being seen."""
        with tempfile.NamedTemporaryFile("r") as result:
            environment = dict(os.environ, BENCH_RESULT=result.name, BENCH_SEED=secrets.token_hex(4), **self.client)
            subprocess.run(["wrk", f"-t{min(2, connections)}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s",
                            "-s", str(HERE / "post.lua"), f"http://127.0.0.1:{self.port}{self.path}"],
                           env=environment, stdout=subprocess.DEVNULL, timeout=seconds + 60, check=True)
            return json.load(result)

    def answered(self):
        """How many records it was told are stored, after its end; None where it does not say."""
        return None

    def stored(self):
        return self.kafka.settled(self.topic, self.partitions)


class Floor(Ingress):
    def __init__(self, name, folder, kafka, partitions, binary, options):
        super().__init__(name, folder, kafka, partitions)
        self._binary, self._options = binary, options

    def command(self):
        return [str(self._binary), "--port", str(self.port), "--brokers", self.kafka.address, "--topic", self.topic,
                *self._options]

    def answered(self):
        return json.loads(self.log.read_text().splitlines()[-1])["stored"]


class Millrace(Ingress):
    """The product, configured as it comes but for addresses and the name of the topic, and what `more` says."""

    def __init__(self, name, folder, kafka, partitions, binary, more="", topic_more="", client=None):
        super().__init__(name, folder, kafka, partitions)
        self._binary, self._config = binary, folder / f"{name}.toml"
        self._more, self._topic_more, self.client = more, topic_more, client or {}

    def command(self):
        self._config.write_text(f"""[http]
listen = "127.0.0.1:{self.port}"
[kafka]
brokers = "{self.kafka.address}"
[ingress]
default_topic = "{self.topic}"
[topics.{self.topic}]
partitions = {self.partitions}
{self._topic_more}
{self._more}
""")
        return [str(self._binary), "--config", str(self._config)]


class Processor(Process):
    """The product's processor with the handler `count` in a new group."""

    def __init__(self, name, folder, kafka, topic, binary):
        super().__init__(name, folder)
        config = folder / f"{name}.toml"
        config.write_text(f"""[http]
listen = "127.0.0.1:{self.port}"
[kafka]
brokers = "{kafka.address}"
[processor]
topics = ["{topic}"]
group = "bench-{secrets.token_hex(4)}"
handler = "count"
""")
        self._command = [str(binary), "--config", str(config)]

    def start(self):
        self.launch(self._command)
        self.wait_for(200, "GET", "/healthz")

    def processed(self):
        status, text = self.ask("GET", "/status")
        if status != 200:
            raise RuntimeError(f"/status answered {status}")
        return json.loads(text)["totals"]["processed"]
