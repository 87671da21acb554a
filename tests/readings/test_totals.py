"""Totals through their interfaces: the job, the selectors, the command, and the statuses of hand-made cases."""

from __future__ import annotations

import csv
import io
import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from accounts.models import Job
from accounts.tenancy import tenant_scope
from readings.models import Calendar, DayTotal, Reading, TotalStatus, TouchedSpan
from readings.services.decisions import reading_reject
from readings.services.storing import NewReading, readings_store
from readings.totals.calendars import calendar_for
from readings.totals.cuts import day_cuts
from readings.totals.drain import totals_drain
from readings.totals.selectors import day_quantities, in_unit, month_quantities
from servers.models import Building, Dwelling, MeterRef, Register
from testkit.world import World
from tests.readings.gateway_world import (
    NOW,
    Box,
    item,
    make_box,
    make_installation,
    make_register,
    standing_clock,
)

MEASURED, ESTIMATED, DISPUTED = TotalStatus.MEASURED, TotalStatus.ESTIMATED, TotalStatus.DISPUTED


_clock = standing_clock()


@pytest.fixture
def box(world: World) -> Box:
    return make_box(world.ours.programme)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


def store(register: Register, readings: dict[str, int]) -> None:
    rows = [NewReading(register.pk, at(when), value) for when, value in readings.items()]
    readings_store(rows=rows, source=Reading.Source.GATEWAY, now=NOW)


def days(register: Register) -> dict[int, tuple[int, int]]:
    """Day of the month → quantity, status."""
    totals_drain(programme_id=register.programme_id, registers=[register.pk])
    found = day_quantities([register.pk], date(2000, 1, 1), date(2030, 1, 1))
    return {row.day.day: (row.quantity, row.status) for row in found}


def test_a_gap_is_estimated_and_never_zero(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        register = make_register(make_installation())
        store(
            register,
            {"2026-06-01T00:00+02:00": 0, "2026-06-02T00:00+02:00": 10, "2026-06-06T00:00+02:00": 50},
        )
        assert days(register) == {
            1: (10, MEASURED), 2: (10, ESTIMATED), 3: (10, ESTIMATED), 4: (10, ESTIMATED), 5: (10, ESTIMATED),
        }  # fmt: skip
        store(register, {"2026-06-04T00:00+02:00": 11})  # the late reading
        assert days(register) == {
            1: (10, MEASURED), 2: (1, MEASURED), 3: (0, MEASURED), 4: (20, MEASURED), 5: (19, MEASURED),
        }  # fmt: skip


def test_a_rollover_counts_and_a_fall_is_disputed(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        rolls = make_register(make_installation(), span=1000, max_per_hour=10)
        store(
            rolls, {"2026-06-01T00:00+02:00": 990, "2026-06-02T00:00+02:00": 30, "2026-06-03T00:00+02:00": 29}
        )
        assert days(rolls) == {1: (40, MEASURED), 2: (0, DISPUTED)}
        falls = make_register(make_installation())
        store(
            falls, {"2026-06-01T00:00+02:00": 990, "2026-06-02T00:00+02:00": 30, "2026-06-03T00:00+02:00": 42}
        )
        assert days(falls) == {1: (0, DISPUTED), 2: (12, MEASURED)}
        reading_reject(register_id=falls.pk, at=at("2026-06-01T00:00+02:00"))
        assert days(falls) == {2: (12, MEASURED)}


def test_a_meters_own_tariff_register_tells_the_band(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        installation = make_installation()
        for tariff in (1, 2):
            register = make_register(installation, f"t{tariff}", tariff_index=tariff)
            store(register, {"2026-06-01T00:00+02:00": 0, "2026-06-02T00:00+02:00": tariff})
        totals_drain(programme_id=world.ours.programme.pk)
        assert list(DayTotal.objects.order_by("band").values_list("band", "quantity")) == [(1, 1), (2, 2)]


def test_the_zone_is_the_points_else_the_buildings_else_the_programmes(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        building = Building.objects.create(ref="A", name="A", time_zone="Indian/Reunion")
        dwelling = Dwelling.objects.create(building=building, ref="1", name="1")
        places: list[tuple[str, dict[str, Any]]] = [
            ("Europe/Paris", {}),
            ("Indian/Reunion", {"building": building}),
            ("Indian/Reunion", {"dwelling": dwelling}),
            ("America/Cayenne", {"dwelling": dwelling, "time_zone": "America/Cayenne"}),
            ("Indian/Reunion", {"dwelling": dwelling, "time_zone": "Atlantis/Centre"}),
            ("Europe/Paris", {"time_zone": "../../etc/passwd"}),
        ]
        for zone, place in places:
            assert calendar_for(make_register(make_installation(**place))).time_zone == zone
        assert Calendar.objects.count() == 3


@pytest.mark.pure
def test_cuts_leave_no_hole_and_follow_the_bands() -> None:
    from zoneinfo import ZoneInfo

    cuts = list(
        day_cuts(
            date(2026, 3, 28),
            date(2026, 3, 31),
            ZoneInfo("Europe/Paris"),
            lambda _d: {0: 1, 2 * 60: 2, 3 * 60: 3, 22 * 60: 1},
        )
    )
    assert all(a.next_at == b.at for a, b in pairwise(cuts))
    # on the 29th the clock goes from 2:00 to 3:00: the band of that hour never was
    assert [(c.band, (c.next_at - c.at) // 3600) for c in cuts if c.day == date(2026, 3, 29).toordinal()] == [
        (1, 2), (3, 19), (1, 2),
    ]  # fmt: skip
    apia = list(day_cuts(date(2011, 12, 29), date(2012, 1, 1), ZoneInfo("Pacific/Apia"), lambda _d: {0: 0}))
    assert [date.fromordinal(c.day).day for c in apia] == [29, 31]  # the 30th never was


def test_months_are_summed_by_the_database(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        register = make_register(make_installation())
        store(
            register, {"2025-12-30T00:00+01:00": 0, "2026-01-03T00:00+01:00": 8, "2026-02-02T00:00+01:00": 38}
        )
        totals_drain(programme_id=world.ours.programme.pk)
        months = month_quantities([register.pk], date(2025, 12, 31), date(2026, 2, 2))
        assert [(m.month, m.quantity, m.days, m.seconds) for m in months] == [
            (date(2025, 12, 1), 2, 1, 86400), (date(2026, 1, 1), 33, 31, 31 * 86400), (date(2026, 2, 1), 1, 1, 86400),
        ]  # fmt: skip
        assert (
            sum(d.quantity for d in day_quantities([register.pk], date(2025, 12, 31), date(2026, 2, 2))) == 36
        )
        assert month_quantities([register.pk], date(2026, 2, 1), date(2026, 2, 1)) == []


@pytest.mark.pure
def test_steps_become_exact_decimals() -> None:
    assert [str(in_unit(n, -3)) for n in (0, 5, -1500)] == ["0.000", "0.005", "-1.500"]
    assert f"{in_unit(7, 2):f}" == "700"
    assert in_unit(10**30 + 1, -3) == Decimal("1000000000000000000000000000.001")


def test_the_job_follows_a_batch_and_looks_once_more(box: Box, run_jobs: Any) -> None:
    register = box.register()
    box.send(item(1, "2026-11-20T00:00:00+01:00", "1"), item(2, "2026-11-21T00:00:00+01:00", "3.5"))
    box.send(item(3, "2026-11-21T12:00:00+01:00", "4"))
    assert Job.objects.filter(kind="totals").count() == 1
    assert run_jobs() == 0  # debounced
    with time_machine.travel(NOW + timedelta(seconds=6), tick=False):
        assert run_jobs() == 1
    with tenant_scope(box.programme.pk):
        assert days(register) == {20: (2500, MEASURED), 21: (500, MEASURED)}
        assert not TouchedSpan.objects.exists()
    with time_machine.travel(NOW + timedelta(seconds=60), tick=False):
        assert run_jobs() == 1
        assert run_jobs() == 0
    assert not Job.objects.filter(kind="totals", state="queued").exists()


def test_a_page_drains_its_own_registers_only(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        mine, other = (make_register(make_installation()) for _ in range(2))
        for register in (mine, other):
            store(register, {"2026-06-01T00:00+02:00": 0, "2026-06-02T00:00+02:00": 10})
        assert totals_drain(programme_id=world.ours.programme.pk, registers=[mine.pk]) == 1
        assert list(TouchedSpan.objects.values_list("register_id", flat=True)) == [other.pk]
        assert totals_drain(programme_id=world.ours.programme.pk, limit=1) == 1
        assert DayTotal.objects.count() == 2


def test_many_registers_take_several_transactions(world: World) -> None:
    with tenant_scope(world.ours.programme.pk):
        installation = make_installation()
        registers = [make_register(installation, f"r{n}") for n in range(7)]
        for register in registers:
            store(register, {"2026-06-01T00:00+02:00": 0, "2026-06-02T00:00+02:00": 10})
        assert totals_drain(programme_id=world.ours.programme.pk, limit=3) == 7
        assert DayTotal.objects.filter(quantity=10).count() == 7


def export(slug: str, **options: str) -> list[list[str]]:
    out = io.StringIO()
    arguments = [f"--{name}={value}" for name, value in options.items()]
    call_command("export_totals", f"--programme={slug}", *arguments, stdout=out)
    return list(csv.reader(io.StringIO(out.getvalue())))


HEADER = ["server", "meter", "register", "quantity", "unit", "tariff_band", "start", "value", "status"]


def test_export_brings_totals_up_to_date_and_names_refs(world: World, box: Box) -> None:
    box.register()
    other = make_box(world.theirs.programme)
    other.register()
    for sender, factor in ((box, 1), (other, 100)):
        sender.send(
            *(
                item(n, f"2026-10-{n:02}T00:00:00+02:00", f"{n * factor}.25")
                for n in range(1, 32)
                if not 10 < n < 20
            ),
            item(40, "2026-11-02T00:00:00+01:00", f"{40 * factor}.25"),
        )
    serial = box.server.serial
    rows = export("tilleuls", by="day", **{"from": "2026-10-09", "to": "2026-10-12"})
    assert rows == [
        HEADER,
        [serial, "m1", "energy", "energy", "kWh", "0", "2026-10-09", "1.000", "measured"],
        [serial, "m1", "energy", "energy", "kWh", "0", "2026-10-10", "1.000", "estimated"],
        [serial, "m1", "energy", "energy", "kWh", "0", "2026-10-11", "1.000", "estimated"],
    ]
    months = export("tilleuls", by="month", **{"from": "2026-10-01", "to": "2026-12-01"})[1:]
    assert [row[6] for row in months] == ["2026-10-01", "2026-11-01"]
    assert sum(Decimal(row[7]) for row in months) == 39
    all_days = export("tilleuls", by="day", **{"from": "2026-10-01", "to": "2026-12-01"})[1:]
    assert sum(Decimal(row[7]) for row in all_days) == 39
    assert export("teplo", by="day", **{"from": "2026-10-01", "to": "2026-12-01"}) == [HEADER]


def test_export_of_an_exchanged_meter_is_one_series(box: Box) -> None:
    old = box.register()
    moment = datetime(2026, 10, 5, 12, tzinfo=UTC)
    with tenant_scope(box.programme.pk):
        MeterRef.objects.update(valid_to=moment)
    new = box.register()
    with tenant_scope(box.programme.pk):
        store(old, {"2026-10-05T00:00+02:00": 1000, "2026-10-05T12:00Z": 1700})
        store(new, {"2026-10-05T12:00Z": 0, "2026-10-06T00:00+02:00": 5})
    rows = export("tilleuls", by="day", **{"from": "2026-10-05", "to": "2026-10-07"})
    assert [row[6:] for row in rows[1:]] == [["2026-10-05", "0.705", "measured"]]


@pytest.mark.parametrize("change", [{"from": "2026-13-01"}, {"by": "year"}, {"from": "2027-01-01"}])
def test_export_refuses_what_makes_no_sense(world: World, change: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        export("tilleuls", **{"by": "day", "from": "2026-10-01", "to": "2026-11-01", **change})
    with pytest.raises(CommandError):
        export("nobody", by="day", **{"from": "2026-10-01", "to": "2026-11-01"})


@pytest.mark.django_db(transaction=True)
def test_two_workers_and_two_gateways_at_once(world: World) -> None:
    """Readings arrive while others recompute; the registers' locks keep every total right."""
    programme = world.ours.programme
    with tenant_scope(programme.pk):
        register = make_register(make_installation())
        store(register, {"2026-06-01T00:00+02:00": 0})
    faults: list[BaseException] = []
    start = threading.Barrier(4)

    def work(task: Any) -> None:
        try:
            start.wait()
            for turn in range(12):
                task(turn)
        except BaseException as error:
            faults.append(error)
            raise
        finally:
            connection.close()

    def send(first: int) -> Any:
        def task(turn: int) -> None:
            hour = 2 * turn + first
            with tenant_scope(programme.pk):
                store(register, {f"2026-06-02T{hour:02}:30+02:00": 10 * hour + 5})

        return task

    def drain(turn: int) -> None:
        totals_drain(programme_id=programme.pk)

    threads = [threading.Thread(target=work, args=[task]) for task in (send(0), send(1), drain, drain)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults
    with tenant_scope(programme.pk):
        found = days(register)
        assert {day: quantity for day, (quantity, _s) in found.items()} == {1: 5, 2: 230}


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_a_recomputation_waits_for_the_register(world: World, postgres: None) -> None:
    """What a gateway is about to commit is counted, not missed: on SQLite there is one writer at a time."""
    programme = world.ours.programme
    with tenant_scope(programme.pk):
        register = make_register(make_installation())
        store(register, {"2026-06-01T00:00+02:00": 0, "2026-06-02T00:00+02:00": 10})
    drained = threading.Event()

    def drain() -> None:
        try:
            totals_drain(programme_id=programme.pk)
        finally:
            drained.set()
            connection.close()

    thread = threading.Thread(target=drain)
    with tenant_scope(programme.pk):
        store(register, {"2026-06-01T12:00+02:00": 9})
        thread.start()
        assert not drained.wait(0.4), "it did not wait for the transaction that holds the register"
    thread.join()
    with tenant_scope(programme.pk):
        assert not TouchedSpan.objects.exists()
        assert DayTotal.objects.values_list("quantity", "status").get() == (10, MEASURED)
