"""A round: load, a fault, its end, recovery, and the verdict. A run is rounds in the order that a seed gives."""

import dataclasses
import json
import random
import time

from checker import Terms, check
from clients import Clients
from records import lag, read_all
from services import until

WARM_UP, COOL_DOWN = 60, 60  # requests answered 202 before the fault, and after the recovery
RECEIPTS = 25                # that are asked for in the end
DEADLINE_S = 120


@dataclasses.dataclass
class Result:
    fault: str
    seed: int
    seconds: float = 0.0     # from the fault's beginning to its end
    requests: int = 0
    stored: int = 0          # of them answered 202
    answers: dict = dataclasses.field(default_factory=dict)
    records: int = 0
    handled: int = 0
    redelivered: int = 0
    outage: float = 0.0      # the longest time without a 202
    recovery: float = 0.0    # from the end of the fault until every ingress stores and every new event is handled
    verdict: object = None
    deaths: list = dataclasses.field(default_factory=list)
    failure: str = ""        # why it could not be carried through

    def passed(self):
        return not self.failure and not self.verdict.faults() and not self.deaths


def run_round(lab, fault, seed, report=lambda text: None):
    """One round of the fault, which the seed alone decides as far as the laboratory is concerned."""
    chance = random.Random(f"{fault.name}-{seed}")
    result = Result(fault.name, seed)
    lab.begin(fault.clocks)
    lab.supervised = fault.supervised
    clients = Clients(lab.client_ports, lab.topic, seed, large=fault.large).start()
    history, healed = clients.history, None
    try:
        until(lambda: len(history.stored()) >= WARM_UP, DEADLINE_S, "the load is under way")
        began = time.monotonic()
        try:
            fault.inject(lab, chance)
            lab.hold(chance.uniform(*fault.hold_s))
        finally:
            fault.heal(lab)
            result.seconds = time.monotonic() - began
            lab.mend()
        lab.supervised = False
        healed = time.monotonic()
        _wait_recovered(lab, history, healed)
        after = time.monotonic()
        until(lambda: len(history.stored(after)) >= COOL_DOWN, DEADLINE_S, "the load goes on")
    except Exception as problem:  # whatever it was, the books are still closed
        result.failure = f"{type(problem).__name__}: {problem}"
        lab.mend()
    _close(lab, clients, fault, result, healed)
    return result


def _wait_recovered(lab, history, since):
    """Every ingress stores again, and every service says that it is ready."""
    for ingress in range(len(lab.ingresses)):
        until(lambda: history.stored(since, ingress), DEADLINE_S, f"ingress {ingress} stores again")
    lab.ensure_services()


def _close(lab, clients, fault, result, healed):
    history, wrong = clients.history, []
    try:
        clients.finish()
        until(lambda: group_lag(lab) == 0, DEADLINE_S, "everything is committed")
        wrong += _receipts(lab, history, fault)
    except Exception as problem:
        result.failure = result.failure or f"{type(problem).__name__}: {problem}"
    lab.bury()
    if not fault.deadly:
        result.deaths = list(lab.deaths)
    wrong += lab.end()
    handled = lab.effects.finish()
    try:
        records = read_all(lab.cluster.address, lab.topic)
    except Exception as problem:
        records = []
        result.failure = result.failure or f"{type(problem).__name__}: {problem}"
    result.verdict = check(history, records, handled, fault.terms() or Terms())
    result.verdict.wrong += wrong
    result.requests, result.stored = len(history.attempts), len(history.stored())
    for attempt in history.attempts:
        name = str(attempt.status or ("no answer" if attempt.sent else "no connection"))
        result.answers[name] = result.answers.get(name, 0) + 1
    result.records, result.handled = len(records), len(handled)
    result.redelivered = result.verdict.redelivered
    result.outage = history.longest_outage()
    if healed:
        result.recovery = _recovery(lab, history, handled, healed)


def group_lag(lab):
    """What the group has not committed yet, or why that cannot be told."""
    try:
        return lag(lab.cluster.address, lab.group, lab.topic)
    except Exception as problem:  # a coordinator that is being elected
        return str(problem)


def _receipts(lab, history, fault):
    """What processors say of some events: either one is asked, whoever has the partition."""
    chance, wrong = random.Random(1), []
    terms = fault.terms() or Terms()
    ids = [event.id for attempt in history.attempts if attempt.status == 202 and attempt.ended > terms.recreated_at
           for event in attempt.events]
    for id in chance.sample(sorted(set(ids)), min(RECEIPTS, len(set(ids)))):
        receipt = history.receipt(id)
        if receipt is None:
            continue
        path = receipt["status_url"].split("/", 3)[3]
        said = _ask(chance.choice(lab.processors), f"/{path}")
        if said.status_code != 200 or said.json()["state"] not in ("processed", "duplicate"):
            wrong.append(f"the receipt of {id} says {said.text}")
    return wrong


def _ask(processor, path):
    """The receipt; while Kafka cannot be asked for it the answer is to come again."""
    deadline = time.monotonic() + DEADLINE_S
    while True:
        said = processor.get(path, params={"wait": 10})
        if said.status_code != 503 or time.monotonic() > deadline:
            return said
        time.sleep(1)


def _recovery(lab, history, handled, healed):
    """Until every ingress had stored, and a handler had, something that was posted after the fault's end."""
    firsts = [min((a.ended for a in history.stored(healed, i)), default=healed) for i in range(len(lab.ingresses))]
    new = {event.id for attempt in history.stored(healed) for event in attempt.events}
    firsts.append(min((one.time for one in handled if one.id in new and one.time > healed), default=healed))
    return max(firsts) - healed


HEAD = f"{'fault':28} {'seed':>5} {'fault s':>7} {'requests':>8} {'202':>6} {'lost':>5} {'unhandled':>9} " \
       f"{'duplicates':>10} {'resent':>6} {'unexplained':>11} {'twice':>5} {'again':>5} {'order':>5} {'wrong':>5} {'outage s':>8} " \
       f"{'recovery s':>10}"


def line(result):
    v = result.verdict
    return f"{result.fault:28} {result.seed:5} {result.seconds:7.1f} {result.requests:8} {result.stored:6} " \
           f"{len(v.lost):5} {len(v.unhandled):9} {v.explained + v.resent + len(v.unexplained):10} {v.resent:6} " \
           f"{len(v.unexplained):11} " \
           f"{len(v.handled_twice):5} {result.redelivered:5} {len(v.out_of_order):5} {len(v.wrong):5} " \
           f"{result.outage:8.1f} {result.recovery:10.1f}" + ("" if result.passed() else "  FAILED")


def complaints(result, most=8):
    """What is wrong, in words."""
    for death in result.deaths[:most]:
        yield death
    if result.failure:
        yield result.failure
    for name, found in result.verdict.faults().items():
        for one in found[:most]:
            yield f"{name}: {one}"
        if len(found) > most:
            yield f"{name}: and {len(found) - most} more"


def as_json(result):
    return json.dumps(dataclasses.asdict(result))
