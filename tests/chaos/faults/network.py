"""Links that are slow, narrow, cut, or swallow what is said: between clients and ingresses, services and brokers, and
the brokers themselves. By toxiproxy; packets that the kernel drops, and TCP sends again, by iptables."""

import os
import subprocess

from faults import Fault, fault, needs_iptables

BOTH = ("upstream", "downstream")


class Links(Fault):
    """Spoils some of the links of one kind: one of them, or all, as the seed has it."""
    kind = "ingress"

    def chosen(self, lab, random):
        links = lab.proxies.links(self.kind)
        return links if random.random() < 0.5 else [random.choice(links)]

    def inject(self, lab, random):
        for link in self.chosen(lab, random):
            self.spoil(lab.proxies, link, random)

    def spoil(self, proxies, link, random):
        raise NotImplementedError


class Slow(Links):
    def spoil(self, proxies, link, random):
        for stream in BOTH:
            proxies.spoil(link, "latency", stream, latency=random.randint(100, 400), jitter=100)


class Narrow(Links):
    hold_s = (5, 8)

    def spoil(self, proxies, link, random):
        for stream in BOTH:
            proxies.spoil(link, "bandwidth", stream, rate=random.randint(4, 12))  # kB/s


class Reset(Links):
    hold_s = (0, 0.5)

    def inject(self, lab, random):
        for _ in range(random.randint(4, 8)):
            for link in self.chosen(lab, random):
                lab.proxies.spoil(link, "reset_peer", "upstream", timeout=random.randint(0, 200))
            lab.hold(random.uniform(0.3, 1))
            lab.proxies.heal()
            lab.hold(random.uniform(0.1, 0.5))


class HalfOpen(Links):
    """Whoever writes believes that it arrived."""
    hold_s = (6, 9)

    def spoil(self, proxies, link, random):
        for stream in BOTH:
            proxies.spoil(link, "timeout", stream, timeout=0)


class AnswersSwallowed(Links):
    """What is asked is done, and nobody learns of it."""
    hold_s = (5, 8)

    def spoil(self, proxies, link, random):
        proxies.spoil(link, "timeout", "downstream", timeout=0)


class CutInside(Links):
    """Each connection ends after some bytes, in the middle of whatever is being said."""
    hold_s = (4, 7)

    def spoil(self, proxies, link, random):
        for stream in BOTH:
            proxies.spoil(link, "limit_data", stream, bytes=random.randint(3_000, 20_000))


class Refused(Links):
    hold_s = (4, 7)

    def spoil(self, proxies, link, random):
        proxies.cut(link)


def between(base, kind, name, does):
    """A fault of that sort on the links of one kind."""
    return fault(type(name.title().replace("_", ""), (base,), {"kind": kind, "name": name, "does": does}))


between(Slow, "ingress", "ingress_broker_slow", "0.1 to 0.5 s later, each way, between ingresses and brokers")
between(Narrow, "ingress", "ingress_broker_narrow", "4 to 12 kB a second between ingresses and brokers")
between(Reset, "ingress", "ingress_broker_reset", "connections between ingresses and brokers are reset, again and again")
between(HalfOpen, "ingress", "ingress_broker_half_open", "nothing passes between ingresses and brokers, nobody is told")
between(AnswersSwallowed, "ingress", "acks_swallowed", "brokers store what ingresses send; their answers never arrive")
between(CutInside, "ingress", "ingress_broker_cut", "connections of ingresses to brokers end in the middle of requests")
between(Refused, "ingress", "ingress_broker_refused", "brokers refuse the connections of ingresses")
between(Slow, "processor", "processor_broker_slow", "0.1 to 0.5 s later, each way, between processors and brokers")
between(Reset, "processor", "processor_broker_reset", "connections between processors and brokers are reset")
between(HalfOpen, "processor", "processor_broker_half_open", "nothing passes between processors and brokers")
between(AnswersSwallowed, "processor", "commits_swallowed", "brokers do what processors ask; their answers never arrive")
between(Slow, "client", "client_slow", "0.1 to 0.5 s later, each way, between clients and ingresses")
between(Reset, "client", "client_reset", "connections between clients and ingresses are reset")
between(AnswersSwallowed, "client", "answers_swallowed", "ingresses answer, and clients never learn what")
between(CutInside, "client", "client_cut", "connections of clients end in the middle of requests and answers")
between(HalfOpen, "replication", "replication_half_open", "nothing passes between brokers that replicate")
between(Narrow, "replication", "replication_narrow", "4 to 12 kB a second between brokers that replicate")


class Packets(Fault):
    """The kernel drops packets to and from the brokers' listeners, without the connections being told."""
    probability = 1.0
    missing = staticmethod(needs_iptables)

    def inject(self, lab, random):
        self.chain = f"MILLRACE-CHAOS-{os.getpid()}"
        chance = [] if self.probability == 1 else ["-m", "statistic", "--mode", "random", "--probability",
                                                   str(self.probability)]
        self._iptables("-N", self.chain)
        for node in self.nodes(lab, random):
            for listener in ("INGRESS", "PROCESSOR"):
                for side in ("--dport", "--sport"):
                    self._iptables("-A", self.chain, "-p", "tcp", side, str(node.ports[listener]), *chance, "-j", "DROP")
        self._iptables("-I", "INPUT", "-i", "lo", "-j", self.chain)

    def nodes(self, lab, random):
        return lab.cluster.nodes

    def heal(self, lab):
        self._iptables("-D", "INPUT", "-i", "lo", "-j", self.chain)
        self._iptables("-F", self.chain)
        self._iptables("-X", self.chain)

    @staticmethod
    def _iptables(*words):
        subprocess.run(["iptables", "-w", "10", *words], check=True, capture_output=True)


@fault
class PacketsLost(Packets):
    name, does = "packets_lost", "each third packet between services and brokers is lost"
    probability = 0.33


@fault
class BrokerUnreachable(Packets):
    name, does = "broker_unreachable", "no packet between services and one of the brokers arrives"
    hold_s = (6, 9)

    def nodes(self, lab, random):
        return [random.choice(lab.cluster.nodes)]
