"""What befalls the machine's processes, and how each comes back. Each is `fault(machine, rand)`, and blocks."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable

from benchmarks.town.machine import Machine

Fault = Callable[["Ship", random.Random], None]


class Ship:
    """The machine and how its web server and worker are started, so that a fault can start them again."""

    def __init__(
        self, machine: Machine, *, app: str, ill: str, web_workers: int = 2, pace: float = 1.0
    ) -> None:
        self.machine, self.app, self.ill, self.web_workers, self.pace = machine, app, ill, web_workers, pace

    def pause(self, seconds: float) -> None:
        time.sleep(seconds * self.pace)

    def web(self, *, wait: bool = False) -> None:
        self.machine.web(workers=self.web_workers, app=self.app, wait=wait)

    def worker(self) -> None:
        self.machine.worker(app="benchmarks.soak.storm.worker", ILL=self.ill)

    def up(self) -> None:
        """Whatever lies down is started."""
        with contextlib.suppress(subprocess.CalledProcessError):
            self.machine.database.start()
        if self.machine.redis.process is None:
            self.machine.redis.start()
        for name, start in (("worker", self.worker), ("beat", self.machine.beat), ("web", self.web)):
            if self.machine.running[name].poll() is not None:
                start()
        self.machine.wait_ready()

    def watch(self) -> None:
        """What a supervisor does: kombu 5.7 ends a worker whose Redis goes away in the middle of a job."""
        for name, start in (("worker", self.worker), ("beat", self.machine.beat)):
            if self.machine.running[name].poll() is not None:
                start()


def web_process(ship: Ship, rand: random.Random) -> None:
    """kill -9 of one of gunicorn's processes in the middle of what it does; gunicorn starts another."""
    for pid in ship.machine.children("web")[:1] if rand.random() < 0.5 else ship.machine.children("web")[-1:]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    ship.pause(rand.random())


def web(ship: Ship, rand: random.Random) -> None:
    ship.machine.kill("web")
    ship.pause(rand.random() * 0.3)
    ship.web()
    ship.pause(1 + rand.random())


BUSY = "SELECT count(*) FROM accounts_job WHERE state = 'running' AND lease_until > now()"


def worker(ship: Ship, rand: random.Random) -> None:
    """In the middle of a job: one that only starts up itself would lose nothing."""
    ends = time.monotonic() + 20
    while ship.machine.ask(BUSY) == [["0"]] and time.monotonic() < ends:
        time.sleep(0.05)
    ship.machine.kill("worker")
    ship.worker()
    ship.pause(1.5 + 2 * rand.random())


def beat(ship: Ship, rand: random.Random) -> None:
    ship.machine.kill("beat")
    ship.pause(rand.random())
    ship.machine.beat()


def redis(ship: Ship, rand: random.Random) -> None:
    """It forgets everything."""
    ship.machine.redis.kill()
    ship.pause(rand.random() * 2)
    ship.machine.redis.start()


def redis_flushed(ship: Ship, rand: random.Random) -> None:
    with socket.create_connection(("127.0.0.1", ship.machine.redis.port), timeout=2) as wire:
        wire.sendall(b"FLUSHALL\r\n")
        wire.recv(16)
    ship.pause(rand.random() * 0.3)


def database_crash(ship: Ship, rand: random.Random) -> None:
    """Every connection is cut, nothing more is written down, the next start recovers from the log."""
    ship.machine.database.stop("immediate")
    ship.pause(rand.random() * 0.5)
    ship.machine.database.start()
    ship.pause(0.5 + rand.random())


def database_killed(ship: Ship, rand: random.Random) -> None:
    ship.machine.database.kill()
    ends = time.monotonic() + 30
    while True:  # the orphans of the old server let go of their memory first
        with contextlib.suppress(subprocess.CalledProcessError):
            ship.machine.database.start()
            break
        if time.monotonic() > ends:
            raise RuntimeError("PostgreSQL does not come back")
        time.sleep(0.2)
    ship.pause(0.5 + rand.random())


def connections_cut(ship: Ship, rand: random.Random) -> None:
    with contextlib.suppress(subprocess.CalledProcessError):
        ship.machine.database.sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'releve' AND random() < 0.5"
        )
    ship.pause(rand.random() * 0.3)


def web_reloaded(ship: Ship, rand: random.Random) -> None:
    """A new release: gunicorn's new processes take over, the old ones finish what they are at."""
    ship.machine.kill("web", signal.SIGHUP, whole=False)
    ship.pause(3 + rand.random())


def worker_replaced(ship: Ship, rand: random.Random) -> None:
    """A new release: the old worker finishes its jobs and ends."""
    old = ship.machine.running["worker"]
    ship.machine.kill("worker", signal.SIGTERM, whole=False)
    old.wait(30)
    ship.worker()
    ship.pause(1.5 + rand.random())
