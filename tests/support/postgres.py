"""A real PostgreSQL for tests: of the machine's packages, in a folder of its own, on a port and a socket of its own,
ended with the test's process. As root it runs as the user `postgres`, since the server refuses root."""

import glob
import os
import pathlib
import pwd
import signal
import subprocess
import time

from kafka_broker import die_with_parent, free_port, tail

START_DEADLINE_S = 60
STOP_DEADLINE_S = 60
PASSWORD = "s3cret/word"

CONFIGURATION = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{directory}'
max_connections = 40
shared_buffers = 64MB
ssl = on
"""


def binaries():
    """The folder of the newest server that is installed, or None."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda path: int(path.split("/")[4]))
    return pathlib.Path(found[-1]).parent if found else None


class Postgres:
    """One server with a database `events` of a user `millrace`, who has a password. Made in `directory`, whose
    parents everybody has to be allowed to enter."""

    def __init__(self, directory, configuration=""):
        self.directory, self.bin = pathlib.Path(directory), binaries()
        assert self.bin, "no PostgreSQL: scripts/setup --tests installs it"
        self.port, self.process = free_port(), None
        self.log = self.directory / "postgres.log"
        self.directory.mkdir(parents=True)
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
        if os.getuid() == 0:
            owner = pwd.getpwnam(self.user)
            os.chown(self.directory, owner.pw_uid, owner.pw_gid)
        self._run("initdb", "-D", str(self.directory / "data"), "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
                  "--auth-local=trust", "--auth-host=scram-sha-256", "--no-sync")
        self._make_certificate()
        (self.directory / "data/postgresql.conf").write_text(
            CONFIGURATION.format(port=self.port, directory=self.directory) + configuration)

    @property
    def certificate(self):
        """Of localhost, signed by itself."""
        return self.directory / "server.crt"

    @property
    def url(self):
        return f"postgresql://millrace:s3cret%2Fword@localhost:{self.port}/events"

    def start(self):
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                self._as_user([str(self.bin / "postgres"), "-D", str(self.directory / "data")]),
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=die_with_parent)
        deadline = time.monotonic() + START_DEADLINE_S
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode != 0:
            assert self.process.poll() is None, f"PostgreSQL ended:\n{tail(self.log)}"
            assert time.monotonic() < deadline, f"PostgreSQL is not ready:\n{tail(self.log)}"
            time.sleep(0.05)
        if not self.query("SELECT 1 FROM pg_roles WHERE rolname = 'millrace'", database="postgres"):
            self.query(f"CREATE ROLE millrace LOGIN PASSWORD '{PASSWORD}'", database="postgres")
            self.query("CREATE DATABASE events OWNER millrace", database="postgres")
        return self

    def stop(self, how=signal.SIGINT):
        """SIGINT is its fast shutdown: whoever is connected is cut off."""
        if self.process is None:
            return
        self._signal(how)
        try:
            self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def kill(self):
        """As a crash: without a checkpoint, its children with it."""
        self.stop(signal.SIGQUIT)

    def restart(self):
        self.stop()
        return self.start()

    def query(self, sql, database="events"):
        """The rows, each a list of texts, as the superuser."""
        run = subprocess.run(self.psql(database) + ["-c", sql], capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{sql}: {run.stderr}"
        return [line.split("\x1f") for line in run.stdout.splitlines()]

    def psql(self, database="events"):
        """The command of a session as the superuser."""
        return [str(self.bin / "psql"), "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\x1f", "-h", str(self.directory),
                "-p", str(self.port), "-U", "postgres", "-d", database]

    def number(self, sql):
        return int(self.query(sql)[0][0])

    def has_table(self, name="millrace_events"):
        return self.query(f"SELECT to_regclass('{name}')")[0][0] != ""

    def terminate_backends(self):
        """Of everybody but whoever asks; how many there were."""
        return len(self.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                              "WHERE usename = 'millrace' AND pid <> pg_backend_pid()"))

    def _make_certificate(self):
        data = self.directory / "data"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=DNS:localhost", "-keyout", data / "server.key", "-out", data / "server.crt"],
                       check=True, capture_output=True, timeout=60)
        os.chmod(data / "server.key", 0o600)
        (self.directory / "server.crt").write_bytes((data / "server.crt").read_bytes())
        if os.getuid() == 0:
            owner = pwd.getpwnam(self.user)
            os.chown(data / "server.key", owner.pw_uid, owner.pw_gid)

    def _signal(self, number):
        os.kill(self.process.pid, number)

    def _run(self, name, *arguments):
        run = subprocess.run(self._as_user([str(self.bin / name), *arguments]), capture_output=True, text=True, timeout=120)
        assert run.returncode == 0, f"{name}: {run.stdout}{run.stderr}"

    def _as_user(self, command):
        if os.getuid() != 0:
            return command
        owner = pwd.getpwnam(self.user)
        return ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups",
                "--pdeathsig=KILL", *command]
