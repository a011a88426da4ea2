"""A receiver of deliveries, independent of millrace: it verifies the signature with Standard Webhooks' own library and
reads the event with the CloudEvents SDK."""

import collections
import http.server
import threading

from cloudevents.core.bindings import http as binding
from standardwebhooks.webhooks import Webhook

from kafka_broker import free_port


class Receiver:
    """`decide(event, attempt)` gives the status of an answer, or (status, headers). `accepted` are the events that were
    answered 2xx, in order; `faults` what was wrong with deliveries, which is nothing."""

    def __init__(self, secrets, decide=lambda event, attempt: 200, port=None):
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}/events"
        self.accepted, self.faults, self.headers = [], [], []
        self.attempts = collections.Counter()  # by (source, id)
        self.webhook_ids = collections.defaultdict(set)
        self._secrets, self._decide = [Webhook(secret) for secret in secrets], decide
        self._lock = threading.Lock()
        self._server = None

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 60

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, headers = receiver._receive(dict(self.headers.items()), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def __enter__(self):
        return self if self._server else self.start()

    def __exit__(self, *_):
        self.stop()

    def _receive(self, headers, body):
        with self._lock:
            try:
                for secret in self._secrets:
                    secret.verify(body, headers, json_parse=False)
                event = binding.from_binary_event(binding.HTTPMessage(headers, body))
                name = event.get_source(), event.get_id()
                self.headers.append({key.lower(): value for key, value in headers.items()})
                self.webhook_ids[name].add(self.headers[-1]["webhook-id"])
                self.attempts[name] += 1
                answer = self._decide(event, self.attempts[name])
            except Exception as fault:  # of whatever kind: the test says that there was none
                self.faults.append(f"{type(fault).__name__}: {fault}; {headers} {body[:200]}")
                answer = 400
            status, more = answer if isinstance(answer, tuple) else (answer, {})
            if 200 <= status < 300:
                self.accepted.append(event)
            return status, more
