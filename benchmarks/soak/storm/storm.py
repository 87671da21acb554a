"""One storm: everything is started, gateways and mails go on, faults strike, then there is quiet and a reckoning."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

from benchmarks.soak.ledger import Tally
from benchmarks.soak.storm.faults import Fault, Ship
from benchmarks.town.gateways import Gateway, Ledger
from benchmarks.town.machine import DURABLE, Machine
from benchmarks.town.post_office import PostOffice
from benchmarks.town.proxy import ChaosProxy

STEPS = 1000  # of a register's resolution in one kWh
STORED = """
SELECT s.serial, f.ref, r.ref, x.at, x.value FROM readings_reading x
JOIN servers_register r ON r.id = x.register_id JOIN servers_meterinstallation i ON i.id = r.installation_id
JOIN servers_meterref f ON f.meter_id = i.meter_id JOIN servers_server s ON s.id = f.server_id
"""


@dataclass(frozen=True)
class Weather:
    """`faults` strike the processes; `proxy` is the share of requests that meet a fault on the way, `mails` that of
    the mails. The rest takes a promise away: the web application, the worker, how PostgreSQL writes, its keys."""

    faults: tuple[Fault, ...] = ()
    proxy: float = 0.0
    mails: float = 0.0
    gateways: int = 8
    meters: int = 6
    pause: float = 0.15
    web_workers: int = 2
    app: str = "portal.wsgi:application"
    ill: str = ""
    database: str = DURABLE
    keyless: bool = False
    rest: float = 0  # seconds of quiet before anything is looked at, for what is stored late
    deploys: bool = False  # then a request that failed counts as lost
    pace: float = 1.0  # of the pauses between two faults
    totals: bool = True  # whether the worker has to have followed with the totals, or the reckoning does
    waits: float = 120  # seconds without any progress after the storm, until what still waits counts as lost


def run(weather: Weather, count: int, home: Path, *, seed: int = 5) -> Tally:
    """`count` faults. Lost: readings or mails; duplicated: a reading twice, a mail under two keys; altered: a value
    that nobody measured, or a total that a recomputation does not give."""
    return asyncio.run(_run(weather, count, home, random.Random(seed)))


async def _run(weather: Weather, count: int, home: Path, rand: random.Random) -> Tally:
    async with PostOffice(share=weather.mails, pause=0.3) as office:
        machine = Machine(home, options=weather.database, EMAIL_URL=f"smtp://127.0.0.1:{office.port}")
        try:
            ship = Ship(
                machine, app=weather.app, ill=weather.ill, web_workers=weather.web_workers, pace=weather.pace
            )
            town = await asyncio.to_thread(_open, machine, ship, weather)
            return await _sail(weather, count, machine, ship, town, office, rand)
        finally:
            await asyncio.to_thread(machine.close)


def _open(machine: Machine, ship: Ship, weather: Weather) -> dict[str, Any]:
    machine.open()
    ship.web()  # they come up while the tables are made
    ship.worker()
    machine.beat()
    town = machine.settle(weather.gateways, weather.meters)
    machine.database.sql("CHECKPOINT")  # a crash may cost what is measured, not who measures
    if weather.keyless:
        machine.database.sql("ALTER TABLE readings_reading DROP CONSTRAINT readings_reading_pkey")
    machine.start("writer", ["-m", "benchmarks.soak.storm.writer", "0.15"])
    machine.wait_ready()
    return town


async def _sail(
    weather: Weather, count: int, machine: Machine, ship: Ship, town: dict[str, Any], office: PostOffice,
    rand: random.Random,
) -> Tally:  # fmt: skip
    ledger, quiet = Ledger(), asyncio.Event()
    gateways = [Gateway(n, token, ledger, meters=weather.meters) for n, token in enumerate(town["tokens"])]
    async with ChaosProxy(machine.web_port, share=weather.proxy) as proxy:
        living = [asyncio.create_task(one.live(proxy.port, quiet, pause=weather.pause)) for one in gateways]
        struck = await _strike(weather, count, ship, proxy, rand)
        failed = _failed(ledger)
        proxy.share = office.share = 0.0
        machine.kill("writer", signal.SIGTERM)
        await asyncio.to_thread(ship.up)
        quiet.set()
        _done, waiting = await asyncio.wait(living, timeout=weather.waits + 60)
        for task in waiting:  # what never gets through is lost, however long it is kept
            task.cancel()
        stuck = sum(len(batch.keys) for one in gateways for batch in one.spool) if waiting else 0
    await asyncio.sleep(weather.rest)
    await _settled(machine, weather, ship)
    tally = Tally(injected=sum(struck.values()), lost=stuck)
    await asyncio.to_thread(_reckon, tally, machine, ledger, office)
    if stuck:
        tally.note += f"; {stuck} readings never got through: {ledger.answers}"
    if weather.deploys:
        tally.lost += failed
        tally.note += f"; {failed} of {sum(ledger.answers.values()):,} requests failed"
    return tally


def _failed(ledger: Ledger) -> int:
    return sum(times for what, times in ledger.answers.items() if what != "200")


async def _strike(
    weather: Weather, count: int, ship: Ship, proxy: ChaosProxy, rand: random.Random
) -> Counter[str]:
    struck: Counter[str] = Counter()
    while sum(struck.values()) < len(weather.faults) or struck.total() + proxy.injected.total() < count:
        if weather.faults:
            fault = weather.faults[sum(struck.values()) % len(weather.faults)]
            await asyncio.to_thread(fault, ship, rand)
            struck[fault.__name__] += 1
        else:
            await asyncio.sleep(0.1)
    return struck + proxy.injected


async def _settled(machine: Machine, weather: Weather, ship: Ship) -> None:
    """Until no mail and no job of the storm waits, or none has moved for so long: then they are lost.

    What failed several times is only due again in some minutes; it is waited for, and not counted as lost before.
    """
    sql = (
        "SELECT (SELECT count(*) FROM accounts_outboxmessage WHERE state = 'queued'), "
        f"(SELECT count(*) FROM accounts_job WHERE kind IN ('mail', '{'totals' if weather.totals else 'mail'}') "
        "AND state IN ('queued', 'running')), "
        "(SELECT ceil(coalesce(max(extract(epoch FROM due_at - now())), 0)) FROM accounts_job WHERE state = 'queued' "
        "AND kind = 'mail')"
    )
    before, ends = None, time.monotonic() + weather.waits
    while time.monotonic() < ends:
        ((*waiting, due),) = await asyncio.to_thread(machine.ask, sql)
        if waiting == ["0", "0"]:
            return
        if waiting != before:
            before, ends = waiting, time.monotonic() + weather.waits + max(0, int(due))
        await asyncio.to_thread(ship.watch)
        await asyncio.sleep(0.3)


def _reckon(tally: Tally, machine: Machine, ledger: Ledger, office: PostOffice) -> None:
    _readings(tally, machine, ledger)
    mails, copies = _mails(tally, machine, office)
    totals = {"rows": "no"}
    if not tally.duplicated:  # else there is no function of time to compute anything from
        totals = json.loads(machine.run("benchmarks.soak.storm.recompute"))
        tally.altered += totals["different"] + totals["sums"]
    ((odd,),) = machine.ask("SELECT count(*) FROM readings_supersededreading")
    tally.altered += int(odd) + len(ledger.refused)
    tally.note = (
        f"{len(ledger.acknowledged):,} readings, {mails} mails ({copies} more copies under their keys), "
        f"{totals['rows']} day totals"
    )


def _readings(tally: Tally, machine: Machine, ledger: Ledger) -> None:
    found: Counter[tuple[int, int, int, int]] = Counter()
    with psycopg2.connect(machine.database.superuser_url) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT serial FROM servers_server ORDER BY id")
        place = {serial: n for n, (serial,) in enumerate(cursor.fetchall())}
        cursor.execute(STORED)
        for serial, meter, register, at, value in cursor:
            key = (place[serial], int(meter[1:]), int(register[1:]), at)
            found[key] += 1
            tally.altered += ledger.begun.get(key) != value / STEPS
    tally.lost += len(ledger.acknowledged - found.keys())
    tally.duplicated += sum(times - 1 for times in found.values())


def _mails(tally: Tally, machine: Machine, office: PostOffice) -> tuple[int, int]:
    """(how many were owed, copies that came again under the same Message-ID)."""
    lines = (machine.home / "writer.log").read_text().split("\n")
    owed = {f"m{line.split()[1]}@owed.example" for line in lines if line.startswith("owed ")}
    tally.lost += (missing := len(owed - office.received.keys()))
    tally.duplicated += sum(len(keys) - 1 for keys in office.received.values())
    if missing:
        ways = machine.ask(
            "SELECT state, error, attempts, count(*) FROM accounts_job WHERE kind = 'mail' GROUP BY 1, 2, 3"
        )
        print(f"{missing} mails are missing: {ways}", flush=True)
    return len(owed), sum(keys.total() - len(keys) for keys in office.received.values())
