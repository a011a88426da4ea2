"""A very small Kafka client: makes and deletes topics, and adds up high watermarks."""

import socket
import struct
import time

CREATE_TOPICS, DELETE_TOPICS, LIST_OFFSETS = 19, 20, 2
LATEST = -1


def text(value):
    return struct.pack(">h", len(value)) + value.encode()


class Kafka:
    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address, self._host, self._port = address, host, int(port)

    def create(self, topic, partitions, deadline_s=20):
        """Returns when every partition has a leader."""
        body = struct.pack(">i", 1) + text(topic) + struct.pack(">ihii", partitions, 1, 0, 0)
        answer = self._ask(CREATE_TOPICS, 2, body + struct.pack(">i?", 10_000, False))
        error = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(topic))[0]
        if error:
            raise RuntimeError(f"Kafka did not make the topic {topic}: error {error}")
        deadline = time.monotonic() + deadline_s
        while True:
            try:
                return self.stored(topic, partitions)
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def delete(self, topic):
        self._ask(DELETE_TOPICS, 1, struct.pack(">i", 1) + text(topic) + struct.pack(">i", 10_000))

    def stored(self, topic, partitions):
        """Sum of the high watermarks: with idempotent producers, the number of records."""
        body = struct.pack(">ii", -1, 1) + text(topic) + struct.pack(">i", partitions)
        body += b"".join(struct.pack(">iq", partition, LATEST) for partition in range(partitions))
        answer = self._ask(LIST_OFFSETS, 1, body)
        at = 4 + 2 + len(topic)
        count = struct.unpack_from(">i", answer, at)[0]
        total = 0
        for index in range(count):
            partition, error, _, offset = struct.unpack_from(">ihqq", answer, at + 4 + 22 * index)
            if error:
                raise RuntimeError(f"Kafka does not know the end of {topic}/{partition}: error {error}")
            total += offset
        return total

    def settled(self, topic, partitions, quiet_s=0.3, deadline_s=15):
        """As `stored`, once it has stopped growing."""
        last, since = self.stored(topic, partitions), time.monotonic()
        deadline = since + deadline_s
        while time.monotonic() < min(since + quiet_s, deadline):
            time.sleep(0.05)
            now = self.stored(topic, partitions)
            if now != last:
                last, since = now, time.monotonic()
        return last

    def _ask(self, kind, version, body):
        request = struct.pack(">hhih", kind, version, 1, 5) + b"bench" + body
        with socket.create_connection((self._host, self._port), 15) as connection:
            connection.sendall(struct.pack(">i", len(request)) + request)
            with connection.makefile("rb") as answer:
                size = struct.unpack(">i", answer.read(4))[0]
                return answer.read(size)[4:]
