"""What the kernel knows of processes and of the whole machine: CPU seconds, peak memory, and who else was busy."""

import os
import pathlib
import platform
import re
import time

TICKS = os.sysconf("SC_CLK_TCK")
CPUS = os.cpu_count()
NOISE_LIMIT = 0.15


def cpu_seconds(pid):
    """utime + stime of a process that runs."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) / 1024


def forget_peak(pid):
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def describe():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (f"{CPUS} CPUs ({model.group(1) if model else platform.machine()}), "
            f"{int(memory.group(1)) / 1024 ** 2:.0f} GiB, Linux {platform.release()}")


class Interval:
    """CPU between its making and `end`, of the processes of the measurement and of everything else."""

    def __init__(self, pids):
        self._pids = pids
        self._began = self._read()

    def end(self):
        """({pid: seconds}, share of the machine's CPU that went to others)."""
        (when, busy, children, own), (when0, busy0, children0, own0) = self._read(), self._began
        each = {pid: own[pid] - own0[pid] for pid in own}
        others = (busy - busy0) - (children - children0) - sum(each.values())
        return each, max(0.0, others / (CPUS * (when - when0)))

    def _read(self):
        user, nice, system, idle, iowait, *rest = (
            int(word) / TICKS for word in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
        times = os.times()
        ended_children = times.children_user + times.children_system + times.user + times.system
        return (time.monotonic(), user + nice + system + sum(rest), ended_children,
                {pid: cpu_seconds(pid) for pid in self._pids})
