"""Requests at a given rate, whatever becomes of those before: what a service meets whose clients do not wait for each
other. Counts answers by status and keeps how long each took."""

import asyncio
import dataclasses
import math
import random
import threading
import time

from load import read_answer

PATIENCE_S = 30


@dataclasses.dataclass
class Answered:
    began: float
    seconds: float
    status: int | None
    retry_after: str = ""
    number: int = 0  # the last part of the event's id


class Driver:
    """Posts events of `size` bytes to a port: `run(seconds, rate=…)` at that rate, `run(seconds, clients=…)` by that
    many clients, each of which waits for its answer. Answers of 202 a second is what counts."""

    def __init__(self, port, path, size):
        self.port, self.size, self.path = port, size, path
        self.numbers = iter(range(1 << 60))
        self.idle = []

    def run(self, seconds, rate=None, clients=None, answers=None):
        """The answers, which may be looked at as they come in a list, or deque, of the caller's."""
        answers = [] if answers is None else answers
        asyncio.run(self._run(seconds, rate, clients, answers))
        return answers

    async def _run(self, seconds, rate, clients, answers):
        self.idle, end = [], time.monotonic() + seconds
        if clients:
            await asyncio.gather(*(self._client(end, answers) for _ in range(clients)))
        else:
            began, tasks, number = time.monotonic(), set(), 0
            while (due := began + number / rate) < end:
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                task = asyncio.create_task(self._post(answers))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                number += 1
            await asyncio.gather(*tasks)
        for _, writer in self.idle:
            writer.close()

    async def _client(self, end, answers):
        while time.monotonic() < end:
            if (await self._post(answers)).status != 202:
                await asyncio.sleep(random.uniform(0.5, 1))

    async def _post(self, answers):
        began, status, retry_after, connection = time.monotonic(), None, "", None
        try:
            connection = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1", self.port)
            number = next(self.numbers)
            body = b'"' + b"x" * self.size + b'"'
            connection[1].write((f"POST {self.path} HTTP/1.1\r\nHost: overload\r\nContent-Type: application/json\r\n"
                                 f"Idempotency-Key: o-{began}-{number}\r\nContent-Length: {len(body)}\r\n\r\n").encode()
                                + body)
            answer, goes_on = await asyncio.wait_for(read_answer(connection[0]), PATIENCE_S)
            status = answer.status
            for line in answer.headers.lower().split("\r\n"):
                if line.startswith("retry-after:"):
                    retry_after = line[12:].strip()
            if goes_on:
                self.idle.append(connection)
                connection = None
        except (OSError, EOFError, asyncio.TimeoutError):
            pass  # no answer: counted as such
        if connection is not None:
            connection[1].close()
        answered = Answered(began, time.monotonic() - began, status, retry_after, number)
        answers.append(answered)
        return answered


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, math.ceil(part * len(values)) - 1)] if values else 0.0


class Watch(threading.Thread):
    """The largest resident memory of a service while it is watched, in MiB."""

    def __init__(self, service):
        super().__init__(daemon=True)
        self.service, self.ended, self.most = service, threading.Event(), 0.0
        self.start()

    def run(self):
        while not self.ended.wait(0.2):
            self.most = max(self.most, self.service.memory_mib("VmRSS"))

    def stop(self):
        self.ended.set()
        self.join()
        return self.most
