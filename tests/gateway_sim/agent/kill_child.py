"""The child of test_kills: reads a meter that counts up, spools, delivers; is killed at any moment.

`python kill_child.py STATE URL TOKEN FIRST [careless]`: prints `start n` before and `kept n` after reading n
was acknowledged by the spool. `careless` is the negative control: a spool that lets rows go when they are
sent instead of when they are answered.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer
from gateway_sim.agent.spool import Batch, Measurement, Result, Spool

START = datetime(2026, 11, 22, tzinfo=UTC)


class Careless(Spool):
    def batch(self, rows: int = 500) -> Batch | None:
        batch = super().batch(rows)
        if batch is not None:
            super().settle(batch.uuid, {row.seq: Result(row.seq, "accepted") for row in batch.rows})
        return batch

    def settle(self, batch: str, results: object) -> tuple[int, int]:
        return len(results), 0


def main() -> None:
    state, url, token, first, *kind = sys.argv[1:]
    spool = (Careless if kind else Spool)(Path(state) / "spool.sqlite3")
    deliverer = Deliverer(spool, PortalClient(url, token, timeout=5))
    n = int(first)
    while True:
        for _ in range(3):
            print(f"start {n}", flush=True)
            spool.add([Measurement("m", "energy", str(n))], taken_at=START + timedelta(seconds=n))
            print(f"kept {n}", flush=True)
            n += 1
        deliverer.send_one()


main()
