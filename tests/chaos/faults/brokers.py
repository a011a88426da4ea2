"""Brokers that are killed, stopped, and restarted: the one that leads, the one that controls, the majority."""

from faults import Fault, fault


@fault
class LeaderKilled(Fault):
    name, does = "leader_killed", "kill -9 of the broker that leads a partition of the topic"

    def inject(self, lab, random):
        lab.cluster.leader(lab.topic, random.randrange(6)).kill()


@fault
class LeaderPaused(Fault):
    name, does = "leader_paused", "SIGSTOP of the broker that leads a partition, until another does; then SIGCONT: it " \
        "still takes itself for the leader"
    hold_s = (8, 11)

    def inject(self, lab, random):
        lab.pause(lab.cluster.leader(lab.topic, random.randrange(6)))


@fault
class LeaderHiccups(Fault):
    name, does = "leader_hiccups", "SIGSTOP of a leader for a moment, five times"
    hold_s = (0, 0.5)

    def inject(self, lab, random):
        for _ in range(5):
            lab.pause(lab.cluster.node(random.randint(1, 3)))
            lab.hold(random.uniform(0.3, 1.2))
            lab.resume_all()
            lab.hold(random.uniform(0.1, 0.5))


@fault
class ControllerKilled(Fault):
    name, does = "controller_killed", "kill -9 of the active controller"

    def inject(self, lab, random):
        lab.cluster.controller().kill()


@fault
class CoordinatorKilled(Fault):
    name, does = "coordinator_killed", "kill -9 of the broker that coordinates the consumer group"

    def inject(self, lab, random):
        lab.cluster.coordinator(lab.group).kill()


@fault
class QuorumLost(Fault):
    name, does = "quorum_lost", "kill -9 of two brokers of three: no majority, and too few replicas"

    def inject(self, lab, random):
        for node in random.sample(lab.cluster.nodes, 2):
            node.kill()


@fault
class BrokersKilled(Fault):
    name, does = "brokers_killed", "kill -9 of all three brokers at one moment"
    hold_s = (1, 3)

    def inject(self, lab, random):
        for node in lab.cluster.nodes:
            node.process.kill()
        for node in lab.cluster.nodes:
            node.kill()


@fault
class BrokersRolled(Fault):
    name, does = "brokers_rolled", "each broker restarted in turn, as for an update"
    hold_s = (0, 1)

    def inject(self, lab, random):
        for node in random.sample(lab.cluster.nodes, 3):
            node.stop()
            node.launch()
            node.wait_ready()
            lab.bury()
