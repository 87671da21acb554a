"""A portal whose answers get lost, and one that is away for a month."""

from __future__ import annotations

import random
import time
from collections import OrderedDict, deque
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.soak.ledger import Tally, compare
from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer, Outcome
from gateway_sim.agent.spool import DEFAULT_LIMIT, Batch, Measurement, Row, Spool
from tests.gateway_sim.agent.portal_double import TOKEN, Portal

START = datetime(2026, 10, 22, tzinfo=UTC)
LOSSES = ("drop_answer", "drop_answer", "cut_answer", "hang_up")


class Latest(OrderedDict):
    """What the portal remembers of batches, bounded: a month of them would fill the memory."""

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        if len(self) > 64:
            self.popitem(last=False)


class StampsWhenSending(Spool):
    """The control: an agent that dates readings when it sends them, so that a second try is another reading."""

    tries = 0

    def batch(self, rows: int = 500) -> Batch | None:
        batch = super().batch(rows)
        if batch is None:
            return None
        self.tries += 1
        now = (START + timedelta(days=self.tries)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.renew(batch.uuid)
        batch = super().batch(rows)
        return Batch(
            batch.uuid,
            batch.epoch,
            tuple(Row(r.seq, f"{r.meter}-{r.seq}", r.register, now, r.value) for r in batch.rows),
        )


def lost_run(count: int, home: Path, kind: type[Spool] = Spool) -> Tally:
    """`count` requests whose answer is lost, cut, or that never arrive."""
    rand = random.Random(5)
    values: list[str] = []
    with Portal() as portal:
        portal.bodies = deque(maxlen=4)
        spool = kind(home / "spool.sqlite3")
        deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN, timeout=5))
        tries = failed = 0
        while failed < count:
            rows = [
                Measurement(f"m{k}", "energy", f"{len(values) + k}.5") for k in range(rand.randrange(1, 9))
            ]
            spool.add(rows, taken_at=START + timedelta(seconds=tries))
            values += [row.value for row in rows]
            tries += 1
            portal.faults = [
                rand.choice(LOSSES) for _ in range(min(rand.choice((0, 1, 1, 3)), count - failed))
            ]
            while deliverer.send_one().outcome is Outcome.FAILED:
                failed += 1
        while deliverer.send_one().outcome is not Outcome.EMPTY:
            pass
        spool.close()
        tally = compare(values, values, portal.stored.values())
    tally.injected = failed
    tally.note = f"{len(values)} readings kept"
    return tally


def lost_control(count: int, home: Path) -> Tally:
    return lost_run(count, home, StampsWhenSending)


def month_run(rows: int, home: Path, limit: int = DEFAULT_LIMIT) -> Tally:
    """`rows` readings of 50 meters with 4 registers every 15 minutes while the portal is away, with a try to
    deliver each hour, then all of it to the portal."""
    with Portal() as portal:
        portal.bodies = deque(maxlen=4)
        portal.batches = Latest()
        portal.always = "503"
        spool = Spool(home / "spool.sqlite3", limit=limit)
        deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN, timeout=20))
        made = quarter = 0
        while made < rows:
            when = START + timedelta(minutes=15 * quarter)
            for meter in range(50):
                spool.add(
                    [Measurement(f"meter-{meter}", f"register-{k}", f"{made + k}.125") for k in range(4)],
                    taken_at=when,
                )
                made += 4
            quarter += 1
            if quarter % 4 == 0 and deliverer.send_one().outcome is Outcome.DELIVERED:
                raise RuntimeError("the portal was meant to be away")
        size = sum(file.stat().st_size for file in home.glob("spool.sqlite3*"))
        portal.always = None
        started = time.monotonic()
        while deliverer.send_one().outcome is not Outcome.EMPTY:
            pass
        spool.close()
        values = [f"{n}.125" for n in range(made)]
        tally = compare(values, values, portal.stored.values())
    tally.injected = made
    tally.note = f"spool {size / 2**20:.0f} MiB, delivered in {time.monotonic() - started:.0f} s"
    return tally


def month_control(rows: int, home: Path) -> Tally:
    """The same month with a spool that is too small for it."""
    return month_run(rows, home, limit=rows * 40)
