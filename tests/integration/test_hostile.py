"""Clients that mean ill, or are broken: they cost a bounded amount, and honest ones go on being served."""

import selectors
import socket
import time

from load import Load

GIB = 1 << 30


def slow_clients(port, count):
    sockets = [socket.create_connection(("127.0.0.1", port), 10) for _ in range(count)]
    for each in sockets:
        each.setblocking(False)
    return sockets


def drip(sockets, text, load, deadline_s=60):
    """A byte a second on each, until the load is done; how many of them were closed by the other side meanwhile."""
    closed, turn, deadline = set(), 0, time.monotonic() + deadline_s
    with selectors.DefaultSelector() as selector:
        for each in sockets:
            selector.register(each, selectors.EVENT_READ)
        while load.unfinished():
            assert time.monotonic() < deadline, load.summary()
            for each in sockets:
                if each not in closed:
                    try:
                        each.send(text[turn % len(text):][:1])
                    except OSError:
                        closed.add(each)
            turn += 1
            next_turn = time.monotonic() + 1
            while (left := next_turn - time.monotonic()) > 0 and load.unfinished():
                for key, _ in selector.select(left):
                    closed.add(key.fileobj)
                    selector.unregister(key.fileobj)
    return len(closed)


def test_a_thousand_slow_headers_and_an_honest_client(pair):
    ingress = pair.ingress()
    sockets = slow_clients(ingress.port, 1000)
    try:
        load = Load(ingress.port, 2000, connections=4, rate=400).start()
        drip(sockets, b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 1000, load)
        load.finish()
        assert load.summary() == {202: 2000}
        assert ingress.memory_mib() < 64
    finally:
        for each in sockets:
            each.close()


def test_slow_headers_end_at_their_timeout(pair):
    ingress = pair.ingress(http={"header_timeout_ms": 1000})
    sockets = slow_clients(ingress.port, 200)
    try:
        load = Load(ingress.port, 1000, connections=2, rate=250).start()
        closed = drip(sockets, b"GET /healthz HTTP/1.1\r\nX-Slow: " + b"a" * 1000, load)
        load.finish()
        assert (load.summary(), closed) == ({202: 1000}, 200)
    finally:
        for each in sockets:
            each.close()


def send_until_answered(port, head, chunk, total):
    """Sends a body as large as announced, as long as the other side takes it; its answer, and how much was sent."""
    sent = 0
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        connection.sendall(head)
        answer = b""
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ | selectors.EVENT_WRITE)
            deadline = time.monotonic() + 60
            while sent < total and time.monotonic() < deadline:
                events = selector.select(1)[0][1]
                try:
                    if events & selectors.EVENT_READ:
                        part = connection.recv(65536)
                        answer += part
                        if not part or b"\r\n\r\n" in answer:
                            return answer.decode(), sent
                    elif events & selectors.EVENT_WRITE:
                        sent += connection.send(chunk)
                except (BrokenPipeError, ConnectionResetError):
                    return answer.decode(), sent
    return answer.decode(), sent


def check_body_is_refused(pair, head, chunk):
    ingress = pair.ingress()
    before = ingress.memory_mib("VmRSS")
    answer, sent = send_until_answered(ingress.port, head, chunk, GIB)
    assert answer.startswith("HTTP/1.1 413 "), f"{answer[:200]!r} after {sent} bytes"
    assert sent < 64 << 20, f"{sent} bytes were taken"
    assert ingress.memory_mib() - before < 16
    assert ingress.post("/v1/events", data=b"1", headers={"Content-Type": "application/json"}).status_code == 202


HEAD = "POST /v1/events HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n"


def test_a_gigabyte_announced(pair):
    check_body_is_refused(pair, f"{HEAD}Content-Length: {GIB}\r\n\r\n".encode(), b" " * 65536)


def test_a_gigabyte_in_chunks(pair):
    check_body_is_refused(pair, f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode(),
                          b"10000\r\n" + b" " * 65536 + b"\r\n")
