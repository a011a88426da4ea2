"""Who may post, on the real service: the commands of docs/security.md, tokens, and SIGHUP under open connections."""

import http.client
import json
import pathlib
import re
import signal
import subprocess

import pytest
import requests

from kafka_broker import ROOT, free_port
from services import Service, program, toml, until
from test_tls import Authority, https, status_with

GUIDE = (ROOT / "docs/security.md").read_text()


def commands(start):
    """The shell commands of the guide's section of that name that need no service."""
    section = GUIDE.split(f"\n{start}\n", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"```sh\n(.*?)```", section, re.S)
    return [block for block in blocks if "curl" not in block]


def shell(text, folder):
    return subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=folder, check=True, capture_output=True,
                          text=True, timeout=60).stdout


def make_key(folder):
    """(what the client sends, what the configuration has)"""
    out = shell(commands("## API keys")[0], folder)
    return re.search(r"client: +(\S+)", out)[1], re.search(r"configuration: (\S+)", out)[1]


class Issuer:
    """An issuer of tokens in a folder, made as the guide says."""

    def __init__(self, folder):
        folder.mkdir()
        make, self._sign = commands("### An issuer of your own, in the shell")
        self.folder, self.key_set = folder, folder / "jwks.json"
        shell(make, folder)

    def token(self, change=("", "")):
        """A token as the guide makes it, with one thing replaced in the commands."""
        assert change[0] in self._sign
        return shell(self._sign.replace(*change), self.folder).strip()

    def settings(self):
        return {"jwks_file": str(self.key_set), "issuer": "https://login.example/", "audience": "millrace"}


class Connection:
    """One keep-alive connection, and proof that it stays one."""

    def __init__(self, service):
        self._http = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
        self._http.connect()
        self._socket = self._http.sock

    def post(self, topic, **headers):
        self._http.request("POST", f"/v1/topics/{topic}/events", "{}", {
            "Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}})
        answer = self._http.getresponse()
        body = json.loads(answer.read())
        assert self._http.sock is self._socket, "the connection was closed"
        return answer.status, body


def reload(service, change, outcome):
    """Rewrites the configuration, sends SIGHUP, and waits for what the log says of it."""
    before = len(pathlib.Path(service.log).read_text())
    change(service.config)
    service.signal(signal.SIGHUP)
    until(lambda: outcome in service.log.read_text()[before:], 20, f"a log that says '{outcome}'", service.process)
    return service.log.read_text()[before:]


def append(**sections):
    return lambda config: config.write_text(config.read_text() + toml({name.replace("__", "."): of
                                                                      for name, of in sections.items()}))


RELOADED = "The configuration was reloaded"
KEPT = "all of the old stays in force"


def test_keys_made_as_the_guide_says(pair, tmp_path):
    (key, digest), (other, other_digest) = make_key(tmp_path), make_key(tmp_path)
    ingress = pair.ingress(**{"auth.keys.mine": {"sha256": digest, "topics": [pair.topic]},
                              "auth.keys.limited": {"sha256": other_digest, "rate_per_second": 1}})
    client = Connection(ingress)
    assert client.post(pair.topic)[0] == 401
    assert client.post(pair.topic, X_API_Key=digest)[0] == 401
    assert client.post(pair.topic, X_API_Key=key)[0] == 202
    assert client.post(pair.topic, Authorization=f"Bearer {key}")[0] == 202
    answers = [client.post(pair.topic, X_API_Key=other)[0] for _ in range(20)]
    assert answers[0] == 202 and 429 in answers


def test_tokens_made_as_the_guide_says(pair, tmp_path):
    issuer, stranger = Issuer(tmp_path / "issuer"), Issuer(tmp_path / "stranger")
    topics = ('"topics":["events"]', f'"topics":["{pair.topic}"]')
    client = Connection(pair.ingress(**{"auth.jwt": {**issuer.settings(), "leeway_seconds": 5}}))

    def status(token):
        return client.post(pair.topic, Authorization=f"Bearer {token}")[0]

    token = issuer.token(topics)
    assert status(token) == 202
    assert status(token) == 202
    assert status(issuer.token()) == 403  # for the topic `events` only
    assert status(stranger.token(topics)) == 401
    assert status(token[:-1]) == 401
    assert status(token[:-2] + ("AA" if token[-2:] != "AA" else "BA")) == 401
    assert status(issuer.token(("+ 3600", "- 10"))) == 401
    assert status(issuer.token(('"exp":%d', '"exp":%d,"nbf":4000000000'))) == 401
    assert status(issuer.token(('"aud":"millrace"', '"aud":"other"'))) == 401
    assert status(issuer.token(("https://login.example/", "https://evil.example/"))) == 401
    assert status(issuer.token(('"kid":"first"', '"kid":"second"'))) == 401
    assert status(issuer.token(("EdDSA", "none"))) == 401
    status_code, problem = client.post(pair.topic)
    assert (status_code, problem["code"], problem["retryable"]) == (401, "unauthorized", False)


def test_sighup_changes_who_may_post_and_drops_no_connection(pair, tmp_path):
    (old, old_digest), (new, new_digest) = make_key(tmp_path), make_key(tmp_path)
    ingress = pair.ingress(**{"auth.keys.old": {"sha256": old_digest}, "http": {"threads": 2}})
    clients = [Connection(ingress) for _ in range(8)]  # on either loop
    assert {client.post(pair.topic, X_API_Key=old)[0] for client in clients} == {202}

    reload(ingress, lambda config: config.write_text(config.read_text().replace(old_digest, new_digest)), RELOADED)
    for client in clients:
        until(lambda: client.post(pair.topic, X_API_Key=new)[0] == 202, 10, "the new key")
        assert client.post(pair.topic, X_API_Key=old)[0] == 401


def test_a_failed_reload_keeps_the_old_and_says_so(pair, tmp_path):
    key, digest = make_key(tmp_path)
    other, other_digest = make_key(tmp_path)
    issuer = Issuer(tmp_path / "issuer")
    ingress = pair.ingress(**{"auth.keys.mine": {"sha256": digest}, "auth.jwt": issuer.settings()})
    client, token = Connection(ingress), issuer.token(('"events"', f'"{pair.topic}"'))

    def still_as_it_was():
        assert client.post(pair.topic, X_API_Key=key)[0] == 202
        assert client.post(pair.topic, Authorization=f"Bearer {token}")[0] == 202
        assert client.post(pair.topic, X_API_Key=other)[0] == 401

    good = ingress.config.read_text()
    said = reload(ingress, append(auth__keys__other={"sha256": other_digest}, rubbish={"key": 1}), KEPT)
    assert "rubbish" in said
    still_as_it_was()
    issuer.key_set.write_text('{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"weak"}]}')
    ingress.config.write_text(good)
    said = reload(ingress, append(auth__keys__other={"sha256": other_digest}), KEPT)
    assert "auth.jwt.jwks_file" in said and "weak" in said and "2048" in said
    still_as_it_was()
    issuer.key_set.write_text("")
    reload(ingress, lambda config: None, KEPT)
    still_as_it_was()
    Issuer(tmp_path / "next").key_set.rename(issuer.key_set)
    reload(ingress, lambda config: None, RELOADED)
    until(lambda: client.post(pair.topic, X_API_Key=other)[0] == 202, 10, "the new key")
    assert client.post(pair.topic, Authorization=f"Bearer {token}")[0] == 401  # its key is gone
    assert ingress.stop() == 0


def test_reloads_under_load_answer_everything(pair, tmp_path):
    key, digest = make_key(tmp_path)
    ingress = pair.ingress(**{"auth.keys.mine": {"sha256": digest}})
    client = Connection(ingress)
    for turn in range(20):
        ingress.signal(signal.SIGHUP)
        assert {client.post(pair.topic, X_API_Key=key)[0] for _ in range(20)} == {202}, turn


def test_a_start_with_broken_rules_says_what_is_wrong(pair, tmp_path):
    ingress = pair.ingress(**{"auth.jwt": Issuer(tmp_path / "issuer").settings()})
    assert ingress.stop() == 0
    (tmp_path / "issuer/jwks.json").unlink()
    ended = subprocess.run([program("millrace-ingress"), "--config", ingress.config], capture_output=True, text=True,
                           timeout=60)
    assert ended.returncode != 0
    assert "auth.jwt.jwks_file" in ended.stdout + ended.stderr


def test_a_certificate_is_needed_besides_a_key(pair, tmp_path, monkeypatch):
    key, digest = make_key(tmp_path)
    authority = Authority(tmp_path, "authority")
    till = authority.sign("till")
    ingress = https("ingress", pair, tmp_path, authority.sign("server"), monkeypatch, authority,
                    tls={"client_ca_file": str(authority.certificate)}, **{"auth.keys.mine": {"sha256": digest}})
    monkeypatch.setattr(ingress, "status_of", lambda path: status_with(ingress, path, till))
    ingress.start()

    def status(**options):
        return ingress.post("/v1/events", json={}, **options).status_code

    assert status(cert=till, headers={"X-API-Key": key}) == 202
    assert status(cert=till) == 401
    assert status(cert=till, headers={"X-API-Key": digest}) == 401
    with pytest.raises(requests.ConnectionError):
        status(headers={"X-API-Key": key})
    assert "poster=mine" in ingress.log.read_text()


def test_a_service_that_asks_nobody_says_so(pair, tmp_path):
    warning = "Anybody who reaches"
    assert warning not in pair.ingress().log.read_text()
    for keys, warned in (({}, True), ({"auth.keys.mine": {"sha256": make_key(tmp_path)[1]}}, False)):
        port = free_port()
        ingress = Service("ingress", tmp_path / str(warned), {
            "kafka": {"brokers": pair.broker.address}, "ingress": {"default_topic": pair.topic},
            f"topics.{pair.topic}": {}, "http": {"listen": f"0.0.0.0:{port}"}, **keys}, port)
        pair.services.append(ingress)
        assert (warning in ingress.start().log.read_text()) == warned
