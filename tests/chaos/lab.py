"""The laboratory: three brokers and the proxies in front of them, for as long as it lasts; two ingresses, two
processors and a topic for each round."""

import itertools
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import time

from cluster import Cluster
from effects import Effects
from kafka_broker import free_port, tail
from proxies import Proxies
from services import END_DEADLINE_S, Service, until

HERE = pathlib.Path(__file__).resolve().parent
REQUEST_TIMEOUT_MS = 5_000
SESSION_TIMEOUT_MS = 6_000


class Clock:
    """Of a service: its wall clock is off by a number of seconds (clock.c)."""

    def __init__(self, folder, name):
        library = folder / "clock.so"
        if not library.exists():
            subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, HERE / "clock.c", "-ldl"], check=True)
        self.file = folder / f"clock-{name}"
        self.set(0)
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(self.file)}

    def set(self, seconds):
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("q", seconds))


def _stacks(service, folder):
    """Where its threads are, for who has to find out why it does not end."""
    if shutil.which("gdb") is None:
        return "gdb would tell where it hangs"
    to = folder / f"{service.name}-{service.process.pid}.stacks"
    with open(to, "wb") as file:
        subprocess.run(["gdb", "-p", str(service.process.pid), "-batch", "-ex", "thread apply all bt 20"],
                       stdout=file, stderr=subprocess.STDOUT, timeout=60, check=False)
    return f"see {to}"


def _merged(sections, over):
    return {name: {**sections.get(name, {}), **over.get(name, {})} for name in {**sections, **over}}


class Lab:
    """The processors are those of slow_processor.cpp: they take their time, and log what they have handled."""
    processor_program = "millrace-slow-processor"

    def __init__(self, folder, disk_mb=192):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.proxies = Proxies(self.folder)
        self.cluster = Cluster(self.folder / "kafka", self.proxies.link, disk_mb)
        self.numbers = itertools.count(1)
        self.ports = {"ingress": [free_port(), free_port()], "processor": [free_port(), free_port()]}
        self.client_ports = [self.proxies.link(f"client-{n}", port) for n, port in enumerate(self.ports["ingress"])]
        self.ingresses, self.processors, self.supervised = [], [], False
        self.deaths, self.topic = [], None
        self.ingress_sections = {}  # that differ from the usual

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # by way of __exit__
        try:
            self.cluster.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for service in self.services():
            service.kill()
        self.cluster.stop()
        self.proxies.stop()

    def services(self):
        return [*self.ingresses, *self.processors]

    # A round begins and ends

    def begin(self, clocks=()):
        """A topic, services and effects that no other round has. `clocks` names the kinds of services that have a clock
        of their own."""
        if self.topic:
            until(lambda: self.cluster.settled(self.topic), 120, "every replica is in sync again")
            self.cluster.delete_topic(self.topic)
        number = next(self.numbers)
        self.topic, self.group = f"t{number}", f"g{number}"
        self.round_folder = self.folder / f"round-{number}"
        self.cluster.create_topic(self.topic)
        self.clocks = {}
        self.deaths.clear()
        self.supervised = False
        own = {"ingress": {"ingress": {"default_topic": self.topic, "max_in_flight_events": 20_000,
                                       "processor_url": f"http://127.0.0.1:{self.ports['processor'][0]}"},
                           f"topics.{self.topic}": {"create": False}},
               "processor": {"processor": {
                   "topics": [self.topic], "group": self.group, "drain_timeout_ms": 5_000,
                   "session_timeout_ms": SESSION_TIMEOUT_MS},
                   "processor.retry": {"max_attempts": 100, "initial_backoff_ms": 50, "max_backoff_ms": 200}}}
        self.ingresses, self.processors = [], []
        for index in range(2):
            self.ingresses.append(self.make("ingress", index, own["ingress"], clocks))
            self.processors.append(self.make("processor", index, own["processor"], clocks))
        for service in self.services():
            service.start(ready=False)
        self.effects = Effects([processor.log for processor in self.processors], own_clock="processor" in clocks)
        for service in self.services():
            service.wait_ready(60)

    def make(self, name, index, sections, clocks=()):
        self.round_folder.mkdir(parents=True, exist_ok=True)
        environment = {}
        if name in clocks:
            self.clocks[name, index] = Clock(self.round_folder, f"{name}-{index}")
            environment = self.clocks[name, index].environment
        port = self.ports[name][index] if index < 2 else None
        sections = _merged(sections, self.ingress_sections if name == "ingress" else {})
        return Service(name, self.round_folder / f"{name}-{index}", {
            "http": {"request_timeout_ms": REQUEST_TIMEOUT_MS} if name == "ingress" else {},
            "log": {"format": "json", "access_per_second": 0},
            "kafka": {"brokers": ",".join(self.cluster.bootstrap[name.upper()]), "client_id": f"{name}-{index}"},
            "kafka.properties": {"security.protocol": "sasl_plaintext", "sasl.mechanism": "PLAIN",
                                 "sasl.username": name, "sasl.password": name}, **sections},
            port, environment, self.processor_program if name == "processor" else None)

    def end(self):
        """Stops the services; what is wrong about the way in which they end."""
        wrong = []
        for service in self.services():
            if service.process is None:
                continue
            service.signal(signal.SIGTERM)
        for service in self.services():
            if service.process is None:
                continue
            try:
                service.process.wait(END_DEADLINE_S)
            except subprocess.TimeoutExpired:
                wrong.append(f"{service.name} did not end when it was asked to; {_stacks(service, self.round_folder)}")
            else:
                if service.process.returncode != 0:
                    wrong.append(f"{service.name} ended with status {service.process.returncode} when it was asked to")
            service.kill()
        return wrong

    def abandon(self):
        """A round that could not be begun or ended: the next one finds nothing of it."""
        self.proxies.heal()
        self.resume_all()
        for service in self.services():
            service.kill()
        self.cluster.ensure_running()
        self.topic = None

    # What faults use

    def pause(self, process):
        pid = process.process.pid
        os.kill(pid, signal.SIGSTOP)

    def resume_all(self):
        for process in (*self.services(), *self.cluster.nodes):
            if process.process is not None and process.process.poll() is None:
                os.kill(process.process.pid, signal.SIGCONT)

    def hold(self, seconds):
        """Lets the fault last, and restarts services that it ended where it may, as an init system does."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            time.sleep(0.1)
            self.bury()
            if self.supervised:
                self.ensure_services(ready=False)

    def bury(self):
        """Notes the services that ended by themselves."""
        for service in self.services():
            if service.process is not None and service.process.poll() is not None:
                self.deaths.append(f"{service.name} ended by itself with status {service.process.returncode}: "
                                   f"{tail(service.log, 3)}")
                service.kill()

    def ensure_services(self, ready=True):
        self.bury()
        for service in self.services():
            if service.process is None:
                service.start(ready=False)
        for service in self.services() if ready else ():
            service.wait_ready(90)

    def mend(self):
        """Whatever a fault did to processes and links, and forgot to undo: all run and all links are whole."""
        self.proxies.heal()
        self.resume_all()
        self.cluster.ensure_running()
        self.ensure_services(ready=False)
