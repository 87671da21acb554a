"""A disk that is really full: the spool on a small tmpfs that something else fills to the last byte.

Runs in a user and mount name space of its own (`unshare -rm`), which needs no root. Where that is not
permitted, `permitted` says so and the table shows it; the bound by pages (full_spool) needs no permission.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.soak.ledger import Tally, compare
from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer, Outcome
from gateway_sim.agent.spool import Measurement, Spool, SpoolError
from tests.gateway_sim.agent.portal_double import TOKEN, Portal

START = datetime(2026, 11, 22, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[2]
SIZE = "12m"


class Hopeful(Spool):
    """The control: a spool without a plan for a full disk that takes a refused write for a written one."""

    def __init__(self, path, **options):
        super().__init__(path, **options)
        self._room.squeeze = lambda db: False

    def add(self, measurements, **moment):
        rows = list(measurements)
        with contextlib.suppress(SpoolError):
            return super().add(rows, **moment)
        return len(rows)


def permitted() -> bool:
    if shutil.which("unshare") is None or shutil.which("mount") is None:
        return False
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return subprocess.run(probe, capture_output=True).returncode == 0


class Forgetful(Spool):
    """The control of the bound by pages: drops by the rule and does not count."""

    def _count(self, db, key, more):
        if key != "dropped":
            super()._count(db, key, more)


def bound_run(count: int, home: Path, kind: type[Spool] = Spool) -> Tally:
    """`count` times a spool of 64 pages gets far more than it holds, then the portal comes back."""
    total = Tally()
    dropped = 0
    for seed in range(count):
        place = home / str(seed)
        place.mkdir(parents=True)
        rand = random.Random(seed)
        with Portal() as portal:
            spool = kind(place / "spool.sqlite3", limit=64 * 4096)
            deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN, timeout=5))
            values = []
            for n in range(rand.randrange(250, 350)):
                rows = [Measurement(f"m{k}", "energy", f"{n}.{k}", rand.random() < 0.3) for k in range(40)]
                spool.add(rows, taken_at=START + timedelta(seconds=n))
                values += [row.value for row in rows]
                if rand.random() < 0.05:
                    deliverer.send_one()
            while deliverer.send_one().outcome is not Outcome.EMPTY:
                pass
            facts = spool.facts()
            spool.close()
            total += compare(values, values, portal.stored.values(), dropped=facts.dropped)
            dropped += facts.dropped
            total.injected += facts.dropped > 0 or kind is not Spool
            total.lost += spool.path.stat().st_size > 64 * 4096
        shutil.rmtree(place)
    total.note = f"{dropped} rows dropped by the rule, each counted"
    return total


def bound_control(count: int, home: Path) -> Tally:
    return bound_run(count, home, Forgetful)


def real_run(count: int, home: Path) -> Tally:
    return _in_namespace(count, home, "Spool")


def real_control(count: int, home: Path) -> Tally:
    return _in_namespace(count, home, "Hopeful")


def _in_namespace(count: int, home: Path, kind: str) -> Tally:
    script = 'mount -t tmpfs -o size="$0",mode=700 tmpfs "$1" && shift && exec "$@"'
    words = [sys.executable, "-m", "benchmarks.soak.full_disk", str(home), str(count), kind]
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, SIZE, str(home), *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(f"the run on the full disk ended with {done.returncode}: {done.stderr[-2000:]}")
    return Tally(**json.loads(done.stdout))


def _fill(ballast: Path, leave: int) -> None:
    """Take all that is free but `leave` bytes."""
    with ballast.open("wb", buffering=0) as stream, contextlib.suppress(OSError):
        while True:
            stream.write(b"\0" * 4096)
    if leave:
        os.truncate(ballast, max(0, ballast.stat().st_size - leave))


def cycles(home: Path, count: int, kind: type[Spool], portal: Portal) -> Tally:
    """`count` times: the disk fills up, the agent goes on, there is room again."""
    rand = random.Random(11)
    ballast = home / "ballast"
    acknowledged: set[str] = set()
    begun: set[str] = set()
    refused = while_full = stuck = restarts = 0
    number = 0

    def read(spool: Spool) -> bool:
        nonlocal number, refused
        number += 1
        value = f"{number}.25"
        begun.add(value)
        try:
            # A long name: rows must reach new pages soon.
            m = Measurement(f"meter-{number % 7}-{'x' * 700}", "energy", value)
            spool.add([m], taken_at=START + timedelta(seconds=number))
        except SpoolError:
            refused += 1
            return False
        acknowledged.add(value)
        return True

    spool = kind(home / "spool.sqlite3")
    deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN, timeout=5))
    for _ in range(count):
        for _ in range(rand.randrange(0, 60)):
            read(spool)
        _fill(ballast, rand.choice((0, 0, 2048, 8192, 40_000)))
        for _ in range(rand.randrange(5, 400)):
            read(spool)
        if rand.random() < 0.2:  # the service manager starts it anew on the full disk
            spool.close()
            with contextlib.suppress(SpoolError):
                again = kind(home / "spool.sqlite3")
                spool = deliverer.spool = again
                restarts += 1
        before = spool_pending(spool)
        if rand.random() < 0.4:
            while_full += deliverer.send_one().outcome is Outcome.DELIVERED
            if before and rand.random() < 0.3:
                read(spool)
        ballast.unlink()
        if not read(spool):  # room again: the very next reading must be taken
            stuck += 1
    while deliverer.send_one().outcome is not Outcome.EMPTY:
        pass
    facts = spool.facts()
    spool.close()
    tally = compare(acknowledged, begun, portal.stored.values(), dropped=facts.dropped)
    tally.injected = count
    tally.lost += stuck
    tally.note = (
        f"{len(acknowledged)} kept, {refused} refused, {facts.dropped} dropped, "
        f"{while_full} deliveries and {restarts} restarts while full, {stuck} stuck"
    )
    return tally


def spool_pending(spool: Spool) -> int:
    try:
        return spool.facts().pending
    except SpoolError:
        return 0


def main() -> int:
    home, count, kind = sys.argv[1:]
    with Portal() as portal:
        tally = cycles(Path(home), int(count), {"Spool": Spool, "Hopeful": Hopeful}[kind], portal)
    print(json.dumps(vars(tally)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
