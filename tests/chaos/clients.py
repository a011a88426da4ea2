"""Honest clients: each posts one request after the other, and goes on with the next only when it knows what became of
the last. Whatever may be tried again is tried again, with the same bytes, at either ingress."""

import asyncio
import json
import random
import threading
import time

from history import Attempt, Event, History
from load import read_answer

PATIENCE_S = 20  # for an answer; an ingress answers within its request timeout
MAX_PAUSE_S = 2  # what a Retry-After may ask for
HUNG_UP, DOUBTED, BATCHED = 0.02, 0.03, 0.25  # of all requests
LARGE_BYTES = 6000


class Client:
    """One of them. Its events have the key that it was given, or none, and are numbered."""

    def __init__(self, name, key, load):
        self.name, self.key, self.load = name, key, load
        self.random = random.Random(f"{load.seed}-{name}")
        self.sequence = 0
        self.connections = {}

    async def run(self):
        try:
            while not self.load.stopped:
                events, request = self._make()
                stored = await self._settle(events, request)
                if stored and self.random.random() < DOUBTED:
                    await self._attempt(events, request, self._any_ingress())
                await asyncio.sleep(self.random.uniform(0.5, 1.5) * self.load.pause_s)
        finally:
            for _, writer in self.connections.values():
                writer.close()

    async def _settle(self, events, request):
        ingress = self._any_ingress()
        while True:
            hang_up = self.random.random() < HUNG_UP
            attempt = await self._attempt(events, request, ingress, hang_up)
            if attempt.settles() or time.monotonic() > self.load.give_up_at:
                return attempt.status == 202
            pause = 0.05
            if attempt.retry_after.isdigit():
                pause = min(MAX_PAUSE_S, int(attempt.retry_after))
            elif not attempt.sent:
                pause = 0.3
            await asyncio.sleep(pause * self.random.uniform(1, 1.3))
            ingress = self._any_ingress()

    def _any_ingress(self):
        return self.random.randrange(len(self.load.ports))

    async def _attempt(self, events, request, ingress, hang_up=False):
        attempt = Attempt(events, ingress, time.monotonic(), sent=False)
        connection = None
        try:
            connection = self.connections.pop(ingress, None)
            if connection is None:
                connection = await asyncio.wait_for(
                    asyncio.open_connection("127.0.0.1", self.load.ports[ingress]), PATIENCE_S)
            reader, writer = connection
            attempt.sent = True
            writer.write(request)
            if hang_up:
                await asyncio.wait_for(writer.drain(), PATIENCE_S)
                raise ConnectionAbortedError("hung up")
            answer, goes_on = await asyncio.wait_for(read_answer(reader), PATIENCE_S)
            _read(answer, attempt)
            if goes_on:
                self.connections[ingress], connection = connection, None
        except (OSError, EOFError, ValueError, asyncio.TimeoutError) as problem:
            attempt.error = f"{type(problem).__name__} {problem}".strip()
        finally:
            if connection is not None:
                connection[1].close()
        attempt.ended = time.monotonic()
        self.load.history.note(attempt)
        return attempt

    def _make(self):
        """(events, the request that posts them), in one of the forms that there are."""
        if self.random.random() < BATCHED:
            return self.random.choice((self._ndjson, self._batch))(self.random.randint(2, 4))
        return self.random.choice((self._plain, self._binary, self._structured))()

    def _event(self, source, id=None):
        self.sequence += 1
        size = LARGE_BYTES if self.random.random() < self.load.large else self.random.randint(10, 300)
        data = json.dumps({"by": self.name, "n": self.sequence, "pad": "x" * size}).encode()
        return Event(id or f"{self.name}-{self.sequence}", source, self.key, self.sequence, data)

    def _plain(self):
        event = self._event("/millrace")
        return [event], self._post("application/json", event.data, [f"Idempotency-Key: {event.id}"])

    def _ndjson(self, count):
        name = f"{self.name}-{self.sequence + 1}"
        events = [self._event("/millrace", f"{name}/{i}") for i in range(count)]
        body = b"\n".join(event.data for event in events) + b"\n"
        return events, self._post("application/x-ndjson", body, [f"Idempotency-Key: {name}"])

    def _binary(self):
        event = self._event("/chaos")
        return [event], self._post("application/json", event.data, [
            "ce-specversion: 1.0", f"ce-id: {event.id}", f"ce-source: {event.source}", "ce-type: chaos"])

    def _structured(self):
        event = self._event("/chaos")
        return [event], self._post("application/cloudevents+json", _envelope(event), [])

    def _batch(self, count):
        events = [self._event("/chaos") for _ in range(count)]
        body = b"[" + b",".join(map(_envelope, events)) + b"]"
        return events, self._post("application/cloudevents-batch+json", body, [])

    def _post(self, media_type, body, headers):
        target = self.load.path + (f"?key={self.key}" if self.key else "")
        head = [f"POST {target} HTTP/1.1", "Host: chaos", f"Content-Type: {media_type}",
                f"Content-Length: {len(body)}", *headers]
        return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def _envelope(event):
    head = {"specversion": "1.0", "id": event.id, "source": event.source, "type": "chaos"}
    return json.dumps(head).encode()[:-1] + b', "data": ' + event.data + b"}"


def _read(answer, attempt):
    attempt.status = answer.status
    for line in answer.headers.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "retry-after":
            attempt.retry_after = value.strip()
        elif name.lower() == "idempotency-replayed":
            attempt.replayed = True
    body = answer.receipt or {}
    if answer.status == 202:
        attempt.receipts = body["events"] if "accepted" in body else [body]
    else:
        attempt.code, attempt.retryable = body.get("code", ""), body.get("retryable", True)
        attempt.states = [event["state"] for event in body.get("events", [])]


class Clients:
    """All of them, in a thread of their own. `ports` are those of the ingresses, or of the proxies in front."""

    def __init__(self, ports, topic, seed, keyed=16, keyless=8, pause_s=0.2, large=0.02):
        self.ports, self.seed, self.pause_s, self.large = ports, seed, pause_s, large
        self.path = f"/v1/topics/{topic}/events"
        self.history = History()
        self.stopped, self.give_up_at = False, float("inf")
        self._clients = [Client(f"{topic}-k{i}", f"key-{i}", self) for i in range(keyed)]
        self._clients += [Client(f"{topic}-u{i}", None, self) for i in range(keyless)]
        self._failure = None
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self._thread.start()
        return self

    def _run(self):
        try:
            asyncio.run(self._all())
        except Exception as problem:  # told to whom waits for the end
            self._failure = problem

    async def _all(self):
        await asyncio.gather(*(client.run() for client in self._clients))

    def finish(self, patience_s=90):
        """No new events. Those under way are tried until they are settled, or until the patience ends."""
        self.give_up_at = time.monotonic() + patience_s
        self.stopped = True
        self._thread.join(patience_s + 2 * PATIENCE_S + 10)
        assert not self._thread.is_alive(), "the clients did not end"
        if self._failure:
            raise self._failure
        return self.history
