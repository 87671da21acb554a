"""Simulated meters made of a site file: their index, their telegrams, the faults of the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway_sim.mbus.encode import MAX_DATA
from gateway_sim.simulator.build import SHAPE, build_meters, index_at
from gateway_sim.site import load_site
from gateway_sim.site_model import Simulation
from tests.gateway_sim.mbus_bus import master_of

pytestmark = pytest.mark.pure

START = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
EXAMPLE = "gateway_sim/examples/site.toml"


def test_shape_is_a_day() -> None:
    assert len(SHAPE) == 24
    assert min(SHAPE) > 0
    assert sum(SHAPE) == 240


@settings(max_examples=100)
@given(
    per_day=st.decimals("0", "1000", places=3),
    seconds=st.lists(st.integers(-(10**7), 10**7), min_size=2, max_size=20),
)
def test_index_never_falls_and_whole_days_add_per_day(per_day: Decimal, seconds: list[int]) -> None:
    simulation = Simulation(START, Decimal("1234.567"), per_day)
    values = [index_at(simulation, START + timedelta(seconds=s)) for s in sorted(seconds)]
    assert values == sorted(values)
    for days in (-3, 0, 1, 400):
        then = index_at(simulation, START + timedelta(days=days))
        assert abs(then - (simulation.index + per_day * days)) < Decimal("1e-18")


def test_a_day_has_a_night_and_an_evening() -> None:
    simulation = Simulation(datetime(2026, 11, 1, tzinfo=UTC), Decimal(0), Decimal(24))
    hours = [index_at(simulation, simulation.at + timedelta(hours=h)) for h in range(25)]
    used = [later - earlier for earlier, later in pairwise(hours)]
    assert used[2] < 1 < used[19]
    assert hours[24] == 24


def test_every_meter_of_the_example_site_reads_back(request: pytest.FixtureRequest) -> None:
    site = load_site(request.config.rootpath / EXAMPLE)
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    meters = build_meters(site, "main", now=lambda: now)
    assert len(meters) >= 12
    master = master_of(*meters)
    several = 0
    for meter in site.meters_on("main"):
        telegrams = master.read(meter.address)
        several += len(telegrams) > 1
        assert telegrams[0].header.id == meter.serial
        records = {(r.quantity, r.storage, r.tariff, r.subunit): r for t in telegrams for r in t.records}
        for register in meter.registers:
            assert register.simulate is not None
            pick = register.record
            record = records[pick.quantity, pick.storage, pick.tariff, pick.subunit]
            assert not record.faulty
            assert isinstance(record.value, Decimal)
            factor = {"kWh": 1000, "kW": 1000, "l": Decimal("0.001")}.get(register.unit, 1)
            expected = index_at(register.simulate, now, cumulative=register.kind == "cumulative")
            assert abs(record.value / factor - expected) < Decimal(1).scaleb(register.exponent)
    assert several >= 2


def test_rollover_and_long_answers() -> None:
    from gateway_sim.simulator.build import build_meter, register_record
    from gateway_sim.site_model import Meter, RecordPick, Register

    simulation = Simulation(START, Decimal("999.9"), Decimal("1"))
    register = Register(
        "e", "energy", "kWh", -1, 0, Decimal(1000), "cumulative", True, RecordPick("energy"), simulation
    )
    later = START + timedelta(days=1)
    assert register_record(register, simulation, START).hex() == "0c0599990000"
    assert register_record(register, simulation, later).hex() == "0c0509000000"
    many = tuple(
        Register(
            str(n), "energy", "kWh", -1, 0, None, "cumulative", True, RecordPick("energy", n), simulation
        )
        for n in range(80)
    )
    meter = Meter("m", "p", "main", "7", "heat", "heating", "KAM", "12345678", many)
    simulated = build_meter(meter, lambda: START)
    telegrams = master_of(simulated).read("7")
    assert len(telegrams) > 1
    assert all(len(t.raw) <= MAX_DATA + 21 for t in telegrams)
    assert [r.storage for t in telegrams for r in t.records if r.quantity == "energy"] == list(range(80))
