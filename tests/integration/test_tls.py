"""HTTPS of both services with real certificates: clients with and without one, and new certificates on SIGHUP."""

import signal
import socket
import ssl
import subprocess

import pytest
import requests

from kafka_broker import tail
from services import Service, until


def openssl(*words, **options):
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True, **options)


class Authority:
    """Signs certificates for 127.0.0.1, and for clients."""

    def __init__(self, folder, name):
        self.folder = folder
        self.certificate, self._key = folder / f"{name}.pem", folder / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 2,
                "-subj", f"/CN={name}", "-keyout", self._key, "-out", self.certificate)

    def sign(self, name):
        """(certificate file, key file)"""
        certificate, key, request = (self.folder / f"{name}.{kind}" for kind in ("crt", "key", "csr"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-days", 2,
                "-copy_extensions", "copy", "-out", certificate)
        return str(certificate), str(key)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path, "authority")


def https(name, pair, folder, certificate, monkeypatch, authority, **sections):
    """A service of the pair's topic that speaks HTTPS, once it is ready."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.certificate))
    made = Service(name, folder / name, {
        "kafka": {"brokers": pair.broker.address}, "ingress": {"default_topic": pair.topic},
        f"topics.{pair.topic}": {"partitions": 1}, "processor": {"topics": [pair.topic], "group": pair.group},
        "tls": {"certificate_file": certificate[0], "key_file": certificate[1], **sections.pop("tls", {})}, **sections})
    made.url = f"https://127.0.0.1:{made.port}"
    pair.services.append(made)
    return made


def post(service, **options):
    return service.post("/v1/events", json={"n": 1}, **options)


def test_both_services_speak_https(pair, tmp_path, monkeypatch, authority):
    certificate = authority.sign("server")
    ingress = https("ingress", pair, tmp_path, certificate, monkeypatch, authority).start()
    processor = https("processor", pair, tmp_path, certificate, monkeypatch, authority).start()
    receipt = post(ingress).json()
    end = processor.get(f"/v1/events/{pair.topic}/0/{receipt['offset']}", params={"wait": 20}).json()
    assert end["state"] == "processed"
    assert requests.get(f"http://127.0.0.1:{ingress.port}/healthz", timeout=10).status_code == 400
    assert (ingress.stop(), processor.stop()) == (0, 0)


def test_a_client_needs_a_certificate_of_the_right_authority(pair, tmp_path, monkeypatch, authority):
    client, stranger = authority.sign("shop"), Authority(tmp_path, "other").sign("stranger")
    ingress = https("ingress", pair, tmp_path, authority.sign("server"), monkeypatch, authority,
                    tls={"client_ca_file": str(authority.certificate)})
    monkeypatch.setattr(ingress, "status_of", lambda path: status_with(ingress, path, client))
    ingress.start()
    assert post(ingress, cert=client).status_code == 202
    for wrong in (None, stranger):
        with pytest.raises((requests.ConnectionError, requests.exceptions.SSLError)):
            post(ingress, cert=wrong)
    assert "poster=certificate:shop" in tail(ingress.log, 200)


def status_with(service, path, certificate):
    try:
        return requests.get(service.url + path, cert=certificate, timeout=5).status_code
    except requests.RequestException:
        return None


def served(port):
    """The certificate that a new connection is shown."""
    with socket.create_connection(("127.0.0.1", port), 10) as plain:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain) as secure:
            return ssl.DER_cert_to_PEM_cert(secure.getpeercert(True))


def test_new_certificates_on_sighup_and_no_connection_is_dropped(pair, tmp_path, monkeypatch, authority):
    certificate = authority.sign("server")
    ingress = https("ingress", pair, tmp_path, certificate, monkeypatch, authority).start()
    before = served(ingress.port)
    with requests.Session() as kept:
        assert kept.post(ingress.url + "/v1/events", json={}, timeout=20).status_code == 202
        authority.sign("server")  # the same files, with another key
        ingress.signal(signal.SIGHUP)
        until(lambda: served(ingress.port) != before, 20, "the new certificate", ingress.process)
        assert kept.post(ingress.url + "/v1/events", json={}, timeout=20).status_code == 202
    (tmp_path / "server.key").write_text("nonsense")
    now = served(ingress.port)
    ingress.signal(signal.SIGHUP)
    until(lambda: "not reloaded" in tail(ingress.log, 200), 20, "the refusal in the log", ingress.process)
    assert served(ingress.port) == now and post(ingress).status_code == 202
    assert str(tmp_path / "server.key") in tail(ingress.log, 200)
