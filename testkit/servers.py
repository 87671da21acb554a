"""Early pytest plugin (`-p testkit.servers`): real servers are up before Django reads its settings.

`RELEVE_LANE=postgres` starts a throw-away PostgreSQL and Redis on free ports of 127.0.0.1 and points the settings
at them; the default lane `sqlite` needs no server. Where a binary is missing it says so loudly, and with
`REQUIRE_SERVICES=1` (CI) it fails.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from testkit.cluster import CARELESS, Cluster, free_port, postgres_binaries

_stops: list[Callable[[], None]] = []
INSTALL = "apt-get install -y --no-install-recommends postgresql redis-server chromium"


def start_postgres(options: str = CARELESS) -> str | None:
    """A private cluster owned by `postgres`; tests log in as a role that is no superuser."""
    binaries = postgres_binaries()
    if binaries is None:
        return None
    made = Cluster(binaries, options)
    _stops.append(made.remove)
    return made.create().url


def start_redis() -> str | None:
    binary = shutil.which("redis-server") or shutil.which("valkey-server")
    if binary is None:
        return None
    folder = tempfile.mkdtemp(prefix="releve-redis-", dir="/tmp")
    port = free_port()
    process = subprocess.Popen(
        [
            binary,
            "--port",
            str(port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ],
        stdout=subprocess.DEVNULL,
    )

    def stop() -> None:
        process.terminate()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)

    _stops.append(stop)
    for _ in range(1500):  # half a minute: the other lanes start at the same time
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"redis://127.0.0.1:{port}/0"
        time.sleep(0.02)
    return None


def stop_all() -> None:
    while _stops:
        _stops.pop()()


def _missing(what: str) -> None:
    line = f"{what} is not installed: the PostgreSQL lane cannot run. Install it with: {INSTALL}"
    print("\n" + "!" * len(line) + f"\n{line}\n" + "!" * len(line) + "\n", file=sys.stderr)
    if os.environ.get("REQUIRE_SERVICES") == "1":
        raise SystemExit(2)


def _prepare() -> None:
    os.environ["RELEVE_MODE"] = "test"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's sync API runs a loop in this thread
    shared_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    folder = tempfile.mkdtemp(prefix="releve-test-", dir=shared_memory)
    os.environ["RELEVE_VAR"] = folder
    _stops.append(lambda: shutil.rmtree(folder, ignore_errors=True))
    if os.environ.get("RELEVE_LANE", "sqlite") == "postgres":
        for name, start, what in (
            ("DATABASE_URL", start_postgres, "PostgreSQL"),
            ("REDIS_URL", start_redis, "Redis"),
        ):
            address = os.environ.get(f"TEST_{name}") or start()
            if address is None:
                _missing(what)
            else:
                os.environ[name] = address
    else:
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
    atexit.register(stop_all)


if "PYTEST_XDIST_WORKER" not in os.environ and "pytest" in sys.modules:
    _prepare()


def pytest_unconfigure(config: object) -> None:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        stop_all()
