"""A real worker without Redis: jobs survive kill -9, because the row is the truth and the broker a doorbell."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


class Portal:
    """An own small installation: a SQLite file, a doorbell of files, a worker and beat."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **os.environ,
            "RELEVE_MODE": "demo",
            "RELEVE_VAR": str(folder),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        for name in ("DATABASE_URL", "REDIS_URL", "SITE_URL"):
            self.environment.pop(name, None)
        self.processes: list[subprocess.Popen[bytes]] = []

    def tables(self) -> None:
        """Those of the tests' own database, empty: to migrate another takes five seconds of a processor."""
        with (
            closing(sqlite3.connect(connection.settings_dict["NAME"])) as whole,
            closing(sqlite3.connect(self.folder / "releve.sqlite3")) as copy,
        ):
            whole.backup(copy)
            copy.execute("PRAGMA journal_mode = WAL")

    def celery(self, *arguments: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "testkit.slow_worker", "-q", *arguments],
            cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self) -> subprocess.Popen[bytes]:
        return self.celery("worker", "-P", "threads", "-c", "2", "--without-gossip", "--without-mingle")

    def job(self, seconds: str, due_in: float = 0) -> int:
        with sqlite3.connect(self.folder / "releve.sqlite3", timeout=20) as database:
            moment = f"datetime('now', '+{due_in} seconds')"
            cursor = database.execute(
                "INSERT INTO accounts_job (public_id, kind, ref, state, due_at, attempts, error, created_at) "
                f"VALUES (lower(hex(randomblob(16))), 'slow', ?, 'queued', {moment}, 0, '', datetime('now'))",
                [seconds],
            )
            return int(cursor.lastrowid or 0)

    def row(self, job: int) -> tuple[str, int]:
        with sqlite3.connect(self.folder / "releve.sqlite3", timeout=20) as database:
            return database.execute("SELECT state, attempts FROM accounts_job WHERE id = ?", [job]).fetchone()

    def wait(self, job: int, states: set[str], seconds: float = 180) -> tuple[str, int]:
        deadline = time.monotonic() + seconds
        while (row := self.row(job))[0] not in states:
            assert time.monotonic() < deadline, f"job {job} is {row} after {seconds} s"
            time.sleep(0.05)
        return row


@pytest.fixture
def portal(tmp_path: Path, django_db_setup: Any) -> Iterator[Portal]:
    if os.environ.get("RELEVE_LANE") == "postgres":
        pytest.skip("the embedded default; runs in the SQLite lane")
    portal = Portal(tmp_path)
    portal.tables()
    yield portal
    for process in portal.processes:
        process.kill()
        process.wait()


def test_a_job_survives_kill_9_of_its_worker(portal: Portal) -> None:
    portal.celery("beat", "--pidfile", "")
    worker = portal.worker()
    job = portal.job("60")
    portal.wait(job, {"running"})
    later = portal.job("0", due_in=3)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert portal.row(job) == ("running", 1), "the control: nobody finished it before the kill"
    second = portal.worker()
    assert portal.wait(job, {"done", "failed"}) == ("done", 2)
    assert portal.wait(later, {"done", "failed"}) == ("done", 1)
    assert (portal.folder / f"slow-{job}").read_text() == "start\nstart\nend\n"

    # a new release asks politely: what is being done is done first
    short = portal.job("1")
    portal.wait(short, {"running"})
    second.send_signal(signal.SIGTERM)
    second.wait(120)
    assert portal.row(short) == ("done", 1)
