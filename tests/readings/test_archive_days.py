"""Plain days are added up by the database and the others record by record: both ways give the same totals."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.tenancy import tenant_scope
from readings.archives import totals as archive_totals
from readings.archives.totals import Change, recompute_all
from readings.models import ArchiveKind, ArchiveRecord, ArchiveSeries, DayTotal, ImportJob
from servers.models import MeteringPoint, Register
from testkit.world import World
from tests.readings.archive_kit import make_point

pytestmark = pytest.mark.django_db
START = int(datetime(2025, 10, 20, 12, tzinfo=UTC).timestamp())  # the clock is put back within, where one is
ZONES = ("Asia/Yakutsk", "Europe/Paris", "")
Rows = list[tuple[int, int, int, int, int]]


@pytest.fixture(params=[ArchiveKind.HOUR, ArchiveKind.DAY])
def series(world: World, request: pytest.FixtureRequest) -> Any:
    with tenant_scope(world.utility.programme.pk):
        found = []
        for number, zone in enumerate(ZONES):
            point = make_point(str(101 + number), serial=f"{number:08}", time_zone=zone)
            stay = point.installations.get()
            found.append(ArchiveSeries.objects.create(point=point, meter=stay.meter, kind=request.param))
        job = ImportJob.objects.create(file_name="x", sha256="0" * 64, size=1)
        yield found, job


def change(found: list[ArchiveSeries], job: ImportJob, rng: random.Random) -> list[Change]:
    """Put hours (or days, now and then two in one) in, take some away, mark some; returns what has changed."""
    changes = []
    for one in found:
        first = START + 3600 * rng.randrange(0, 200)
        step = 3600 if one.kind == ArchiveKind.HOUR else rng.choice((86_400, 86_400, 40_000))
        starts = [
            first + step * n for n in range(rng.randrange(20, 150) * 3600 // step + 2) if rng.random() > 0.01
        ]
        ArchiveRecord.objects.filter(series=one, start__gte=first, start__lte=starts[-1]).delete()
        ArchiveRecord.objects.bulk_create(
            ArchiveRecord(
                series=one, start=start, import_job=job,
                q_delta=rng.choice((0.1, 1.2345675, 7.0, 123456789.0000005)),
                v_in=rng.choice((None, 0.25)) if rng.random() < 0.02 else 0.5,
                m_in=3.5 if one is found[0] else None,
                bad=rng.choice((0, 0, 0, 0, 0, 1 << 15)), calculated=rng.choice((0, 0, 0, -1)),
            )
            for start in starts
        )  # fmt: skip
        changes.append(Change(MeteringPoint.objects.get(pk=one.point_id), one.meter_id, first, starts[-1]))
    return changes


def stored() -> Rows:
    rows = DayTotal.objects.order_by("register", "day")
    return list(rows.values_list("register_id", "day", "quantity", "seconds", "status"))


@pytest.mark.parametrize("seed", range(4))
def test_both_ways_to_a_days_total_agree(series: Any, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found, job = series
    rng = random.Random(seed)
    for _turn in range(4):
        recompute_all(change(found, job, rng))
    by_database = stored()
    assert len({register for register, *_ in by_database}) >= 5
    everything = [Change(one.point, one.meter_id, START - 86_400, START + 86_400 * 30) for one in found]
    recompute_all(everything)  # and what was followed step by step is what is there
    assert stored() == by_database
    monkeypatch.setattr(archive_totals._Archive, "parted", lambda self, day, end, decided: ([], [(day, end)]))
    DayTotal.objects.all().delete()
    recompute_all(everything)
    assert stored() == by_database


@pytest.mark.parametrize("series", [ArchiveKind.HOUR], indirect=True)
def test_a_day_that_is_whole_no_more_loses_its_total(series: Any) -> None:
    (one, *_), job = series
    begin = START + 3 * 3600  # midnight in Yakutsk
    ArchiveRecord.objects.bulk_create(
        ArchiveRecord(series=one, start=begin + 3600 * n, import_job=job, q_delta=1.5, v_in=2, m_in=3)
        for n in range(72)
    )
    everything = Change(one.point, one.meter_id, begin, begin + 72 * 3600)
    recompute_all([everything])
    assert {(ref, quantity) for ref, quantity in DayTotal.objects.values_list("register__ref", "quantity")} == {
        ("Q_delta", 36_000_000), ("V_in", 48_000_000), ("M_in", 72_000_000)
    }  # fmt: skip
    assert DayTotal.objects.count() == 9
    Register.objects.filter(ref="Q_delta").update(retired_at=datetime(2026, 1, 1, tzinfo=UTC))
    ArchiveRecord.objects.update(v_in=None)
    ArchiveRecord.objects.filter(start=begin + 30 * 3600).delete()
    recompute_all([everything])
    rows = DayTotal.objects.values_list("register__ref", "register__retired_at", "day").order_by(
        "register", "day"
    )
    days = [datetime.fromtimestamp(begin + 86_400 * n + 43_200, UTC).toordinal() for n in (0, 2)]
    # what a retired register counted is not counted twice, and the second day is not whole
    assert list(rows) == [(ref, None, day) for ref in ("M_in", "Q_delta") for day in days]
