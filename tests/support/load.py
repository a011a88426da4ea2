"""A load that keeps an account: every event has an id of its own, is posted once, and its answer is kept."""

import asyncio
import collections
import dataclasses
import itertools
import json
import threading
import time


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int | None  # None: the connection ended, or was never made, without an answer
    receipt: dict | None = None
    headers: str = ""


class Load:
    """Posts `total` plain JSON events over `connections` keep-alive connections, from a thread of its own, or as
    many as it can until it is told to stop. A connection that is lost is made anew; its event counts as unanswered
    and is not posted again. With `until_refused` a connection ends when nobody listens any more."""

    def __init__(self, port, total=None, connections=64, rate=None, prefix="load", keys=0, size=300, path="/v1/events",
                 until_refused=False):
        self.port, self.connections, self.rate = port, connections, rate
        self.prefix, self.keys, self.size, self.path = prefix, keys, size, path
        self.until_refused = until_refused
        self.answers = {}  # id -> Answer
        self.refused = 0
        self._next = itertools.count() if total is None else iter(range(total))
        self._stopped = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    def start(self):
        self._began = time.monotonic()
        self._thread.start()
        return self

    def wait_answers(self, count, deadline_s=60):
        """Until that many events have been answered 202."""
        with self._changed:
            assert self._changed.wait_for(lambda: self._stored >= count, deadline_s), \
                f"{self._stored} of {count} stored: {self.summary()}"

    def stop(self):
        """Nothing more is posted; what has been is answered first."""
        self._stopped = True

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        """Whatever happened, nothing goes on being posted to what the next test uses."""
        self.stop()
        self.finish()

    def unfinished(self):
        return self._thread.is_alive()

    def finish(self, deadline_s=300):
        """Every answer, by id."""
        self._thread.join(deadline_s)
        assert not self._thread.is_alive(), f"the load did not end: {self.summary()}"
        return self.answers

    def stored(self):
        """id -> receipt of all that were answered 202"""
        return {id: answer.receipt for id, answer in list(self.answers.items()) if answer.status == 202}

    def summary(self):
        """How often each status was answered; None is no answer."""
        return dict(collections.Counter(answer.status for answer in list(self.answers.values())))

    _stored = 0

    def _request(self, number):
        key = f"?key=k{number % self.keys}" if self.keys else ""
        body = json.dumps({"n": number, "pad": ""})
        body = body[:-2] + "x" * max(0, self.size - len(body)) + body[-2:]
        return (f"POST {self.path}{key} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"
                f"Idempotency-Key: {self.prefix}-{number}\r\nContent-Length: {len(body)}\r\n\r\n{body}").encode()

    async def _run(self):
        await asyncio.gather(*(self._client() for _ in range(self.connections)))

    async def _client(self):
        reader = writer = None
        for number in self._next:
            if self._stopped:
                break
            if self.rate:
                await asyncio.sleep(max(0.0, self._began + number / self.rate - time.monotonic()))
            try:
                if writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                self.refused += 1
                if self.until_refused:
                    return
                self._keep(number, Answer(None))
                await asyncio.sleep(0.1)
                continue
            try:
                writer.write(self._request(number))
                answer, goes_on = await asyncio.wait_for(read_answer(reader), 60)
            except (OSError, EOFError, asyncio.TimeoutError):
                answer, goes_on = Answer(None), False
            self._keep(number, answer)
            if not goes_on:
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    def _keep(self, number, answer):
        self.answers[f"{self.prefix}-{number}"] = answer
        if answer.status == 202:
            with self._changed:
                self._stored += 1
                self._changed.notify_all()


async def read_answer(reader):
    """(Answer, whether the connection goes on)"""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status = int(head[9:12])
    length, close = 0, False
    for line in head.lower().split("\r\n"):
        if line.startswith("content-length:"):
            length = int(line[15:])
        close = close or line.replace(" ", "") == "connection:close"
    body = await reader.readexactly(length)
    return Answer(status, json.loads(body) if body else None, head), not close
