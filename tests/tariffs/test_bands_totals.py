"""Totals by the bands of the clock: exact sums, late data, days of 23 and 25 hours, and what a change recomputes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from accounts.jobs import run_due_jobs
from accounts.tenancy import tenant_scope
from readings.consumption.selectors import DwellingMeters
from readings.models import BandsOf, Calendar, DayTotal, Reading
from readings.services.storing import NewReading, readings_store
from readings.totals.bands import bands_follow
from readings.totals.drain import totals_drain
from servers.models import Register
from tariffs.models import DayColour, Level, ParameterValue
from tariffs.places import dwelling_place, programme_place
from tariffs.pricing import to_minor_units
from tariffs.services.parameters import parameters_save
from testkit.world import World
from tests.tariffs.parameter_kit import Side, make_sides

PARIS = ZoneInfo("Europe/Paris")
OCTOBER, LONG_DAY = date(2026, 10, 24), date(2026, 10, 25)
SPAN = ((date(2026, 1, 1), None),)


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ours(world: World) -> Side:
    side = make_sides(world)[0]
    side.home.meter("other", medium="electricity", usage="other", registers=[{}])
    return side


def read(
    side: Side, first: date, end: date, *, every: int = 3600, steps: int = 100, drain: bool = True
) -> None:
    """A reading each `every` seconds over the local days [first, end); `steps` Wh between two of them."""
    with tenant_scope(side.housing.programme.pk):
        register = side.home.registers["other/energy"]
        start = int(datetime(first.year, first.month, first.day, tzinfo=PARIS).timestamp())
        stop = int(datetime(end.year, end.month, end.day, tzinfo=PARIS).timestamp())
        rows = [
            NewReading(register.pk, at, n * steps, cumulative=True)
            for n, at in enumerate(range(start, stop + 1, every))
        ]
        readings_store(rows=rows, source=Reading.Source.GATEWAY, now=timezone.now())
    if drain:
        totals_drain(programme_id=side.housing.programme.pk)


def choose(side: Side, day: date = date(2026, 1, 1), *, home: bool = False, **values: str) -> None:
    actor = side.housing.actor(side.housing.operator)
    with tenant_scope(side.housing.programme.pk):
        place = dwelling_place(side.home.dwelling) if home else programme_place(actor)
        parameters_save(actor=actor, place=place, values=values, valid_from=day)


def bands(side: Side) -> dict[str, dict[int, tuple[int, int]]]:
    """Day → band → (Wh, status)."""
    found: dict[str, dict[int, tuple[int, int]]] = {}
    with tenant_scope(side.housing.programme.pk):
        for row in DayTotal.objects.filter(register=side.home.registers["other/energy"]).order_by(
            "day", "band"
        ):
            found.setdefault(date.fromordinal(row.day).isoformat(), {})[row.band] = (row.quantity, row.status)
    return found


def euros(side: Side, first: date, end: date) -> tuple[int, bool, int]:
    """(cents, complete, status) of what the page shows."""
    with tenant_scope(side.housing.programme.pk):
        line = DwellingMeters(side.home.dwelling, SPAN).consumption(first, end).usages["other"]
        return to_minor_units(line.cost.exact), line.cost.complete, int(line.status)


def test_off_peak_by_the_clock_and_the_hour_that_comes_twice(ours: Side) -> None:
    choose(ours, electricity_option="off_peak")
    read(ours, OCTOBER, date(2026, 10, 27))
    # 100 Wh an hour: 8 and 16 hours; on the 25th the hour from 2 to 3 comes twice and is off-peak twice
    assert bands(ours) == {
        "2026-10-24": {11: (800, 0), 12: (1600, 0)},
        "2026-10-25": {11: (900, 0), 12: (1600, 0)},
        "2026-10-26": {11: (800, 0), 12: (1600, 0)},
    }
    # 0.9 × 0.0984 + 1.6 × 0.1391 = 0.31112
    assert euros(ours, LONG_DAY, date(2026, 10, 26)) == (31, True, 0)


def test_the_short_day_and_half_hours(ours: Side) -> None:
    choose(ours, electricity_option="off_peak", off_peak_hours="02:00-03:00,12:30-14:00")
    read(ours, date(2026, 3, 28), date(2026, 3, 30), every=1800, steps=50)
    assert bands(ours) == {
        "2026-03-28": {11: (250, 0), 12: (2150, 0)},
        "2026-03-29": {11: (150, 0), 12: (2150, 0)},  # there is no hour from 2 to 3
    }


def test_bands_add_up_to_the_day_whatever_the_readings(ours: Side) -> None:
    read(ours, OCTOBER, date(2026, 10, 27), every=5 * 3600 + 77, steps=1237)
    plain = {day: sum(quantity for quantity, _status in one.values()) for day, one in bands(ours).items()}
    choose(ours, electricity_option="off_peak")
    run_due_jobs()
    divided = bands(ours)
    assert {day: sum(quantity for quantity, _s in one.values()) for day, one in divided.items()} == plain
    assert set(divided["2026-10-25"]) == {11, 12}
    # five hours between two readings: what fell before and after an hour is a guess, and the figure says so
    assert {status for one in divided.values() for _q, status in one.values()} == {1}


def test_a_change_recomputes_only_what_it_changes_and_twice_nothing(ours: Side) -> None:
    read(ours, OCTOBER, date(2026, 10, 28))
    choose(ours, date(2026, 10, 26), electricity_option="off_peak")
    assert set(bands(ours)["2026-10-26"]) == {0}
    # before the job has run: priced as one, and said to be an estimate
    cents, complete, status = euros(ours, date(2026, 10, 26), date(2026, 10, 27))
    assert (cents, complete, status) == (30, True, 1)  # 2.4 × 0.1256
    run_due_jobs()
    assert {day: set(one) for day, one in bands(ours).items()} == {
        "2026-10-24": {0}, "2026-10-25": {0}, "2026-10-26": {11, 12}, "2026-10-27": {11, 12},
    }  # fmt: skip
    assert euros(ours, date(2026, 10, 26), date(2026, 10, 27)) == (30, True, 0)  # 0.8 × 0.0984 + 1.6 × 0.1391
    assert bands_follow(programme_id=ours.housing.programme.pk) == 0, "nothing is left to do"
    choose(ours, date(2026, 10, 27), home=True, electricity_option="base")
    run_due_jobs()
    assert set(bands(ours)["2026-10-27"]) == {0} and set(bands(ours)["2026-10-26"]) == {11, 12}
    with tenant_scope(ours.housing.programme.pk):
        assert Calendar.objects.exclude(option="plain").count() == 1, (
            "schedules that nobody has are forgotten"
        )
        ParameterValue.objects.all().delete()
    assert bands_follow(programme_id=ours.housing.programme.pk) == 1
    assert {band for one in bands(ours).values() for band in one} == {0}
    with tenant_scope(ours.housing.programme.pk):
        assert not BandsOf.objects.exists()


def test_a_colour_told_late_prices_its_days(ours: Side) -> None:
    choose(ours, electricity_option="tempo")
    read(ours, date(2026, 11, 2), date(2026, 11, 5))
    assert bands(ours)["2026-11-03"] == {30: (2400, 0)}
    assert euros(ours, date(2026, 11, 3), date(2026, 11, 4)) == (0, False, 0), "no colour, no price"
    with tenant_scope(ours.housing.programme.pk):
        for day, colour in ((2, "blue"), (3, "red"), (4, "white")):
            DayColour.objects.create(option="tempo", day=date(2026, 11, day), colour=colour)
    assert bands_follow(programme_id=ours.housing.programme.pk) == 1
    assert bands(ours)["2026-11-03"] == {31: (600, 0), 35: (200, 0), 36: (1600, 0)}
    # 0.6 × 0.0763 + 0.2 × 0.1971 + 1.6 × 0.5119 = 0.90424
    assert euros(ours, date(2026, 11, 3), date(2026, 11, 4)) == (90, True, 0)
    assert bands(ours)["2026-11-04"] == {33: (200, 0), 34: (1600, 0), 35: (600, 0)}


def test_ejp_counts_from_seven_to_one(ours: Side) -> None:
    choose(ours, electricity_option="ejp")
    with tenant_scope(ours.housing.programme.pk):
        DayColour.objects.create(option="ejp", day=date(2026, 11, 3), colour="ejp")
    read(ours, date(2026, 11, 3), date(2026, 11, 5))
    assert bands(ours)["2026-11-03"] == {21: (700, 0), 22: (1700, 0)}
    assert bands(ours)["2026-11-04"] == {21: (2300, 0), 22: (100, 0)}
    # 0.7 × 0.1068 + 1.7 × 0.5367 + 2.3 × 0.1068 + 0.1 × 0.5367 = 1.28646
    assert euros(ours, date(2026, 11, 3), date(2026, 11, 5)) == (129, True, 0)


def test_late_data_and_corrections_recompute_the_bands(ours: Side) -> None:
    choose(ours, electricity_option="off_peak")
    read(ours, OCTOBER, LONG_DAY)
    register = ours.home.registers["other/energy"]
    at = int(datetime(2026, 10, 24, 12, tzinfo=PARIS).timestamp())
    with tenant_scope(ours.housing.programme.pk):
        late = NewReading(register.pk, at + 60, 1250, cumulative=True)
        readings_store(rows=[late], source=Reading.Source.GATEWAY, now=timezone.now())
        wrong = NewReading(register.pk, at + 12 * 3600, 2500, cumulative=True, seq=2)
        readings_store(rows=[wrong], source=Reading.Source.GATEWAY, now=timezone.now())
    totals_drain(programme_id=ours.housing.programme.pk)
    # 800 before six, 1,600 of peak; the last hour of off-peak counts a hundred more
    assert bands(ours)["2026-10-24"] == {11: (900, 0), 12: (1600, 0)}


def test_the_meters_own_registers_win_over_the_clock(ours: Side) -> None:
    ours.home.meter("sockets", medium="electricity", usage="sockets", registers=[
        {"ref": "on", "tariff_index": 1}, {"ref": "off", "tariff_index": 2}])  # fmt: skip
    choose(ours, electricity_option="off_peak")
    with tenant_scope(ours.housing.programme.pk):
        for name, steps in (("on", 1000), ("off", 2000)):
            register = ours.home.registers[f"sockets/{name}"]
            start = int(datetime(2026, 10, 24, tzinfo=PARIS).timestamp())
            rows = [NewReading(register.pk, start + n * 86400, n * steps, cumulative=True) for n in (0, 1)]
            readings_store(rows=rows, source=Reading.Source.GATEWAY, now=timezone.now())
        totals_drain(programme_id=ours.housing.programme.pk)
        found = DayTotal.objects.filter(register__in=Register.objects.filter(ref__in=("on", "off")))
        assert sorted(found.values_list("band", "quantity", "status")) == [(1, 1000, 0), (2, 2000, 0)]


def test_an_option_ends_with_its_occupant(ours: Side) -> None:
    """The occupant's own choice divides their own days only."""
    with tenant_scope(ours.housing.programme.pk):
        from servers.models import Occupancy

        Occupancy.objects.update(move_out=LONG_DAY)
        ParameterValue.objects.create(
            level=Level.OCCUPANT_DWELLING, dwelling=ours.home.dwelling, key="electricity_option",
            value="off_peak", valid_from=date(2026, 1, 1), changed_by=ours.housing.occupant,
        )  # fmt: skip
    read(ours, OCTOBER, LONG_DAY + timedelta(days=2))
    assert {day: set(one) for day, one in bands(ours).items()} == {
        "2026-10-24": {11, 12}, "2026-10-25": {0}, "2026-10-26": {0},
    }  # fmt: skip
