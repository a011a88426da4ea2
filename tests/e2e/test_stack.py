"""The Compose stack: built, brought up, used from outside, killed in part, brought down."""

import json
import os
import signal
import subprocess

import pytest

from account import check_stored
from docker_engine import commit, docker, needs_docker
from kafka_broker import free_port
from load import Load
from records import committed, end_offsets
from services import until

import requests

PROJECT = f"millrace-test-{os.getpid()}"


def prometheus_image():
    """Another version than the one of the file where that can be neither found nor fetched and another is here."""
    wanted = json.loads(docker("compose", "--profile", "observability", "config", "--format", "json"))
    image = wanted["services"]["prometheus"]["image"]
    have = docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}", "prom/prometheus").split()
    if image in have or not have or subprocess.run(["docker", "pull", image], capture_output=True).returncode == 0:
        return {}
    return {"PROMETHEUS_IMAGE": have[0]}


class Stack:
    """A project of its own on ports of its own."""

    def __init__(self):
        self.ingress_port, self.kafka_port, self.prometheus_port = free_port(), free_port(), free_port()
        self.first = free_port()  # the last one asked for: those after it are the processors'
        self.commit = commit()
        self.environment = {
            **os.environ, "COMPOSE_PROJECT_NAME": PROJECT, "MILLRACE_COMMIT": self.commit,
            "INGRESS_PORT": str(self.ingress_port), "KAFKA_PORT": str(self.kafka_port),
            "PROCESSOR_PORT": str(self.first), "PROCESSOR_LAST_PORT": str(self.first + 19),
            "PROMETHEUS_PORT": str(self.prometheus_port), **prometheus_image()}
        self.brokers = f"localhost:{self.kafka_port}"
        # What account.py asks of a pair of services
        self.broker, self.topic, self.group = self, "events", "millrace"
        self.address = self.brokers

    def compose(self, *arguments, **options):
        return docker("compose", *arguments, env=self.environment, **options)

    def containers(self, service):
        return self.compose("ps", "--all", "--quiet", service).split()

    def inspect(self, container):
        return json.loads(docker("inspect", container))[0]

    def processors(self):
        """Their addresses, in the order of their numbers."""
        found = []
        for container in self.containers("processor"):
            ports = self.inspect(container)["NetworkSettings"]["Ports"]["8090/tcp"]
            found.append(f"http://127.0.0.1:{ports[0]['HostPort']}")
        return found

    def kill(self, container):
        """As a crash, which the restart policy mends; where that may not be done from outside, by Docker, which
        then leaves the restart to us."""
        if os.geteuid() == 0:
            before = self.inspect(container)["State"]["Pid"]
            os.kill(before, signal.SIGKILL)
            until(lambda: self.inspect(container)["State"]["Pid"] not in (0, before), 60, "restarted")
        else:
            docker("kill", container)
            docker("start", container)
        until(lambda: self.inspect(container)["State"].get("Health", {}).get("Status") == "healthy", 120, "healthy")

    def lag(self):
        """What the group has not committed; None while that cannot be told."""
        ends = end_offsets(self.brokers, self.topic)
        done = committed(self.brokers, self.group, self.topic)
        return sum(ends.values()) - sum(done.values())


@pytest.fixture(scope="module")
def stack():
    needs_docker()
    made = Stack()
    try:
        made.compose("build")
        made.compose("up", "--detach", "--wait", "--wait-timeout", "180", "--scale", "processor=3")
        yield made
    finally:
        logs = made.compose("logs", "--no-color", "--tail", "40", check=False)
        made.compose("--profile", "observability", "down", "--volumes", "--timeout", "30", check=False)
        print(logs)


def test_images_are_small_and_say_their_commit(stack):
    for service in ("ingress", "processor"):
        size = int(docker("image", "inspect", "--format", "{{.Size}}", f"millrace-{service}"))
        print(service, size / 1e6, "MB")
        assert size < 150e6, f"{service}: {size}"
    version = requests.get(f"http://127.0.0.1:{stack.ingress_port}/version", timeout=5).json()
    assert version["commit"] == stack.commit


def test_images_say_what_they_consist_of(stack):
    """The versions of the bill of materials, which is made where it is built, are those that are installed."""
    for service in ("ingress", "processor"):
        container = stack.containers(service)[0]
        where = docker("image", "inspect", "--format", '{{index .Config.Labels "millrace.sbom"}}', f"millrace-{service}")
        document = json.loads(docker("exec", container, "cat", where))
        digest = docker("exec", container, "sha256sum", f"/usr/bin/millrace-{service}").split()[0]
        assert document["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest}]
        linked = [f'{part["name"]} {part["version"]}' for part in document["components"]
                  if {"name": "millrace:use", "value": "linked dynamically"} in part["properties"]]
        installed = docker("exec", container, "dpkg-query", "-W", "-f", "${Package} ${Version}\n").splitlines()
        assert len(linked) > 5 and set(linked) <= set(installed), set(linked) - set(installed)


def test_containers_can_do_little(stack):
    for service in ("ingress", "processor", "kafka"):
        for container in stack.containers(service):
            found = stack.inspect(container)
            host = found["HostConfig"]
            assert host["ReadonlyRootfs"] and host["CapDrop"] == ["ALL"], service
            assert "no-new-privileges:true" in host["SecurityOpt"], service
            assert 0 < host["Memory"] <= 1 << 30, service
            assert host["RestartPolicy"]["Name"] == "unless-stopped", service
            uid = docker("exec", container, "id", "-u")
            assert int(uid) >= 1000, service
            for bindings in found["NetworkSettings"]["Ports"].values():
                assert all(binding["HostIp"] == "127.0.0.1" for binding in bindings or []), service


def test_three_processors_share_the_partitions(stack):
    def shares():
        partitions = [[p["partition"] for p in requests.get(f"{url}/status", timeout=5).json()["partitions"]]
                      for url in stack.processors()]
        return sorted(map(len, partitions)) == [2, 2, 2] and sorted(sum(partitions, [])) == list(range(6))
    assert len(stack.processors()) == 3
    until(shares, 60, "two partitions each")


def test_an_event_posted_is_followed_at_any_of_them(stack):
    answer = requests.post(f"http://127.0.0.1:{stack.ingress_port}/v1/events", data=b"1", timeout=15,
                           headers={"Content-Type": "application/json"})
    assert answer.status_code == 202, answer.text
    path = answer.json()["status_url"].split("/", 3)[3]
    for url in stack.processors():
        assert requests.get(f"{url}/{path}", params={"wait": 20}, timeout=40).json()["state"] == "processed"


def test_prometheus_finds_all_of_them(stack):
    stack.compose("--profile", "observability", "up", "--detach", "--wait", "--wait-timeout", "120", "prometheus")
    found = stack.inspect(stack.containers("prometheus")[0])
    assert found["HostConfig"]["ReadonlyRootfs"] and found["HostConfig"]["CapDrop"] == ["ALL"]
    assert [binding["HostIp"] for binding in found["NetworkSettings"]["Ports"]["9090/tcp"]] == ["127.0.0.1"]

    def up():
        answer = requests.get(f"http://127.0.0.1:{stack.prometheus_port}/api/v1/query",
                              params={"query": "count by (job) (up == 1)"}, timeout=5).json()
        return {one["metric"]["job"]: one["value"][1] for one in answer["data"]["result"]}
    until(lambda: up() == {"millrace-ingress": "1", "millrace-processor": "3", "prometheus": "1"}, 90, "all targets")


@pytest.mark.parametrize("service", ["processor", "ingress", "kafka"])
def test_a_container_killed_loses_nothing(stack, service):
    with Load(stack.ingress_port, connections=16, rate=500, prefix=f"kill-{service}") as load:
        load.wait_answers(500)
        stack.kill(stack.containers(service)[0])
        load.wait_answers(len(load.stored()) + 500)
    print("answers", load.summary())
    assert set(load.summary()) <= ({202} if service == "processor" else {202, 503, 504, None})
    check_stored(stack, load)
    until(lambda: stack.lag() == 0, 120, "everything committed")
    for receipt in list(load.stored().values())[::100]:
        path = receipt["status_url"].split("/", 3)[3]
        end = requests.get(f"{stack.processors()[-1]}/{path}", params={"wait": 20}, timeout=40)
        assert end.json()["state"] == "processed", end.text


def test_stopping_it_is_orderly(stack):
    services = stack.containers("ingress") + stack.containers("processor")
    stack.compose("stop", "ingress", "processor")
    assert [stack.inspect(container)["State"]["ExitCode"] for container in services] == [0] * 4
