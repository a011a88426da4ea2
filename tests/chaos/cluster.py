"""Three Kafka brokers that are controllers, too: every topic in three copies, two of which must have a record before it
is acknowledged. Each client reaches a broker through a listener, and so through a proxy, of its own."""

import concurrent.futures
import functools
import json
import os
import pathlib
import subprocess
import time

from confluent_kafka import KafkaException
from confluent_kafka.admin import (AclBinding, AclBindingFilter, AclOperation, AclPermissionType, AdminClient,
                                   AlterConfigOpType, ConfigEntry, ConfigResource, NewTopic, ResourcePatternType,
                                   ResourceType)
from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from kafka_broker import Broker, free_port

HEAP = "320m"
PARTITIONS = 6
LISTENERS = ("REPLICATION", "INGRESS", "PROCESSOR")  # with a proxy in front; LAB is the laboratory's own way in
USERS = ("ingress", "processor")

PROPERTIES = """\
process.roles=broker,controller
node.id={id}
controller.quorum.voters={voters}
controller.listener.names=CONTROLLER
inter.broker.listener.name=REPLICATION
listeners={listeners}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,REPLICATION:PLAINTEXT,INGRESS:SASL_PLAINTEXT,\
PROCESSOR:SASL_PLAINTEXT,LAB:PLAINTEXT
listener.name.ingress.sasl.enabled.mechanisms=PLAIN
listener.name.processor.sasl.enabled.mechanisms=PLAIN
listener.name.ingress.plain.sasl.jaas.config={jaas}
listener.name.processor.plain.sasl.jaas.config={jaas}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:processor
log.dirs={directory}/data
log.segment.bytes=16777216
log.index.size.max.bytes=1048576
log.cleaner.dedupe.buffer.size=8388608
num.network.threads=1
num.io.threads=4
num.recovery.threads.per.data.dir=1
background.threads=2
auto.create.topics.enable=false
default.replication.factor=3
min.insync.replicas=2
replica.lag.time.max.ms=8000
broker.session.timeout.ms=6000
broker.heartbeat.interval.ms=1000
leader.imbalance.check.interval.seconds=5
group.initial.rebalance.delay.ms=0
offsets.topic.num.partitions=4
offsets.topic.replication.factor=3
offsets.topic.segment.bytes=16777216
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
"""
# The last of these is what Broker takes for its address.
ADVERTISED = "advertised.listeners={}\n"


class Node(Broker):
    """One of the three. `proxied` are the addresses that it tells clients, by listener."""

    def __init__(self, directory, number, ports, voters, proxied):
        self.number, self.ports, self.paused = number, ports, False
        directory = pathlib.Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        users = " ".join(f'user_{name}="{name}"' for name in USERS)
        text = PROPERTIES.format(
            id=number, voters=voters, directory=directory,
            jaas=f"org.apache.kafka.common.security.plain.PlainLoginModule required {users};",
            listeners=",".join(f"{name}://127.0.0.1:{port}" for name, port in ports.items()))
        told = {**proxied, "LAB": ports["LAB"]}
        text += ADVERTISED.format(",".join(f"{name}://127.0.0.1:{port}" for name, port in told.items()))
        (directory / "server.properties").write_text(text)
        super().__init__(directory, heap=HEAP)


class Cluster:
    """`link(name, port)` makes a proxy to a port and returns the proxy's own port. `disk_mb`: of the third broker, whose
    disk can be filled."""

    def __init__(self, directory, link, disk_mb=192):
        self.directory, self.disk_mb = pathlib.Path(directory), disk_mb
        ports = {n: {name: free_port() for name in ("CONTROLLER", *LISTENERS, "LAB")} for n in (1, 2, 3)}
        voters = ",".join(f"{n}@127.0.0.1:{of['CONTROLLER']}" for n, of in ports.items())
        self.bootstrap = {name: [] for name in (*LISTENERS, "LAB")}
        self.nodes, self.mounted = [], None
        for n, of in ports.items():
            proxied = {name: link(f"{name.lower()}-{n}", of[name]) for name in LISTENERS}
            for name, port in {**proxied, "LAB": of["LAB"]}.items():
                self.bootstrap[name].append(f"127.0.0.1:{port}")
            self.nodes.append(Node(self.directory / str(n), n, of, voters, proxied))
        self.address = ",".join(self.bootstrap["LAB"])

    def start(self):
        os.environ.setdefault("JAVA_TOOL_OPTIONS", "-XX:TieredStopAtLevel=1")  # these are young when they die
        self._mount()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(Node.format, self.nodes))
        self.ensure_running()
        self._allow_ingress()
        return self

    def ensure_running(self):
        """Launches who is down, wakes who sleeps, and waits until all are ready and every replica is in sync."""
        launched = [node for node in self.nodes if node.pid() is None]
        for node in launched:
            node.launch()
        for node in launched:
            node.wait_ready()

    def stop(self):
        for node in self.nodes:
            node.kill()
        if self.mounted:
            subprocess.run(["umount", "-l", self.mounted], check=False)

    def _mount(self):
        """The third broker's data is on a small disk of its own, which can be filled, where that may be mounted."""
        data = self.nodes[2].directory / "data"
        data.mkdir()
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.disk_mb}m", "millrace-chaos", str(data)],
                              capture_output=True, check=False)
        self.mounted = data if made.returncode == 0 else None

    # What the cluster says of itself

    @functools.cached_property
    def admin(self):
        return AdminClient({"bootstrap.servers": self.address, "socket.timeout.ms": 10_000, "log_level": 0})

    def leaders(self, topic):
        """{partition: number of the broker that leads it}"""
        described = self.admin.list_topics(topic, timeout=15).topics[topic]
        return {number: of.leader for number, of in described.partitions.items()}

    def leader(self, topic, partition=0):
        return self.node(self.leaders(topic)[partition])

    def controller(self):
        """Whom the newest of the brokers' own notes of the quorum names."""
        newest = (-1, 1)
        for node in self.nodes:
            try:
                state = json.loads((node.directory / "data/__cluster_metadata-0/quorum-state").read_text())
            except (OSError, ValueError):
                continue
            if state["leaderId"] > 0:
                newest = max(newest, (state["leaderEpoch"], state["leaderId"]))
        return self.node(newest[1])

    def coordinator(self, group):
        described = self.admin.describe_consumer_groups([group])[group].result(15)
        return self.node(described.coordinator.id)

    def node(self, number):
        return next(node for node in self.nodes if node.number == number)

    def settled(self, topic):
        """Every partition has a leader and all three copies."""
        try:
            partitions = self.admin.list_topics(topic, timeout=10).topics[topic].partitions.values()
        except KafkaException:
            return False
        return bool(partitions) and all(p.leader > 0 and len(p.isrs) == 3 for p in partitions)

    # What is done to it

    def create_topic(self, topic, deadline_s=120):
        """Or finds that it is there: a request that nobody answered may have been carried out."""
        deadline = time.monotonic() + deadline_s
        while True:
            try:
                self.admin.create_topics([NewTopic(topic, PARTITIONS, 3)])[topic].result(30)
                return
            except (KafkaException, TimeoutError) as problem:
                if "exists" in str(problem).lower():
                    return
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.5)

    def delete_topic(self, topic):
        self.admin.delete_topics([topic])[topic].result(20)

    def configure(self, topic, name, value):
        """Of the topic; None is the default again."""
        how = AlterConfigOpType.DELETE if value is None else AlterConfigOpType.SET
        entry = ConfigEntry(name, value or "", incremental_operation=how)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
        self.admin.incremental_alter_configs([resource])[resource].result(20)

    def move_leaders(self, topic, orders):
        """Gives each partition the replicas in that order, of which the first then leads."""
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap["LAB"], request_timeout_ms=15_000)
        try:
            admin.alter_partition_reassignments({TopicPartition(topic, partition): order
                                                 for partition, order in orders.items()})
            admin.elect_leaders(0, {topic: list(orders)}, raise_errors=False)  # 0: the first of the order
        finally:
            admin.close()

    def deny_writing(self, topic):
        self._acl_result(self.admin.create_acls([_denial(topic, AclBinding)]))

    def allow_writing(self, topic):
        self._acl_result(self.admin.delete_acls([_denial(topic, AclBindingFilter)]))

    def _allow_ingress(self):
        everything = [AclBinding(kind, name, ResourcePatternType.LITERAL, "User:ingress", "*", AclOperation.ALL,
                                 AclPermissionType.ALLOW)
                      for kind, name in ((ResourceType.TOPIC, "*"), (ResourceType.BROKER, "kafka-cluster"))]
        self._acl_result(self.admin.create_acls(everything))

    @staticmethod
    def _acl_result(futures):
        for future in futures.values():
            future.result(30)


def _denial(topic, kind):
    return kind(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, "User:ingress", "*", AclOperation.WRITE,
                AclPermissionType.DENY)
