"""The agent as a whole, on a bus of made-up answers and the portal double."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from gateway_sim.agent.client import PortalClient
from gateway_sim.agent.clock import Clock
from gateway_sim.agent.commands import CommandDesk, Journal
from gateway_sim.agent.delivery import Outcome
from gateway_sim.agent.devices import SimulatedDevices
from gateway_sim.agent.runner import Agent
from gateway_sim.agent.spool import Spool
from gateway_sim.agent.state import StateDir
from gateway_sim.mbus.errors import NoAnswer, TransportError
from gateway_sim.mbus.header import Header
from gateway_sim.mbus.records import Record, Telegram
from gateway_sim.site import load_site
from tests.gateway_sim.agent.portal_double import TOKEN

pytestmark = pytest.mark.pure
SITE = load_site(Path(__file__).parents[3] / "gateway_sim" / "examples" / "site.toml")
BASE = {"kWh": ("Wh", 1000), "m3": ("m3", 1), "C": ("C", 1), "W": ("W", 1)}


class Bus:
    """Answers for every meter of the example site; what is in `faults` by address goes wrong."""

    def __init__(self) -> None:
        self.faults: dict[str, Exception | str] = {}
        self.value = Decimal(100)
        self.reads: list[str] = []
        self.opened = 0

    def open(self, _bus):
        self.opened += 1
        return self

    def close(self):
        return

    def read(self, address):
        self.reads.append(address)
        fault = self.faults.get(address)
        if isinstance(fault, Exception):
            raise fault
        meter = next(m for m in SITE.meters if m.address == address)
        records = []
        for register in meter.registers:
            unit, factor = BASE[register.unit]
            p = register.record
            records.append(
                Record(
                    p.function, p.storage, p.tariff, p.subunit, p.quantity, unit, self.value * factor, (), b""
                )
            )
        return [Telegram(Header(id=fault or meter.serial), tuple(records), False, 0x72, 1, b"")]


class World:
    def __init__(self, portal, home: Path, clock: Clock) -> None:
        self.bus = Bus()
        self.log: list[str] = []
        self.state = StateDir.open(home / "state")
        self.spool = Spool(self.state.spool)
        self.clock = clock
        devices = SimulatedDevices(self.state, clock.now)
        self.agent = Agent(
            site=SITE,
            state=self.state,
            spool=self.spool,
            client=PortalClient(portal.url, TOKEN, timeout=5),
            desk=CommandDesk(SITE, Journal(self.state.journal), devices),
            clock=clock,
            open_bus=self.bus.open,
            write=self.log.append,
        )


@pytest.fixture
def world(portal, tmp_path):
    return World(portal, tmp_path, Clock(floor=datetime(2000, 1, 1, tzinfo=UTC)))


def test_one_round_brings_every_register_of_every_meter_to_the_portal(portal, world):
    report = world.agent.once()
    registers = sum(len(meter.registers) for meter in SITE.meters)
    assert (report.meters, report.answered, report.rows, report.delivered) == (14, 14, registers, registers)
    assert report.last.outcome is Outcome.EMPTY
    assert {key[:2] for key in portal.stored} == {(m.ref, r.ref) for m in SITE.meters for r in m.registers}
    assert {v for (m, r, _), v in portal.stored.items() if m == "cold-101"} == {"100.000"}
    assert {v for (m, r, _), v in portal.stored.items() if r == "peak"} == {"100.00"}
    assert portal.heartbeats[-1]["spool"] == {"pending": 0, "oldest": None}
    assert world.log == []


def test_a_dead_meter_and_a_wrong_one_cost_only_their_own_readings_and_are_said_once(portal, world):
    world.bus.faults = {"1": NoAnswer(), "2": "99999999"}
    for _ in range(3):
        report = world.agent.once()
        assert report.answered == 12
    assert not {"heat-101", "heat-102"} & {meter for meter, _, _ in portal.stored}
    assert [line for line in world.log if "heat-101" in line] == [
        "meter heat-101: the meter did not answer (no_answer)"
    ]
    assert len([line for line in world.log if "99999999" in line]) == 1
    assert {gap["meter"] for gap in portal.heartbeats[-1]["missing"]} == {"heat-101", "heat-102"}
    world.bus.faults = {}
    world.agent.once()
    assert "meter heat-101: answers again" in world.log


def test_a_bus_that_cannot_be_opened_does_not_stop_the_delivery(portal, world, fill):
    truth = fill(world.spool, 5)
    world.bus.faults = {meter.address: TransportError("no such port") for meter in SITE.meters}
    report = world.agent.once()
    assert (report.answered, report.delivered) == (0, 5)
    assert portal.stored == truth
    assert world.bus.opened == 2  # once more, and then not before the next round
    assert world.log == ["bus main: no such port"]
    assert len(portal.heartbeats[-1]["missing"]) == 14
    world.bus.faults = {}
    assert world.agent.once().answered == 14
    assert world.log == ["bus main: no such port", "bus main: works again"]


def test_a_fault_nobody_thought_of_does_not_end_the_agent(portal, world):
    world.bus.faults = {"1": ZeroDivisionError("oops")}
    report = world.agent.once()
    assert report.answered == 0
    assert report.heartbeat
    assert any("ZeroDivisionError" in line for line in world.log)


@pytest.mark.parametrize("fault", ["401", "503", "502", "garbage"])
def test_a_portal_that_is_out_of_order_stops_no_reading(portal, world, fault):
    portal.always = fault
    for n in range(3):
        world.bus.value = Decimal(100 + n)
        world.agent.once()
    waiting = world.spool.facts().pending
    assert waiting >= 30
    assert portal.stored == {}
    portal.always = None
    world.agent.once()
    assert world.spool.facts().pending == 0
    assert not any(TOKEN in line for line in world.log)


def test_run_reads_by_the_interval_and_ends_on_stop_with_an_empty_spool(portal, world):
    runner = threading.Thread(target=world.agent.run, args=(0.05,))
    runner.start()
    deadline = time.monotonic() + 120
    while len(world.bus.reads) < 14 * 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    world.agent.stop()
    runner.join(timeout=120)
    assert not runner.is_alive()
    assert len(world.bus.reads) >= 14 * 3
    assert world.spool.facts().pending == 0
    assert len(portal.stored) >= 26


def test_a_command_switches_the_device_once(portal, world):
    expires = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    portal.commands = [{"id": "c7", "device": "light-hall", "command": "on", "expires_at": expires}]
    world.agent.heartbeat()
    world.agent.heartbeat()
    assert [(number, body["state"]) for number, body in portal.results] == [("c7", "done")]
    assert world.state.read("devices.json")["light-hall"]["state"] == "on"


def clock_of_1970() -> Clock:
    start = time.monotonic()
    wall = lambda: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time.monotonic() - start)  # noqa: E731
    return Clock(wall=wall, monotonic=time.monotonic, boot="b1")


def test_a_clock_of_1970_stamps_nothing_until_the_portal_told_the_time(portal, tmp_path):
    world = World(portal, tmp_path, clock_of_1970())
    portal.always = "503"
    world.agent.once()
    facts = world.spool.facts()
    assert facts.undated == facts.pending > 0
    portal.always = None
    before = datetime.now(UTC) - timedelta(seconds=5)
    world.agent.once()
    assert world.spool.facts().pending == 0
    stamps = {datetime.fromisoformat(taken_at) for _, _, taken_at in portal.stored}
    assert all(before < stamp < datetime.now(UTC) + timedelta(seconds=1) for stamp in stamps)
    assert any("clock of this machine" in line for line in world.log)


def test_a_clock_a_little_off_is_kept_and_a_day_off_is_not(portal):
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    for off, expected in ((timedelta(minutes=4), now + timedelta(minutes=4)), (timedelta(days=-1), now)):
        clock = Clock(wall=lambda off=off: now + off, monotonic=lambda: 7.0)
        clock.portal_says(now)
        assert clock.now() == expected
