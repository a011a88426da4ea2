"""What a machine runs out of: disk, descriptors, memory; and clocks that jump."""

import os
import pathlib
import resource
import socket

from faults import Fault, fault, needs_root


@fault
class DiskFull(Fault):
    name, does = "disk_full", "the disk of one broker is full; it is cleared, and the broker started again"

    @staticmethod
    def missing():
        return needs_root()

    def inject(self, lab, random):
        self.ballast = lab.cluster.mounted / "ballast"
        with open(self.ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65_536))
            except OSError:
                pass  # full, which was to be shown

    def heal(self, lab):
        self.ballast.unlink()
        lab.cluster.nodes[2].kill()


class ClockJumped(Fault):
    kind = ""

    def inject(self, lab, random):
        for name, index in lab.clocks:
            lab.clocks[name, index].set(random.choice((-1, 1)) * random.randint(20, 300))
        lab.hold(random.uniform(1, 3))
        for clock in lab.clocks.values():
            clock.set(random.randint(-200, 200))

    def heal(self, lab):
        for clock in lab.clocks.values():
            clock.set(0)


@fault
class IngressClock(ClockJumped):
    name, does = "ingress_clock", "the clocks of the ingresses jump minutes ahead and back, each its own way"
    clocks = ("ingress",)


@fault
class ProcessorClock(ClockJumped):
    name, does = "processor_clock", "the clocks of the processors jump minutes ahead and back, each its own way"
    clocks = ("processor",)


@fault
class DescriptorsExhausted(Fault):
    name, does = "descriptors_exhausted", "the services may open no further descriptor, and strangers take what is left"
    hold_s = (4, 7)

    def inject(self, lab, random):
        for service in lab.services():
            pid = service.process.pid
            _, most = resource.prlimit(pid, resource.RLIMIT_NOFILE)
            resource.prlimit(pid, resource.RLIMIT_NOFILE, (service.descriptors() + random.randint(0, 4), most))
        self.strangers = []
        for ingress in lab.ingresses:
            for _ in range(20):
                stranger = socket.socket()
                stranger.settimeout(1)
                try:
                    stranger.connect(("127.0.0.1", ingress.port))
                except OSError:
                    pass  # refused, as it may be
                self.strangers.append(stranger)
        lab.proxies.spoil("ingress-1", "reset_peer", "upstream", timeout=0)  # so that it has to connect again
        lab.proxies.spoil("processor-1", "reset_peer", "upstream", timeout=0)

    def heal(self, lab):
        for stranger in self.strangers:
            stranger.close()
        for service in lab.services():
            if service.process is not None and service.process.poll() is None:
                _, most = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
                resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (most, most))


@fault
class MemoryRefused(Fault):
    name, does = "memory_refused", "the services get no more memory from the kernel (RLIMIT_AS); who ends is restarted"
    supervised = deadly = True
    large = 0.3

    def inject(self, lab, random):
        for service in lab.services():
            pid = service.process.pid
            size = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
            resource.prlimit(pid, resource.RLIMIT_AS, (size + random.randint(0, 1 << 20), resource.RLIM_INFINITY))

    def heal(self, lab):
        for service in lab.services():
            if service.process is not None and service.process.poll() is None:
                resource.prlimit(service.process.pid, resource.RLIMIT_AS,
                                 (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@fault
class OutOfMemory(Fault):
    name, does = "out_of_memory", "a memory cgroup smaller than the services: the kernel kills them; they are restarted"
    supervised = deadly = True
    root = pathlib.Path("/sys/fs/cgroup/memory")

    @classmethod
    def missing(cls):
        return needs_root() or ("" if (cls.root / "memory.limit_in_bytes").exists() else "cgroups, version 1")

    def inject(self, lab, random):
        self.group = self.root / f"millrace-chaos-{os.getpid()}"
        self.group.mkdir(exist_ok=True)
        (self.group / "memory.limit_in_bytes").write_text(str(random.randint(1, 3) << 20))
        for service in lab.services():
            (self.group / "cgroup.procs").write_text(str(service.process.pid))
        (self.group / "memory.force_empty").write_text("0")

    def heal(self, lab):
        (self.group / "memory.limit_in_bytes").write_text("-1")
        for pid in (self.group / "cgroup.procs").read_text().split():
            (self.root / "cgroup.procs").write_text(pid)
        self.group.rmdir()
