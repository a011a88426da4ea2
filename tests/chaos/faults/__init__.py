"""The faults that there are. Each is a class with a name, what it does, and how long it lasts; `registry` has them all."""

import os
import shutil

registry = {}


class Fault:
    """`inject` begins it and `heal` ends it; the laboratory holds it in between for a time that the seed chooses from
    `hold_s`, and repairs processes and links afterwards. A fault that needs what is not here is skipped, and says so.
    """
    name = ""
    does = ""
    hold_s = (3.0, 6.0)
    clocks = ()          # kinds of services whose clock it sets
    large = 0.02         # part of the events that are larger than others
    supervised = False   # services that it ends are started again while it lasts
    deadly = False       # services may end by themselves
    rebalances = True    # may make a group lose an uncommitted part, and so handle it again

    @staticmethod
    def missing():
        """What it needs and is not here, or nothing."""
        return ""

    def inject(self, lab, random):
        raise NotImplementedError

    def heal(self, lab):
        """Beyond what the laboratory mends by itself."""

    def terms(self):
        """What the checker is to allow for; a Terms, or None."""
        return None


def fault(kind):
    assert kind.name and kind.name not in registry and kind.does
    registry[kind.name] = kind
    return kind


def needs_root():
    return "" if os.geteuid() == 0 else "root"


def needs_iptables():
    return needs_root() or ("" if shutil.which("iptables") else "iptables")


from faults import brokers, errors, host, network, processes  # noqa: E402, F401
