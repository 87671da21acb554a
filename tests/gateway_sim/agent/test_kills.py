"""kill -9 at random moments while the agent reads and sends; a ledger that knows the truth counts.

`KILLS=1000` in the environment makes the long form.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.delivery import Deliverer, Outcome
from gateway_sim.agent.spool import Spool
from tests.gateway_sim.agent.portal_double import TOKEN, Portal

pytestmark = [pytest.mark.pure, pytest.mark.slow]
CHILD = Path(__file__).with_name("kill_child.py")
ROOT = Path(__file__).parents[3]
KILLS = int(os.environ.get("KILLS", "20"))


def life(portal: Portal, state: Path, first: int, lines: int, wait: float, *kind: str) -> list[str]:
    """One life of the agent: killed `wait` seconds after its line number `lines`; all it said."""
    command = [sys.executable, str(CHILD), str(state), portal.url, TOKEN, str(first), *kind]
    environment = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        said = [child.stdout.readline().strip() for _ in range(lines)]
        try:
            child.wait(wait)
        except subprocess.TimeoutExpired:
            child.kill()
        said += child.stdout.read().split("\n")
    assert child.returncode == -9
    return [line for line in said if line.startswith(("start ", "kept "))]


def ledger(portal: Portal, state: Path, kills: int, *kind: str) -> tuple[list[int], list[int], list[int]]:
    """(lost, duplicated, altered) after `kills` lives and a last delivery by a healthy agent."""
    rand = random.Random(7)
    acknowledged: set[int] = set()
    begun: set[int] = set()
    for _ in range(kills):
        if rand.random() < 0.5:
            portal.faults.append(rand.choice(("drop_answer", "cut_answer", "hang_up", "502")))
        first = max(begun, default=-1) + 1
        for line in life(portal, state, first, rand.randrange(1, 40), rand.random() * 0.03, *kind):
            word, number = line.split()
            (acknowledged if word == "kept" else begun).add(int(number))
    portal.faults.clear()
    spool = Spool(state / "spool.sqlite3")
    deliverer = Deliverer(spool, PortalClient(portal.url, TOKEN))
    while deliverer.send_one().outcome is not Outcome.EMPTY:
        pass
    assert spool.facts().dead == 0
    spool.close()
    values = [int(value) for value in portal.stored.values()]
    lost = sorted(acknowledged - set(values))
    duplicated = sorted(n for n in set(values) if values.count(n) > 1)
    altered = sorted(set(values) - begun)
    assert len(acknowledged) > kills
    return lost, duplicated, altered


def test_kills_lose_nothing_and_double_nothing(portal, tmp_path):
    assert ledger(portal, tmp_path, KILLS) == ([], [], [])


def test_control_a_spool_that_lets_go_when_sending_loses(portal, tmp_path):
    lost, _, _ = ledger(portal, tmp_path, 6, "careless")
    assert lost
