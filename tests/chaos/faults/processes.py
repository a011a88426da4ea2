"""Ingresses and processors that are killed, stopped, and restarted."""

import signal

from faults import Fault, fault


@fault
class IngressKilled(Fault):
    name, does = "ingress_killed", "kill -9 of an ingress; the other takes the retries"

    def inject(self, lab, random):
        random.choice(lab.ingresses).kill()


@fault
class IngressesKilled(Fault):
    name, does = "ingresses_killed", "kill -9 of both ingresses, three times in a row"
    supervised = True

    def inject(self, lab, random):
        for _ in range(3):
            for ingress in lab.ingresses:
                ingress.kill()
            lab.hold(random.uniform(0.5, 1.5))
            lab.ensure_services(ready=False)


@fault
class IngressPaused(Fault):
    name, does = "ingress_paused", "SIGSTOP of an ingress for longer than its request timeout, then SIGCONT"
    hold_s = (6, 9)

    def inject(self, lab, random):
        lab.pause(random.choice(lab.ingresses))


@fault
class IngressRestarted(Fault):
    name, does = "ingress_restarted", "SIGTERM of each ingress in turn: it answers what it has, ends with 0, comes back"
    hold_s = (1, 2)

    def inject(self, lab, random):
        for ingress in random.sample(lab.ingresses, 2):
            status = ingress.stop()
            if status != 0:
                lab.deaths.append(f"an ingress ended with status {status} when it was asked to")
            ingress.start()


@fault
class ProcessorKilled(Fault):
    name, does = "processor_killed", "kill -9 of a processor; the other takes its partitions when the session ran out"
    hold_s = (7, 10)

    def inject(self, lab, random):
        random.choice(lab.processors).kill()


@fault
class ProcessorsKilled(Fault):
    name, does = "processors_killed", "kill -9 of both processors, twice in a row"

    def inject(self, lab, random):
        for _ in range(2):
            for processor in lab.processors:
                processor.kill()
            lab.hold(random.uniform(0.5, 2))
            lab.ensure_services(ready=False)
            lab.hold(random.uniform(1, 3))


@fault
class ProcessorPaused(Fault):
    name, does = "processor_paused", "SIGSTOP of a processor until the group goes on without it, then SIGCONT"
    hold_s = (8, 11)

    def inject(self, lab, random):
        lab.pause(random.choice(lab.processors))


@fault
class ProcessorRestarted(Fault):
    name, does = "processor_restarted", "SIGTERM of each processor in turn, under load: its partitions move twice"
    hold_s = (1, 2)

    def inject(self, lab, random):
        for processor in random.sample(lab.processors, 2):
            processor.signal(signal.SIGTERM)
            status = processor.wait_end()
            if status != 0:
                lab.deaths.append(f"a processor ended with status {status} when it was asked to")
            processor.start(ready=False)
            lab.hold(random.uniform(0.5, 2))


@fault
class EverythingKilled(Fault):
    name, does = "services_killed", "kill -9 of both ingresses and both processors at one moment"

    def inject(self, lab, random):
        for service in lab.services():
            service.process.kill()
        for service in lab.services():
            service.kill()
