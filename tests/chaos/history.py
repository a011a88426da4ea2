"""What the clients know: each event, each attempt to have it stored, and what the answer to it claims."""

import dataclasses
import enum


class Claim(enum.Enum):
    """What an answer says of one event."""
    STORED = "stored"
    NOT_STORED = "not stored"
    UNKNOWN = "unknown"


@dataclasses.dataclass
class Event:
    id: str
    source: str
    key: str | None
    sequence: int  # of its client; a later event of one key has a higher one
    data: bytes


@dataclasses.dataclass
class Attempt:
    """One request and its answer. A status of None is no answer: then `error` says why, and only when nothing was
    sent can it be that nothing was stored. Times are of the monotonic clock."""
    events: list[Event]
    ingress: int
    began: float
    ended: float = 0.0
    status: int | None = None
    code: str = ""
    error: str = ""
    sent: bool = True
    retryable: bool = True
    replayed: bool = False
    retry_after: str = ""
    receipts: list[dict] = dataclasses.field(default_factory=list)
    states: list[str] = dataclasses.field(default_factory=list)  # of a batch of which not all was stored

    def claim(self, index):
        if self.status == 202:
            return Claim.STORED
        if self.states:
            return {"stored": Claim.STORED, "not_stored": Claim.NOT_STORED}.get(self.states[index], Claim.UNKNOWN)
        if self.status is None:
            return Claim.UNKNOWN if self.sent else Claim.NOT_STORED
        return Claim.UNKNOWN if self.status in (500, 502, 504) else Claim.NOT_STORED

    def settles(self):
        """Nothing more is to be done about it; else the client has to try again."""
        return self.status == 202 or not self.retryable

    def __str__(self):
        said = self.status or self.error
        return f"{said} {self.code} at ingress {self.ingress}, {self.began:.3f}-{self.ended:.3f}"


class History:
    """Attempts in the order in which they ended, and each event's own. Written by the load's thread, and read by
    others while it goes on: lists only grow."""

    def __init__(self):
        self.attempts = []
        self.of_event = {}  # id -> [(attempt, index of the event in it)]
        self.events = {}

    def note(self, attempt):
        self.attempts.append(attempt)
        for index, event in enumerate(attempt.events):
            self.events[event.id] = event
            self.of_event.setdefault(event.id, []).append((attempt, index))

    def stored(self, since=0.0, ingress=None):
        """Attempts that began later than that and were answered 202."""
        return [a for a in list(self.attempts)
                if a.status == 202 and a.began >= since and ingress in (None, a.ingress)]

    def longest_outage(self):
        """Seconds between two 202s, anywhere."""
        times = sorted(a.ended for a in list(self.attempts) if a.status == 202)
        return max((b - a for a, b in zip(times, times[1:])), default=0.0)

    def receipt(self, id):
        """The first that was given."""
        for attempt, index in self.of_event[id]:
            if attempt.status == 202:
                return attempt.receipts[index]
        return None
