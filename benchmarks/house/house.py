"""One throw-away database and the children that work in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from testkit import servers

ROOT = Path(__file__).resolve().parents[2]
POINTS = 100
SERVER = "-c shared_buffers=1GB -c max_wal_size=8GB"  # fsync and synchronous commit stay on


class Child:
    """`child("import", path)` asks and waits for the answer."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.house.child"],
            cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def __call__(self, action: str, *arguments: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([action, *map(_plain, arguments)]) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"bench: the child ended during {action}")
        return json.loads(answer)

    def end(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def _plain(argument: Any) -> Any:
    return str(argument) if isinstance(argument, Path) else argument


class House:
    """A database with one utility of 100 metering points; `environment` is what its processes start with."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.environment = environment
        self.folder = folder

    @contextmanager
    def child(self) -> Iterator[Child]:
        child = Child(self.environment)
        try:
            yield child
        finally:
            child.end()


@contextmanager
def house(kind: str) -> Iterator[House]:
    """`kind` is postgresql or sqlite. PostgreSQL runs as its own user; the portal logs in without being superuser."""
    folder = Path(tempfile.mkdtemp(prefix="releve-bench-"))
    address = servers.start_postgres(SERVER) if kind == "postgresql" else f"sqlite:///{folder}/bench.sqlite3"
    if address is None:
        raise SystemExit(f"bench: PostgreSQL is not installed ({servers.INSTALL})")
    environment = {
        **os.environ, "RELEVE_MODE": "test", "RELEVE_VAR": str(folder), "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "portal.settings", "WORKER": "1",
    }  # fmt: skip
    environment.pop("REDIS_URL", None)
    made = House(environment, folder)
    try:
        with made.child() as child:
            child("build", POINTS)
        yield made
    finally:
        servers.stop_all()
        shutil.rmtree(folder, ignore_errors=True)
