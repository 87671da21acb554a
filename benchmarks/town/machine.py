"""The machine of the town: PostgreSQL, Redis, web, workers and beat as real processes that may be killed at any moment."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from testkit.cluster import Cluster, free_port, postgres_binaries

ROOT = Path(__file__).resolve().parents[2]
DURABLE = "-c fsync=off -c full_page_writes=off -c synchronous_commit=on"  # a crash of PostgreSQL, not of the machine
Process = subprocess.Popen[bytes]
PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """A run that is killed leaves no portal behind (Linux only; elsewhere `close` has to do)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Redis:
    """Keeps nothing over its end, on purpose."""

    def __init__(self) -> None:
        found = shutil.which("redis-server") or shutil.which("valkey-server")
        if found is None:
            raise LookupError("Redis is not installed")
        self.binary, self.port, self.process = found, free_port(), None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words = [
            self.binary,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process: Process | None = subprocess.Popen(
            words, cwd="/tmp", stdout=subprocess.DEVNULL, preexec_fn=_die_with_parent
        )
        wait_port(self.port)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Machine:
    """`environment` is what every process starts with. All are children of this one, and end with it."""

    def __init__(self, home: Path, *, options: str = DURABLE, **environment: str) -> None:
        binaries = postgres_binaries()
        if binaries is None:
            raise LookupError("PostgreSQL is not installed")
        self.home, self.web_port = home, free_port()
        self.database, self.redis = Cluster(binaries, options), Redis()
        self.running: dict[str, Process] = {}
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("RELEVE_", "TEST_", "SECRET"))},
            "RELEVE_MODE": "local", "RELEVE_VAR": str(home), "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONPATH": str(ROOT), "DATABASE_URL": self.database.url, "REDIS_URL": self.redis.url,
            "DEFAULT_FROM_EMAIL": "portal@town.example", "LOG_LEVEL": "ERROR", **environment,
        }  # fmt: skip

    def open(self) -> None:
        self.database.create()
        self.redis.start()

    def settle(self, *numbers: int) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("benchmarks.town.settle", *map(str, numbers)))
        return found

    def run(self, module: str, *words: str, **environment: str) -> str:
        """A program of ours beside the portal, to its end; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", module, *words],
            # it is waited for, as a command of manage.py is, and no page
            cwd=ROOT, env={**self.environment, "DATABASE_STATEMENT_SECONDS": "0", **environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-3000:]}")
        return done.stdout

    def start(self, name: str, words: Sequence[str], **environment: str) -> Process:
        log = (self.home / f"{name}.log").open("ab")
        with log:
            process = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, env={**self.environment, **environment}, stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_die_with_parent,
            )  # fmt: skip
        self.running[name] = process
        return process

    def web(self, *, workers: int = 2, app: str = "portal.wsgi:application", wait: bool = True) -> None:
        self.start(
            "web",
            ["-m", "gunicorn", app, "--bind", f"127.0.0.1:{self.web_port}", "--workers", str(workers), "--threads", "4",
             "--worker-class", "gthread", "--preload", "--no-control-socket", "--graceful-timeout", "10", "--log-level",
             "error"],
        )  # fmt: skip
        if wait:
            self.wait_ready()

    def wait_ready(self, seconds: float = 120) -> None:
        import http.client

        ends = time.monotonic() + seconds
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                connection = http.client.HTTPConnection("127.0.0.1", self.web_port, timeout=5)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return
            if time.monotonic() > ends:
                raise RuntimeError(f"the web server is not ready; see {self.home}/web.log")
            time.sleep(0.05)

    def worker(
        self, name: str = "worker", *, app: str = "portal", threads: int = 2, **environment: str
    ) -> None:
        self.start(
            name,
            ["-m", "celery", "-A", app, "--quiet", "worker", "--pool", "threads", "--concurrency", str(threads),
             "--without-gossip", "--without-mingle", "--loglevel", "ERROR", "--hostname", f"{name}@localhost"],
            **environment,
        )  # fmt: skip

    def beat(self) -> None:
        self.start(
            "beat",
            ["-m", "celery", "-A", "portal", "--quiet", "beat", "--loglevel", "ERROR", "--pidfile", "",
             "--schedule", str(self.home / f"beat-{time.monotonic_ns()}")],
        )  # fmt: skip

    def kill(self, name: str, number: int = signal.SIGKILL, *, whole: bool = True) -> None:
        """The process with its children, or only itself."""
        process = self.running[name]
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number) if whole else process.send_signal(number)
        if number == signal.SIGKILL:
            process.wait()

    def children(self, name: str) -> list[int]:
        """The processes that a process of ours has started: gunicorn's workers."""
        path = Path(f"/proc/{self.running[name].pid}/task/{self.running[name].pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def ask(self, sql: str) -> list[list[str]]:
        """As the superuser, who sees every programme."""
        text = self.database.sql(sql)
        return [line.split("|") for line in text.splitlines()]

    def close(self) -> None:
        for name, process in self.running.items():
            if process.poll() is None:
                self.kill(name)
        self.redis.kill()
        self.database.remove()


def wait_port(port: int, seconds: float = 10) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on {port}")


@contextmanager
def machine(home: Path, **more: Any) -> Iterator[Machine]:
    made = Machine(home, **more)
    try:
        made.open()
        yield made
    finally:
        made.close()
