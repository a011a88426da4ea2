"""What a healthy broker answers when it must refuse."""

import time

from checker import Terms
from faults import Fault, fault


@fault
class LeadersMoved(Fault):
    name, does = "leaders_moved", "the leadership of every partition goes from broker to broker: NOT_LEADER_OR_FOLLOWER"
    hold_s = (1, 2)

    def inject(self, lab, random):
        for _ in range(4):
            lab.cluster.move_leaders(lab.topic, {p: random.sample([1, 2, 3], 3) for p in range(6)})
            lab.hold(random.uniform(0.5, 1.5))


@fault
class NotEnoughReplicas(Fault):
    name, does = "not_enough_replicas", "one broker down where three must have a record: NOT_ENOUGH_REPLICAS"

    def inject(self, lab, random):
        lab.cluster.configure(lab.topic, "min.insync.replicas", "3")
        random.choice(lab.cluster.nodes).kill()

    def heal(self, lab):
        lab.cluster.ensure_running()
        lab.cluster.configure(lab.topic, "min.insync.replicas", None)


@fault
class FollowersPaused(Fault):
    name, does = "followers_paused", "SIGSTOP of two brokers: the third has the records and may not acknowledge them " \
        "(REQUEST_TIMED_OUT)"
    hold_s = (5, 8)

    def inject(self, lab, random):
        for node in random.sample(lab.cluster.nodes, 2):
            lab.pause(node)


@fault
class TopicRecreated(Fault):
    name, does = "topic_recreated", "the topic is deleted, and made again after a while"
    hold_s = (1, 2)
    recreated_at = 0.0

    def inject(self, lab, random):
        lab.cluster.delete_topic(lab.topic)
        lab.hold(random.uniform(0.1, 4))
        self.recreated_at = time.monotonic()
        lab.cluster.create_topic(lab.topic)

    def terms(self):
        return Terms(recreated_at=self.recreated_at)


@fault
class WritingDenied(Fault):
    name, does = "writing_denied", "an ACL denies the ingresses to write to the topic, and is taken away again"

    def inject(self, lab, random):
        lab.cluster.deny_writing(lab.topic)

    def heal(self, lab):
        lab.cluster.allow_writing(lab.topic)


@fault
class MessagesTooLarge(Fault):
    name, does = "messages_too_large", "max.message.bytes of the topic is lowered below what some events have"
    large = 0.15
    limit = 4_000

    def inject(self, lab, random):
        lab.cluster.configure(lab.topic, "max.message.bytes", str(self.limit))

    def heal(self, lab):
        lab.cluster.configure(lab.topic, "max.message.bytes", None)

    def terms(self):
        return Terms(refuses_large=True)
