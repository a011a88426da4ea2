"""Strangers that flood an ingress, one way after the other, each for as long as an honest client needs to have its events
stored: it goes on being served, and what the strangers take is bounded and given back."""

import contextlib
import os
import resource
import selectors
import socket
import ssl
import struct
import threading
import time

import pytest

from load import Load
from services import until
from test_tls import authority, https, post  # noqa: F401: one is a fixture

MANY = 15_000
HONEST = 2_000
HEAD = b"POST /v1/events HTTP/1.1\r\nHost: t\r\nContent-Type: application/json\r\n"


def connect(port, receive_buffer=None):
    made = socket.socket()
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    made.settimeout(10)
    made.connect(("127.0.0.1", port))
    return made


def each_second(sockets, text, stop):
    """One more byte of the text on each of them."""
    for byte in text:
        if stop.wait(1):
            return
        for one in sockets:
            with contextlib.suppress(OSError):
                one.send(bytes([byte]))


def many_connections(port, stop, held):
    for _ in range(MANY):
        held.append(connect(port))
    for one in held:
        with contextlib.suppress(OSError):
            one.send(b"GET / HTTP/1.1\r\nX-Slow: ")
    stop.wait()


def slow_headers(port, stop, held):
    held += [connect(port) for _ in range(1000)]
    each_second(held, b"GET / HTTP/1.1\r\nX: " + b"a" * 1000, stop)


def slow_bodies(port, stop, held):
    held += [connect(port) for _ in range(1000)]
    for one in held:
        one.send(HEAD + b"Content-Length: 1000\r\n\r\n")
    each_second(held, b" " * 1000, stop)


def slow_readers(port, stop, held):
    """They ask again and again, and never read an answer."""
    held += [connect(port, receive_buffer=2048) for _ in range(200)]
    for one in held:
        one.setblocking(False)
    while not stop.wait(0.05):
        for one in held:
            with contextlib.suppress(OSError):
                one.send(b"GET /openapi.json HTTP/1.1\r\nHost: t\r\n\r\n" * 20)


def again_and_again(write):
    """A hundred connections that write without end; those that are closed are made anew."""
    def attack(port, stop, held):
        held += [connect(port) for _ in range(100)]
        with selectors.DefaultSelector() as selector:
            for one in held:
                one.setblocking(False)
                selector.register(one, selectors.EVENT_READ | selectors.EVENT_WRITE)
            while not stop.is_set():
                for key, events in selector.select(0.1):
                    one = key.fileobj
                    try:
                        if events & selectors.EVENT_READ and not one.recv(65536):
                            raise ConnectionResetError
                        if events & selectors.EVENT_WRITE:
                            one.send(write)
                    except BlockingIOError:
                        continue
                    except OSError:
                        selector.unregister(one)
                        one.close()
                        fresh = connect(port)
                        fresh.setblocking(False)
                        held[held.index(one)] = fresh
                        selector.register(fresh, selectors.EVENT_READ | selectors.EVENT_WRITE)
                time.sleep(0.005)  # the honest client is in this process, too
    return attack


def churn(port, stop, held):
    """Connections that are reset as soon as they are there, some in the middle of a request."""
    number = 0
    while not stop.is_set():
        one, number = connect(port), number + 1
        if number % 2:
            one.send(HEAD)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.close()
        if number % 50 == 0:
            time.sleep(0.005)


def half_closed(port, stop, held):
    """They say that they send no more, in the middle of a request or after it, and stay."""
    for number in range(1000):
        one = connect(port)
        one.send(HEAD if number % 2 else b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
        one.shutdown(socket.SHUT_WR)
        held.append(one)
    stop.wait()


ATTACKS = {
    "many_connections": many_connections, "slow_headers": slow_headers, "slow_bodies": slow_bodies,
    "slow_readers": slow_readers, "churn": churn, "half_closed": half_closed,
    "header_flood": again_and_again(b"GET / HTTP/1.1\r\n" + b"X-Header: value\r\n" * 200),
    "pipelining_flood": again_and_again(b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n" * 50),
    "garbage": again_and_again(os.urandom(4096)),
}


@contextlib.contextmanager
def under(attack, port):
    """While it goes on; it may not fail by itself."""
    stop, held, failures = threading.Event(), [], []

    def go():
        try:
            attack(port, stop, held)
        except Exception as failure:
            failures.append(failure)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    try:
        yield held
    finally:
        stop.set()
        thread.join(60)
        for one in held:
            one.close()
    assert not failures, failures


@pytest.fixture
def descriptors():
    """As many as this process may have."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = before[1] if before[1] != resource.RLIM_INFINITY else 1 << 20
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 1 << 18), before[1]))
    yield resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_honest_client_is_served(pair, descriptors, name):
    if name == "many_connections" and descriptors < MANY + 2_000:
        pytest.skip(f"only {descriptors} descriptors may be had here")
    ingress = pair.ingress(http={"max_connections": MANY + 1_000, "header_timeout_ms": 60_000})
    before, memory = ingress.descriptors(), ingress.memory_mib("VmRSS")
    with under(ATTACKS[name], ingress.port) as held:
        if name == "many_connections":
            until(lambda: ingress.descriptors() >= MANY, 120, f"{MANY} connections", ingress.process)
        load = Load(ingress.port, HONEST, connections=4, rate=400).start()
        load.finish()
        assert load.summary() == {202: HONEST}
        most = ingress.memory_mib("VmRSS")
    print(name, len(held), "connections", f"{memory:.0f} MiB before, {most:.0f} then")
    assert most - memory < 64 + len(held) * 9 / 1024  # of a connection whose first buffer is full, 9 KiB
    until(lambda: ingress.descriptors() <= before + 8, 60, "descriptors are given back", ingress.process)


def hello():
    """The first message of a handshake."""
    context, incoming, outgoing = ssl.create_default_context(), ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


def test_an_honest_client_is_served_by_tls(pair, tmp_path, monkeypatch, authority):  # noqa: F811
    """Handshakes that are begun, cost the server its signature, and are never ended."""
    ingress = https("ingress", pair, tmp_path, authority.sign("server"), monkeypatch, authority).start()

    def handshakes(port, stop, held):
        first = hello()
        while not stop.is_set():
            one = connect(port)
            one.send(first)
            with contextlib.suppress(OSError):
                one.recv(65536)
            if len(held) < 500:
                held.append(one)
            else:
                one.close()

    with under(handshakes, ingress.port) as held:
        until(lambda: len(held) == 500, 60, "the flood")
        assert [post(ingress).status_code for _ in range(100)] == [202] * 100
    until(lambda: ingress.descriptors() < 100, 60, "descriptors are given back", ingress.process)
