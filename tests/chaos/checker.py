"""Names every event that was lost, stored or handled too often, out of order or wrongly answered. A function of what
the clients know, what Kafka has and what the handlers did; test_checker.py shows each rule being broken."""

import collections
import dataclasses

from history import Claim


@dataclasses.dataclass(frozen=True)
class Handled:
    """A handler had this event: which record it was, at which processor, when."""
    id: str
    partition: int
    offset: int
    processor: int
    time: float


@dataclasses.dataclass
class Verdict:
    """Each a list of sentences, but for numbers: `explained` of records that a client's retry explains, `resent` of those
    that the producer's explains, `redelivered` of handlings."""
    lost: list = dataclasses.field(default_factory=list)
    unhandled: list = dataclasses.field(default_factory=list)
    unexplained: list = dataclasses.field(default_factory=list)
    handled_twice: list = dataclasses.field(default_factory=list)
    out_of_order: list = dataclasses.field(default_factory=list)
    wrong: list = dataclasses.field(default_factory=list)
    explained: int = 0
    resent: int = 0
    redelivered: int = 0

    def faults(self):
        return {name: found for name, found in dataclasses.asdict(self).items()
                if isinstance(found, list) and found}


@dataclasses.dataclass(frozen=True)
class Terms:
    """What a fault does that is nobody's defect: the topic was deleted, and made again at `recreated_at`, with all that
    was stored before; `refuses_large`: the brokers refused large records, each with its neighbours in the batch."""
    recreated_at: float = 0.0
    refuses_large: bool = False


def check(history, records, handled, terms=Terms()):
    found = collections.defaultdict(list)  # id -> its records, the first first
    for record in sorted(records, key=lambda r: (r.partition, r.offset)):
        found[record.headers.get("ce_id", "")].append(record)
    done = collections.defaultdict(list)  # id -> how it was handled
    for one in handled:
        done[one.id].append(one)
    verdict = Verdict()
    outages = _outages(history)
    for id in found.keys() - history.events.keys():
        verdict.wrong.append(f"{id} is in Kafka and was never posted")
    for id, attempts in list(history.of_event.items()):
        _check_stored(verdict, id, attempts, found[id], terms, outages)
        _check_record(verdict, history.events[id], found[id])
        _check_handled(verdict, id, attempts, found[id], done[id], terms)
    _check_answers(verdict, history, terms)
    _check_order(verdict, history, found)
    _check_handling_order(verdict, history, handled)
    return verdict


def _told(attempts):
    return "; ".join(str(attempt) for attempt, _ in attempts)


def _places(records):
    return [(record.partition, record.offset) for record in records]


def _outages(history):
    """When an ingress gave up a record that it had handed to its producer: {ingress: [times]}."""
    found = collections.defaultdict(list)
    for attempt in list(history.attempts):
        if attempt.code in ("broker_unavailable", "outcome_unknown") and attempt.ended - attempt.began > 1:
            found[attempt.ingress].append(attempt.ended)
    return found


def _resent(attempt, outages):
    """How often the producer may have sent this request's records again by itself: whenever a record is not acknowledged
    in time, librdkafka gives all that it has in flight a new series, in which the broker does not know them again.
    Records that are given up together begin one series."""
    times = sorted(time for time in outages[attempt.ingress] if attempt.began - 1 <= time <= attempt.ended + 1)
    return sum(after - before > 0.3 for before, after in zip([float("-inf"), *times], times))


def _check_stored(verdict, id, attempts, records, terms, outages):
    """An answer may only claim what Kafka bears out, and each record needs an attempt that may have made it."""
    claims = [(attempt, attempt.claim(index), index) for attempt, index in attempts]
    places = _places(records)
    for attempt, claim, index in claims:
        if claim is not Claim.STORED or attempt.ended <= terms.recreated_at:
            continue
        if not records:
            verdict.lost.append(f"{id} was answered 202 and is not in Kafka: {_told(attempts)}")
            break
        if attempt.status == 202:
            receipt = attempt.receipts[index]
            if receipt["id"] != id or (receipt["partition"], receipt["offset"]) not in places:
                verdict.wrong.append(f"{id} has the receipt {receipt}, and is at {places}: {_told(attempts)}")
    makers = [attempt for attempt, claim, _ in claims
              if claim is Claim.UNKNOWN or (claim is Claim.STORED and not attempt.replayed)]
    requests = len({record.timestamp_ms for record in records})  # the time at which an ingress had the request
    extra = len(records) - len(makers)
    if extra > 0 and requests <= len(makers) and extra <= sum(_resent(attempt, outages) for attempt in makers):
        verdict.resent += extra
        verdict.explained += len(makers) - 1
    elif extra > 0:
        if any(claim is Claim.NOT_STORED for _, claim, _ in claims):
            verdict.wrong.append(f"{id} was called not stored and is at {places}: {_told(attempts)}")
        else:
            verdict.unexplained.append(f"{id} is at {places}: {_told(attempts)}")
    elif len(records) > 1:
        verdict.explained += len(records) - 1


def _check_record(verdict, event, records):
    for record in records:
        if record.value != event.data:
            verdict.wrong.append(f"{event.id} is at {_places([record])} with other data: {record.value[:200]!r}")
        if (record.key or b"").decode() != (event.key or ""):
            verdict.wrong.append(f"{event.id} is at {_places([record])} with the key {record.key!r}")
    partitions = {record.partition for record in records}
    if len(partitions) > 1:
        verdict.wrong.append(f"{event.id} is in several partitions: {_places(records)}")


def _check_handled(verdict, id, attempts, records, handled, terms):
    """Everything in Kafka is handled. A second record of an event is not; a record that was handled, and whose offset
    could not be committed, is handled again, which is what at least once means."""
    if records and not handled:
        verdict.unhandled.append(f"{id} is at {_places(records)} and no handler ever had it: {_told(attempts)}")
    places = {(one.partition, one.offset) for one in handled if one.time > terms.recreated_at}
    if len(places) > 1:
        verdict.handled_twice.append(f"{id} was handled as {sorted(places)}: {_told(attempts)}")
    verdict.redelivered += len(handled) - len({(one.partition, one.offset) for one in handled})


def _check_answers(verdict, history, terms):
    for attempt in list(history.attempts):
        if attempt.status in (429, 503) and attempt.retryable \
                and not (attempt.retry_after.isdigit() and int(attempt.retry_after) >= 1):
            verdict.wrong.append(f"no Retry-After: {attempt}")
        if attempt.status is None or attempt.status == 202 or attempt.retryable:
            continue
        if not terms.refuses_large:
            verdict.wrong.append(f"{attempt.events[0].id} was refused, and nothing is wrong with it: {attempt}")


def _check_order(verdict, history, found):
    """The first record of each event: those of a key are in the order in which they were posted."""
    firsts = collections.defaultdict(list)
    for id, records in found.items():
        event = history.events.get(id)
        if event is not None and event.key is not None and records:
            firsts[event.key].append((records[0].partition, records[0].offset, event))
    for key, ones in firsts.items():
        if len({partition for partition, _, _ in ones}) > 1:
            verdict.wrong.append(f"{key} is in several partitions")
        ones.sort(key=lambda one: one[1])
        for (_, before, earlier), (_, after, later) in zip(ones, ones[1:]):
            if later.sequence < earlier.sequence:
                verdict.out_of_order.append(f"{later.id} is first stored at {after}, after {earlier.id} at {before}")


def _check_handling_order(verdict, history, handled):
    """The first handling of each event, too. Of one processor, since clocks and logs differ between two."""
    last = {}  # (processor, key) -> the newest event that it began
    seen = set()
    for one in sorted(handled, key=lambda h: h.time):
        event = history.events.get(one.id)
        if event is None or event.key is None or one.id in seen:
            continue
        seen.add(one.id)
        before = last.get(event.key)
        if before is not None and event.sequence < before.sequence:
            verdict.out_of_order.append(f"{event.id} was first handled after {before.id}")
        last[event.key] = event
