"""What archives become: day totals against an oracle, index readings, clock changes, exports."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command

from accounts.tenancy import tenant_scope
from readings.ingest.columns import COLUMNS
from readings.models import ArchiveRecord, DayTotal, Reading, SupersededReading, TouchedSpan
from servers.models import Meter, MeteringPoint, MeterInstallation, Register
from testkit.world import World
from tests.readings.archive_kit import SAMPLES, epoch, lers, make_point, run_import

pytestmark = pytest.mark.django_db
SLUG = "teplo"


def put(folder: Path, data: bytes, **options: Any) -> dict[str, Any]:
    path = folder / f"{random.random()}.xml"
    path.write_bytes(data)
    return run_import(SLUG, path, **options)[1][0]


def make(world: World, **fields: Any) -> MeteringPoint:
    with tenant_scope(world.utility.programme.pk):
        return make_point("101", **fields)


def totals(world: World, ref: str = "Q_delta") -> dict[date, tuple[int, int, int]]:
    with tenant_scope(world.utility.programme.pk):
        rows = DayTotal.objects.filter(register__ref=ref).values_list("day", "quantity", "seconds", "status")
        return {date.fromordinal(day): (quantity, seconds, status) for day, quantity, seconds, status in rows}


def starts(world: World) -> list[int]:
    with tenant_scope(world.utility.programme.pk):
        return list(ArchiveRecord.objects.order_by("start").values_list("start", flat=True))


def local_hours(zone: str, first: date, days: int) -> list[tuple[datetime, str]]:
    """Every hour of some local days: (instant, wall clock as a meter writes it)."""
    tz = ZoneInfo(zone)
    at = datetime(first.year, first.month, first.day, tzinfo=tz).astimezone(UTC)
    end = first + timedelta(days=days)
    found = []
    while (local := at.astimezone(tz)).date() < end:
        found.append((at, f"{local:%Y-%m-%dT%H:%M:%S}"))
        at += timedelta(hours=1)
    return found


@pytest.mark.parametrize(
    ("zone", "first", "hours"),
    [
        ("Europe/Paris", date(2026, 10, 25), 25), ("Europe/Paris", date(2026, 3, 29), 23),
        ("Asia/Chita", date(2014, 10, 26), 26), ("Asia/Chita", date(2026, 3, 29), 24),
        ("Asia/Kathmandu", date(2026, 3, 29), 24),
    ],
)  # fmt: skip
def test_hours_of_a_day_when_the_clock_changes(
    world: World, tmp_path: Path, zone: str, first: date, hours: int
) -> None:
    """Exactly the instants that were, in order; the day has all its hours and none of its neighbours'."""
    make(world, time_zone=zone)
    walls = local_hours(zone, first - timedelta(days=1), 3)
    values = [random.Random(n).randrange(10**6) for n in range(len(walls))]
    file = lers([(wall, {"Q_delta": f"{v / 10**6:.6f}"}) for (_, wall), v in zip(walls, values, strict=True)])
    for attempt in range(2):  # the second time nothing may change
        report = put(tmp_path, file)
        assert report["issues"] == []
        assert report["points"][0]["gaps"] == []
        assert report["points"][0]["intervals"][0]["skipped" if attempt else "accepted"] == len(walls)
        assert starts(world) == [int(at.timestamp()) for at, _ in walls]
    tz = ZoneInfo(zone)
    wanted: dict[date, list[int]] = {}
    for (at, _), value in zip(walls, values, strict=True):
        wanted.setdefault(at.astimezone(tz).date(), []).append(value)
    assert len(wanted[first]) == hours
    assert totals(world) == {day: (sum(v), len(v) * 3600, 0) for day, v in wanted.items()}


def test_an_hour_that_the_clock_skipped_is_told_and_left_out(world: World, tmp_path: Path) -> None:
    make(world, time_zone="Europe/Paris")
    report = put(tmp_path, lers([(f"2026-03-29T0{h}:00:00", {"Q_delta": "1"}) for h in range(4)]))
    assert [(i["code"], i["value"]) for i in report["issues"]] == [("skipped_time", "2026-03-29T02:00:00")]
    (interval,) = report["points"][0]["intervals"]
    assert (interval["in_file"], interval["accepted"], interval["rejected"]) == (4, 3, 1)


def test_an_offset_in_the_stamp_tells_the_two_passes_apart_and_is_checked(
    world: World, tmp_path: Path
) -> None:
    make(world, time_zone="Europe/Paris")
    passes = ["2026-10-25T02:00:00+01:00", "2026-10-25T02:00:00+02:00"]  # the second one first
    report = put(tmp_path, lers([(stamp, {"Q_delta": "1"}) for stamp in passes]))
    assert report["issues"] == []
    assert starts(world) == sorted(epoch(stamp) for stamp in passes)
    report = put(tmp_path, lers([("2026-06-01T00:00:00+09:00", {"Q_delta": "1"})]))
    assert [i["code"] for i in report["issues"]] == ["offset_differs"]
    assert starts(world)[0] == epoch("2026-06-01T00:00:00+02:00")  # the wall clock stays


def test_day_totals_equal_an_oracle_whatever_arrives_when(world: World, tmp_path: Path) -> None:
    """The day record, else all of its hours, else none; in any order and any mixture of files."""
    make(world)
    rng = random.Random(14)
    zone = ZoneInfo("Asia/Chita")
    first = date(2026, 1, 1)
    hours = {
        at: rng.randrange(10**6) for at, _ in local_hours("Asia/Chita", first, 12) if rng.random() < 0.985
    }
    days = {first + timedelta(d): rng.randrange(10**7) for d in range(12) if rng.random() < 0.3}
    parts: list[tuple[str, list[tuple[str, dict[str, Any]]]]] = []
    items = sorted(hours.items())
    for at in range(0, len(items), 40):
        chunk = items[at : at + 40]
        parts.append(
            (
                "Hour",
                [
                    (f"{a.astimezone(zone):%Y-%m-%dT%H:%M:%S}", {"Q_delta": f"{v / 10**6:.6f}"})
                    for a, v in chunk
                ],
            )
        )
    parts += [("Day", [(f"{d}T00:00:00", {"Q_delta": f"{v / 10**6:.6f}"})]) for d, v in days.items()]
    rng.shuffle(parts)
    for kind, records in parts:
        put(tmp_path, lers(records, kind=kind))
    wanted = {}
    for offset in range(12):
        day = first + timedelta(offset)
        mine = [v for at, v in hours.items() if at.astimezone(zone).date() == day]
        if day in days:
            wanted[day] = (days[day], 86_400, 0)
        elif len(mine) == 24:
            wanted[day] = (sum(mine), 86_400, 0)
    assert wanted
    assert len(wanted) < 12
    assert totals(world) == wanted


def test_a_replaced_value_moves_the_total_and_a_bad_one_marks_it(world: World, tmp_path: Path) -> None:
    make(world)
    day = [(f"2026-01-15T{h:02}:00:00", {"Q_delta": "0.1", "V_in": "2"}) for h in range(24)]
    put(tmp_path, lers(day))
    assert totals(world)[date(2026, 1, 15)] == (2_400_000, 86_400, 0)
    assert totals(world, "V_in")[date(2026, 1, 15)] == (48_000_000, 86_400, 0)
    put(
        tmp_path,
        lers([("2026-01-15T05:00:00", {"Q_delta": "0.2", "V_in": "2", "badValues": "4096"})]),
        replace=True,
    )
    assert totals(world)[date(2026, 1, 15)] == (2_500_000, 86_400, 2)
    with tenant_scope(world.utility.programme.pk):
        register = Register.objects.get(ref="Q_delta")
        assert (register.quantity, register.unit, register.exponent) == ("energy", "Gcal", -6)


def test_an_archive_before_an_exchange_belongs_to_the_old_meter(world: World, tmp_path: Path) -> None:
    point = make(world)
    with tenant_scope(world.utility.programme.pk):
        exchange = datetime(2026, 1, 10, 3, 0, tzinfo=UTC)
        MeterInstallation.objects.filter(point=point).update(removed_at=exchange)
        new = Meter.objects.create(serial="999", medium="heat")
        MeterInstallation.objects.create(meter=new, point=point, installed_at=exchange)
    stamps = [f"2026-01-{d:02}T00:00:00" for d in range(8, 13)]
    put(tmp_path, lers([(s, {"Q_delta": "1"}) for s in stamps], kind="Day", serial=None))
    with tenant_scope(world.utility.programme.pk):
        serials = ArchiveRecord.objects.order_by("start").values_list("series__meter__serial", flat=True)
        assert list(serials) == ["00000001"] * 3 + ["999"] * 2
    assert len(totals(world)) == 5
    assert put(tmp_path, lers([("2026-01-08T00:00:00", {"Q_delta": "1"})], kind="Day"))["status"] == "done"


def test_totals_records_are_index_readings_of_an_index_point(world: World, tmp_path: Path) -> None:
    make(world, source="index")
    stamps = [(f"2026-01-0{d}T00:00:00", {"Q_delta": f"{5500 + d}.5", "V_in": "10"}) for d in range(1, 4)]
    put(tmp_path, lers(stamps, kind="Totals"))
    put(tmp_path, lers([(stamps[0][0], {"Q_delta": "7", "V_in": "10"})], kind="Totals"), replace=True)
    put(tmp_path, lers([("2026-01-01T00:00:00", {"Q_delta": "1"})], kind="Day"))
    with tenant_scope(world.utility.programme.pk):
        rows = Reading.objects.filter(register__ref="Q_delta").order_by("at").values_list("value", "source")
        assert list(rows) == [(7_000_000, 3), (5_502_500_000, 3), (5_503_500_000, 3)]
        assert SupersededReading.objects.get().value == 5_501_500_000
        assert TouchedSpan.objects.filter(register__ref="Q_delta").exists()
        assert not DayTotal.objects.exists()  # this point is billed from its index: no second source


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not on this machine")
def test_an_export_reads_back_as_what_was_stored(world: World) -> None:
    make(world)
    run_import(SLUG, SAMPLES / "recon-a-hour-flags.xml")
    out = io.StringIO()
    call_command("export_archive", programme=SLUG, point="101", kind="hour", stdout=out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    with tenant_scope(world.utility.programme.pk):
        records = list(ArchiveRecord.objects.order_by("start"))
    assert [epoch(row["start"]) for row in rows] == [record.start for record in records]
    for row, record in zip(rows, records, strict=True):
        for name, column in COLUMNS.items():
            value = getattr(record, column)
            assert row[name] == "" if value is None else Decimal(row[name]) == Decimal(repr(value))
    assert rows[0]["start"] == "2026-01-15T00:00:00+09:00"
    flags = {row["flags"] for row in rows}
    assert {"", "MissingInDevice", "IncompleteData", "T_out[B]"} <= flags
    out = io.StringIO()
    span = {"start": "2026-01-15T02:00", "end": "2026-01-15T05:00"}
    call_command("export_archive", programme=SLUG, point="101", kind="hour", stdout=out, **span)
    assert [row["start"][11:13] for row in csv.DictReader(io.StringIO(out.getvalue()))] == ["02", "03", "04"]


def test_a_rare_parameter_is_kept_and_exported(world: World, tmp_path: Path) -> None:
    make(world)
    put(
        tmp_path,
        lers(
            [
                ("2026-01-15T00:00:00", {"T_in": "90", "Humidity": "41.5"}),
                ("2026-01-15T01:00:00", {"T_in": "90"}),
            ]
        ),
    )
    out = io.StringIO()
    call_command("export_archive", programme=SLUG, point="101", kind="hour", stdout=out)
    assert [row["Humidity"] for row in csv.DictReader(io.StringIO(out.getvalue()))] == ["41.5", ""]
