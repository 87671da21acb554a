"""A bus of a dozen and more mixed meters, read over simulated wire into the portal itself."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from accounts.tenancy import tenant_scope
from gateway_sim.agent.client import Answer
from gateway_sim.agent.clock import Clock
from gateway_sim.agent.commands import CommandDesk, Journal
from gateway_sim.agent.devices import SimulatedDevices
from gateway_sim.agent.runner import Agent
from gateway_sim.agent.spool import Spool
from gateway_sim.agent.state import StateDir
from gateway_sim.mbus.master import Master
from gateway_sim.simulator.build import build_meters, index_at
from gateway_sim.simulator.bus import Bus
from gateway_sim.simulator.meter import Faults
from gateway_sim.simulator.ports import VirtualTransport
from gateway_sim.site import load_site
from readings.models import Reading
from testkit.gateway import Box, make_box
from testkit.world import World

SITE = load_site(Path(__file__).parents[2] / "gateway_sim" / "examples" / "site.toml")


class ThroughDjango:
    """The agent's way to the portal without a socket."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def request(self, method, path, body=None, *, zipped=False) -> Answer:
        got = self.box.request(method, path.removeprefix("/api/v1"), body, zipped=zipped)
        return Answer(got.status_code, got.json() if got.content else None)


class Simulated:
    """The bus of the site file on a virtual clock; two of its meters make trouble that passes."""

    def __init__(self, bus) -> None:
        meters = build_meters(SITE, bus.name)
        meters[0].faults = Faults(bad_checksum=1)
        meters[5].faults = Faults(drop_first=1)
        self.master = Master(VirtualTransport(Bus(meters)))

    def read(self, address):
        return self.master.read(address)

    def close(self):
        return


@pytest.fixture
def box(world: World) -> Box:
    box = make_box(world.ours.programme)
    assert box.publish(SITE.publication(1))["state"] == "done"
    return box


def test_every_register_of_every_meter_arrives_with_its_value(box, tmp_path):
    state = StateDir.open(tmp_path / "state")
    clock = Clock()
    agent = Agent(
        site=SITE,
        state=state,
        spool=Spool(state.spool),
        client=ThroughDjango(box),
        desk=CommandDesk(SITE, Journal(state.journal), SimulatedDevices(state, clock.now)),
        clock=clock,
        open_bus=Simulated,
        write=lambda text: None,
    )
    before = datetime.now(UTC)
    report = agent.once()
    assert len({meter.medium for meter in SITE.meters}) >= 5
    assert report.answered == report.meters == len(SITE.meters) >= 12
    assert (report.delivered, report.rejected) == (report.rows, 0)
    with tenant_scope(box.programme.pk):
        stored = {
            (r.register.installation.meter.serial, r.register.ref): r
            for r in Reading.objects.select_related("register__installation__meter")
        }
    shared = {(m.serial, r.ref): r for m in SITE.meters for r in m.registers if r.shared}
    assert stored.keys() == shared.keys()
    for key, register in shared.items():
        got = Decimal(stored[key].value).scaleb(register.exponent)
        true = index_at(register.simulate, before, cumulative=register.kind == "cumulative")
        step = Decimal(10) ** register.exponent
        assert abs(got - true) <= 2 * step, (key, got, true)


def test_control_what_nobody_published_is_not_stored(world):
    """The same readings from a box without a publication stand apart, so the test above sees the publication."""
    box = make_box(world.ours.programme)
    answer = ThroughDjango(box).request(
        "POST",
        "/api/v1/readings",
        {
            "batch": "0b7e1c62-7c52-4b71-9d27-6b9ecf7b4b36",
            "items": [
                {
                    "seq": 1,
                    "meter": "heat-101",
                    "register": "energy",
                    "taken_at": datetime.now(UTC).isoformat(),
                    "value": "1",
                }
            ],
        },
    )
    assert answer.data["results"][0]["status"] == "accepted"
    with tenant_scope(box.programme.pk):
        assert not Reading.objects.exists()
