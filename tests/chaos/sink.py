"""Where the `http` handler delivers to: a server that takes its time, refuses some deliveries for now, and keeps what it
took. It sees what a processor did from outside."""

import asyncio
import random
import threading
import time

from checker import Handled
from kafka_broker import free_port

REFUSED = 0.05  # of deliveries, with 503 or by hanging up
MAX_DELAY_S = 0.15


class Sink:
    """Serves from a thread of its own until `close`."""

    def __init__(self, seed=1):
        self.port = free_port()
        self.random = random.Random(seed)
        self.took = []  # Handled, without a place: a delivery does not name its record
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._ready.wait(30), "the sink did not come up"

    def sections(self):
        """Of a processor that delivers here."""
        return {"processor": {"handler": "http", "concurrency": 16},
                "processor.retry": {"max_attempts": 1_000, "initial_backoff_ms": 50, "max_backoff_ms": 200},
                "handlers.http": {"url": f"http://127.0.0.1:{self.port}/", "timeout_ms": 5_000,
                                  "signing_secret": "whsec_bWlsbHJhY2UtY2hhb3Mtc2VjcmV0LTAwMQ=="}}

    def finish(self):
        """Everything that it took in this round."""
        return list(self.took)

    def close(self):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _serve(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connection, "127.0.0.1", self.port))
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()

    async def _connection(self, reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                await reader.readexactly(int(headers.get("content-length", 0)))
                await asyncio.sleep(self.random.uniform(0, MAX_DELAY_S))
                chance = self.random.random()
                if chance < REFUSED / 2:
                    return
                if chance < REFUSED:
                    writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
                    continue
                # From here on it is done; whether the processor learns of it is another matter.
                self.took.append(Handled(headers["ce-id"], None, None, 0, time.monotonic()))
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        except (OSError, EOFError):
            pass  # the processor is gone, as it is when it was killed
        finally:
            writer.close()
