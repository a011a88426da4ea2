"""Fixtures of the tests that run the built services: a broker for all tests of a file, services for one."""

import itertools
import os
import pathlib

import pytest

from kafka_broker import Broker, free_port, tail
from services import Service

EVENTS = int(os.environ.get("TEST_EVENTS", "20000"))
numbers = itertools.count(1)


@pytest.fixture(scope="session")
def broker(tmp_path_factory):
    """A real Kafka. A test that stops it starts it again."""
    made = Broker(tmp_path_factory.mktemp("kafka"))
    try:
        yield made.start()
    finally:
        made.stop()


class Pair:
    """An ingress and a processor on one topic and group that no other test has."""

    def __init__(self, broker, folder):
        self.broker, self.folder = broker, pathlib.Path(folder)
        name = f"t{os.getpid()}-{next(numbers)}"
        self.topic, self.group = f"events-{name}", f"group-{name}"
        self.services = []
        self.processor_port = free_port()

    def ingress(self, ready=True, **sections):
        return self._make("ingress", ready, self._with(sections, {
            "ingress": {"default_topic": self.topic, "processor_url": f"http://127.0.0.1:{self.processor_port}"},
            f"topics.{self.topic}": {"partitions": 6}}))

    def processor(self, ready=True, **sections):
        """The first one is where the status_url of receipts leads."""
        first = all(made.name != "processor" for made in self.services)
        return self._make("processor", ready, self._with(sections, {
            "processor": {"topics": [self.topic], "group": self.group}}), self.processor_port if first else None)

    def _with(self, sections, own):
        own["kafka"] = {"brokers": self.broker.address}
        for name, entries in sections.items():
            own[name] = {**own.get(name, {}), **entries}
        return own

    def _make(self, name, ready, sections, port=None):
        made = Service(name, self.folder / str(len(self.services)), sections, port)
        self.services.append(made)
        return made.start(ready)

    def end(self):
        for made in self.services:
            made.kill()

    def logs(self):
        return "\n".join(f"--- {made.name}\n{tail(made.log, 60)}" for made in self.services)


@pytest.fixture
def pair(broker, tmp_path):
    made = Pair(broker, tmp_path)
    try:
        yield made
    finally:
        made.end()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if report.failed and "pair" in item.funcargs:
        report.sections.append(("logs of the services", item.funcargs["pair"].logs()))
