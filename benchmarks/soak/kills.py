"""kill -9: while the agent reads and sends, and at each step of a command."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.soak.ledger import Tally, compare
from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer, Outcome
from gateway_sim.agent.spool import Spool
from tests.gateway_sim.agent.portal_double import TOKEN, Portal

ROOT = Path(__file__).resolve().parents[2]
READER = ROOT / "tests" / "gateway_sim" / "agent" / "kill_child.py"
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
POINTS = ("seen", "starting", "started", "switched", "done", "told", "noted")


def reading_run(count: int, home: Path, *kind: str) -> Tally:
    """`count` lives of an agent that reads, spools and sends; half of them with a portal that is out of order."""
    rand = random.Random(7)
    acknowledged: set[str] = set()
    begun: set[str] = set()
    first = 0
    with Portal() as portal:
        for _ in range(count):
            if rand.random() < 0.5:
                portal.faults.append(rand.choice(("drop_answer", "cut_answer", "hang_up", "502")))
            for line in _life(portal, home, first, rand.randrange(1, 40), rand.random() * 0.03, *kind):
                word, number = line.split()
                (acknowledged if word == "kept" else begun).add(number)
                first = max(first, int(number) + 1)
        portal.faults.clear()
        spool = Spool(home / "spool.sqlite3")
        deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN))
        while deliverer.send_one().outcome is not Outcome.EMPTY:
            pass
        facts = spool.facts()
        spool.close()
        tally = compare(acknowledged, begun, portal.stored.values(), dropped=facts.dropped)
    tally.injected = count
    tally.lost += facts.dead
    tally.note = f"{len(acknowledged)} readings kept"
    return tally


def reading_control(count: int, home: Path) -> Tally:
    return reading_run(count, home, "careless")


def _life(portal: Portal, state: Path, first: int, lines: int, wait: float, *kind: str) -> list[str]:
    """One life: killed `wait` seconds after its line number `lines`; all it said."""
    command = [sys.executable, str(READER), str(state), portal.url, TOKEN, str(first), *kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as child:
        assert child.stdout is not None
        said = [child.stdout.readline().strip() for _ in range(lines)]
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            child.kill()
        said += child.stdout.read().split("\n")
    if child.returncode != -9:
        raise RuntimeError(f"the agent ended by itself with {child.returncode}")
    return [line for line in said if line.startswith(("start ", "kept ")) and line[-1].isdigit()]


def command_run(count: int, home: Path, *kind: str) -> Tally:
    """Lives until `count` were killed at one of `POINTS` while they carried out commands, then some left alone.

    lost: a command without an answer. duplicated: one switched more than once. altered: one switched after
    its expiry, or told as done though it was not, or as expired though it was switched.
    """
    rand = random.Random(13)
    log = home / "switched"
    log.touch()
    points: Counter[str] = Counter()
    expired: set[str] = set()
    with Portal() as portal:
        ids: list[str] = []
        life = 0
        while sum(points.values()) < count:
            life += 1
            for n in range(rand.randrange(1, 4)):
                number = f"c{life}-{n}"
                stale = rand.random() < 0.2
                expires = datetime.now(UTC) + timedelta(seconds=-1 if stale else 3600)
                portal.commands.append(
                    {"id": number, "device": "light-hall", "command": "on", "expires_at": expires.isoformat()}
                )
                ids.append(number)
                if stale:
                    expired.add(number)
            point = rand.choice(POINTS)
            points[point] += _obey(portal, home, point, rand.randrange(1, 3), *kind) == -9
            _answered(portal)
        for _ in range(3):
            _obey(portal, home, "never", 1, *kind)
            _answered(portal)
        switched = Counter(log.read_text().split())
        told = dict(portal.results)
    tally = Tally(injected=sum(points.values()))
    for number in ids:
        answer = told.get(number)
        tally.lost += answer is None
        tally.duplicated += max(0, switched[number] - 1)
        if answer is not None:
            claims_done = answer["state"] == "done" and not switched[number]
            claims_expired = "expired" in answer["message"] and switched[number] > 0
            tally.altered += claims_done or claims_expired
        tally.altered += number in expired and switched[number] > 0
    tally.note = f"{len(ids)} commands, {len(expired)} of them expired; {len(points)} points of death"
    return tally


def command_control(count: int, home: Path) -> Tally:
    return command_run(count, home, "forgetful")


def _obey(portal: Portal, home: Path, point: str, times: int, *kind: str) -> int:
    words = [sys.executable, "-m", "benchmarks.soak.command_child", str(home), portal.url, TOKEN, point]
    ended = subprocess.run([*words, str(times), *kind], env=ENVIRONMENT, cwd=ROOT).returncode
    if ended not in (0, -9):
        raise RuntimeError(f"the agent ended by itself with {ended}")
    return ended


def _answered(portal: Portal) -> None:
    """The portal repeats a command until it has its result."""
    have = {number for number, _ in portal.results}
    portal.commands = [one for one in portal.commands if one["id"] not in have]
