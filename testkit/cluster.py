"""A throw-away PostgreSQL in a folder of its own: started, killed, started again, copied by streaming."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CARELESS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
_QUIET: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}


def free_port() -> int:
    """For a server that is started later: below the ports (from 32768) that the system gives to whoever connects, or
    one of the other lanes' connections might have it by then."""
    chance = random.SystemRandom()  # a seed of the tests would lead all lanes to the same ports
    while True:
        port = chance.randrange(12_000, 32_000)
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", port))
            return port


def postgres_binaries() -> str | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if found:
        return str(found[-1].parent)
    initdb = shutil.which("initdb")
    return str(Path(initdb).parent) if initdb else None


def _as_user() -> dict[str, Any]:
    """initdb and postgres refuse root."""
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam("postgres")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": "/"}


class Cluster:
    """`options` are the server's; what a test writes may go in a power cut, what is measured may not."""

    def __init__(self, binaries: str, options: str = CARELESS) -> None:
        self.binaries, self.options = binaries, options
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix="releve-pg-", dir="/tmp"))
        if (user := _as_user()) != {}:
            os.chown(self.folder, user["user"], user["group"])

    @property
    def url(self) -> str:
        """The portal's: its role is no superuser."""
        return f"postgres://releve@127.0.0.1:{self.port}/releve"

    @property
    def superuser_url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/releve"

    def create(self) -> Cluster:
        """A new database system with the role and the database of the portal, running."""
        self._run(
            "initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"
        )  # fmt: skip
        self.start()
        self.sql("CREATE ROLE releve LOGIN CREATEDB CREATEROLE", database="postgres")
        self.sql("CREATE DATABASE releve OWNER releve", database="postgres")
        return self

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def start(self) -> None:
        options = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder} -c max_connections=60 {self.options}"
        self._run("pg_ctl", "-D", self.data, "-w", "-l", f"{self.folder}/log", "-o", options, "start")

    def stop(self, mode: str = "immediate") -> None:
        """`immediate` is a crash: nothing is written down any more, and the next start recovers from the log."""
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop", check=False)

    def kill(self) -> None:
        """kill -9 of the server; its own processes notice and end, which the next start has to wait for."""
        pid = int(Path(self.data, "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)

    def replica(self) -> Cluster:
        """A copy that follows by streaming, running; it takes no writes."""
        return replica_of(self.port, self.binaries, self.options)

    def sql(self, text: str, *, database: str = "releve") -> str:
        """As the superuser, by psql; what it printed, columns by | and rows by line."""
        done = self._run(
            "psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres",
            database, "-c", text, output=True,
        )  # fmt: skip
        return done.stdout.strip()

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(
        self, program: str, *words: str, check: bool = True, output: bool = False
    ) -> subprocess.CompletedProcess[str]:
        # a server keeps the pipes of whoever started it open: its own output goes to its log
        kept: dict[str, Any] = {"capture_output": True} if output else _QUIET
        command = [f"{self.binaries}/{program}", *words]
        return subprocess.run(command, check=check, text=True, **kept, **_as_user())


def replica_of(port: int, binaries: str, options: str = CARELESS) -> Cluster:
    """`Cluster.replica` of whatever server listens there."""
    copy = Cluster(binaries, options)
    copy._run(
        "pg_basebackup", "-D", copy.data, "-h", "127.0.0.1", "-p", str(port), "-U", "postgres",
        "-R", "-X", "stream", "-c", "fast", "--no-sync",
    )  # fmt: skip
    copy.start()
    return copy


@contextmanager
def cluster(options: str = CARELESS) -> Iterator[Cluster]:
    """Raises `LookupError` where PostgreSQL is not installed."""
    binaries = postgres_binaries()
    if binaries is None:
        raise LookupError("PostgreSQL is not installed")
    made = Cluster(binaries, options)
    try:
        yield made.create()
    finally:
        made.remove()
