"""A load of gateways and people on a portal of real processes, and what the machine had left meanwhile.

python -m benchmarks.town.load [--web 1 2 4] [--replica] [--gateways 1000] [--users 50] [--seconds 20]

For each number of web processes two measures. *Full*: so many batches under way at once that the machine is
saturated; its rate is what this machine can take. *Half*: batches arrive by the clock (an answer that is late delays
no other), at half that rate; its times are what a gateway and a visitor wait. People open a page every twenty seconds
in both. Everything shares the cores, those who send included: their part is told apart.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.town.cpu import Cpu
from benchmarks.town.gateways import Batch, Gateway, Ledger
from benchmarks.town.http import NoAnswer, ask
from benchmarks.town.machine import Machine, machine

MEASURED = "-c shared_buffers=512MB -c max_wal_size=4GB"  # fsync and synchronous commit stay on
METERS, REGISTERS = 25, 4  # a batch of a hundred readings
LOOKED_AT = 8  # as in settle.py, which needs Django
UNDER_WAY = 24
THINK = 20.0  # seconds between two pages of a person
# a year of day totals for the buildings that people look at
HISTORY = """
SET session_replication_role = replica;
INSERT INTO readings_daytotal (programme_id, register_id, day, band, quantity, seconds, status)
SELECT r.programme_id, r.id, (now()::date - '0001-01-01'::date) + 1 - d, 0, 5000 + (r.id + d) %% 9000, 86400, 0
FROM servers_register r JOIN servers_meterinstallation i ON i.id = r.installation_id
JOIN servers_meteringpoint p ON p.id = i.point_id JOIN servers_dwelling w ON w.id = p.dwelling_id
JOIN servers_building b ON b.id = w.building_id, generate_series(1, 400) AS d
WHERE substr(b.ref, 2)::int < %d;
ANALYZE
"""
LAG = (
    "SELECT coalesce(max(extract(epoch FROM now() - due_at)), 0) FROM accounts_job "
    "WHERE state IN ('queued', 'running') AND due_at < now()"
)


@dataclass
class Seen:
    """What one measure saw."""

    batches: list[float] = field(default_factory=list)  # seconds of each that was stored
    pages: list[float] = field(default_factory=list)
    failed: int = 0
    lag: float = 0.0
    seconds: float = 0.0
    shares: dict[str, float] = field(default_factory=dict)

    @property
    def per_core(self) -> float:
        """Readings a second for each core that the portal really had: what is left of a figure on a busy machine."""
        had = sum(self.shares[name] for name in ("web", "database", "worker")) * (os.cpu_count() or 1)
        return self.rate / had if had else 0.0

    @property
    def rate(self) -> float:
        return len(self.batches) * METERS * REGISTERS / self.seconds


def at(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] * 1000 if values else float("nan")


class Load:
    def __init__(self, machine: Machine, town: dict[str, Any]) -> None:
        self.machine, self.people, self.ledger = machine, town["people"], Ledger()
        self.gateways = [
            Gateway(n, token, self.ledger, meters=METERS, registers=REGISTERS)
            for n, token in enumerate(town["tokens"])
        ]
        self.next = itertools.cycle(self.gateways)

    async def batch(self, seen: Seen) -> None:
        gateway = next(self.next)
        batch: Batch = gateway.measure()
        gateway.spool.clear()
        began = time.perf_counter()
        answer = await gateway.send(self.machine.web_port, batch)
        if gateway.settled(batch, answer):
            seen.batches.append(time.perf_counter() - began)
        else:
            seen.failed += 1

    async def full(self, seen: Seen, seconds: float) -> None:
        ends = time.monotonic() + seconds

        async def one() -> None:
            while time.monotonic() < ends:
                await self.batch(seen)

        await asyncio.gather(*(one() for _ in range(UNDER_WAY)))

    async def by_the_clock(self, seen: Seen, seconds: float, every: float) -> None:
        began, sent = time.monotonic(), []
        for n in range(int(seconds / every)):
            await asyncio.sleep(max(0.0, began + n * every - time.monotonic()))
            sent.append(asyncio.create_task(self.batch(seen)))
        await asyncio.gather(*sent)

    async def person(self, number: int, seen: Seen) -> None:
        who = self.people[number]
        await asyncio.sleep(THINK * number / len(self.people))
        while True:
            began = time.perf_counter()
            try:
                answer = await ask(
                    self.machine.web_port, "GET", who["page"], headers={"Cookie": who["cookie"]}
                )
            except NoAnswer:
                seen.failed += 1
            else:
                seen.pages.append(time.perf_counter() - began)
                seen.failed += answer.status != 200
            await asyncio.sleep(max(0.0, THINK - (time.perf_counter() - began)))

    async def watch(self, seen: Seen) -> None:
        while True:
            ((lag,),) = await asyncio.to_thread(self.machine.ask, LAG)
            seen.lag = max(seen.lag, float(lag))
            await asyncio.sleep(2)

    async def measure(self, kind: str, seconds: float, every: float = 0) -> Seen:
        seen = Seen()
        beside = [asyncio.create_task(self.person(n, seen)) for n in range(len(self.people))]
        beside.append(asyncio.create_task(self.watch(seen)))
        cpu = Cpu(self.machine)
        began = time.monotonic()
        await (self.full(seen, seconds) if kind == "full" else self.by_the_clock(seen, seconds, every))
        seen.seconds, seen.shares = time.monotonic() - began, cpu.shares()
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        return seen


async def measured(options: argparse.Namespace, web: int, *, replica: bool) -> list[tuple[str, Seen]]:
    with tempfile.TemporaryDirectory(prefix="town-") as home, machine(Path(home), options=MEASURED) as it:
        town = it.settle(options.gateways, METERS, REGISTERS, options.users)
        it.database.sql(HISTORY % LOOKED_AT)
        copy = it.database.replica() if replica else None
        if copy is not None:
            it.environment["REPLICA_URL"] = copy.url
        try:
            it.web(workers=web)
            it.worker()
            it.beat()
            load = Load(it, town)
            await load.measure("full", min(5.0, options.seconds))  # warms up
            full = await load.measure("full", options.seconds)
            every = METERS * REGISTERS / (full.rate / 2)
            half = await load.measure("half", options.seconds, every)
            return [("full", full), ("half", half)]
        finally:
            if copy is not None:
                copy.remove()


def line(web: int, replica: bool, kind: str, seen: Seen) -> str:
    cells = [
        f"{web}{' + replica' if replica else ''}", kind, f"{seen.rate:,.0f}", f"{seen.per_core:,.0f}",
        f"{at(seen.batches, 0.5):.0f}",
        f"{at(seen.batches, 0.99):.0f}", f"{len(seen.pages) / seen.seconds:.1f}", f"{at(seen.pages, 0.5):.0f}",
        f"{at(seen.pages, 0.95):.0f}", f"{seen.lag:.0f}", str(seen.failed),
        *(f"{seen.shares[name]:.0%}" for name in ("machine", "web", "database", "worker", "senders", "others")),
    ]  # fmt: skip
    return f"| {' | '.join(cells)} |"


HEAD = (
    "web processes", "measure", "readings/s", "readings/s a core had", "batch p50 ms", "batch p99 ms", "pages/s",
    "page p50 ms", "page p95 ms", "queue lag s", "failed", "machine busy", "web", "database", "worker", "senders", "others",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.town.load", description=__doc__)
    parser.add_argument("--web", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument(
        "--replica", action="store_true", help="once more with a replica, with the last --web"
    )
    parser.add_argument("--gateways", type=int, default=1000)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    options = parser.parse_args()
    print(json.dumps({"cores": os.cpu_count(), "load before": os.getloadavg()[0], **vars(options)}))
    print(f"| {' | '.join(HEAD)} |\n|{'---|' * len(HEAD)}", flush=True)
    runs = [(web, False) for web in options.web] + ([(options.web[-1], True)] if options.replica else [])
    for web, replica in runs:
        for kind, seen in asyncio.run(measured(options, web, replica=replica)):
            print(line(web, replica, kind, seen), flush=True)


if __name__ == "__main__":
    main()
