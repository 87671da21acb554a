"""The rules over imported archives: runs of records, standstills, days against their hours, and decisions about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from accounts.tenancy import tenant_scope
from readings.archives.totals import recompute
from readings.models import ArchiveRecord, ArchiveSeries, DayTotal, ImportJob, ReviewItem, TotalStatus
from readings.review.archives import archive_review
from servers.models import Meter, MeteringPoint, MeterInstallation
from testkit.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = int(datetime(2026, 10, 31, 15, tzinfo=UTC).timestamp())  # midnight of 1 November in Chita


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def series(world: World) -> dict[str, ArchiveSeries]:
    with tenant_scope(world.utility.programme.pk):
        point = MeteringPoint.objects.create(
            number="700", name="P", medium="heat", usage="heating", totals_source="archive"
        )
        meter = Meter.objects.create(serial="7", medium="heat")
        MeterInstallation.objects.create(
            meter=meter, point=point, installed_at=datetime(2020, 1, 1, tzinfo=UTC)
        )
        return {
            kind: ArchiveSeries.objects.create(point=point, meter=meter, kind=kind)
            for kind in ("hour", "day")
        }


def fill(series: ArchiveSeries, hours: range, **values: Any) -> None:
    job, _made = ImportJob.objects.get_or_create(file_name="a", sha256="0" * 64, size=1)
    ArchiveRecord.objects.bulk_create(
        ArchiveRecord(
            series=series, start=START + h * 3600, import_job=job,
            **{name: value(h) if callable(value) else value for name, value in values.items()},
        )
        for h in hours
    )  # fmt: skip


def review(*series: ArchiveSeries) -> list[tuple[str, str, int, str]]:
    """(field, rule, values, value) of what is open, after judging all there is, twice."""
    for one in series * 2:
        archive_review(series_id=one.pk, first=START - 86_400, last=START + 40 * 86_400)
    rows = ReviewItem.objects.filter(state="open").order_by("at", "field")
    return list(rows.values_list("field", "rule", "count", "value"))


def totals() -> dict[int, tuple[int, int]]:
    rows = DayTotal.objects.filter(register__ref="Q_delta").values_list("day", "quantity", "status")
    return {date.fromordinal(day).day: (quantity, status) for day, quantity, status in rows}


def test_a_broken_sensor_is_one_item(series: dict[str, ArchiveSeries], world: World) -> None:
    hour = series["hour"]
    with tenant_scope(world.utility.programme.pk):
        warm = lambda h: 70 + h % 7  # noqa: E731
        fill(hour, range(24), t_in=warm, t_out=lambda h: 40 + h % 5, q_delta=0.01)
        assert review(hour) == []
        fill(hour, range(24, 48), t_in=999.0, t_out=lambda h: 40 + h % 5, q_delta=0.01)
        assert review(hour) == [("T_in", "range", 24, "999")]
        fill(hour, range(48, 50), t_in=999.0, q_delta=0.01)
        assert review(hour) == [("T_in", "range", 26, "999")]  # the same item goes on
        for h in (30, 49):  # an import of some of its hours, and of what follows, breaks no run
            archive_review(series_id=hour.pk, first=START + h * 3600, last=START + (h + 1) * 3600)
            assert ReviewItem.objects.get().count == 26
        flagged = ArchiveRecord.objects.exclude(suspect=None)
        assert flagged.count() == 26
        ArchiveRecord.objects.filter(start__gte=START + 24 * 3600).update(t_in=70)
        assert review(hour) == []
        assert not ArchiveRecord.objects.exclude(suspect=None).exists()
        fill(hour, range(50, 120), t_in=64.5)
        assert review(hour) == [("T_in", "frozen", 70, "64.5")]


def test_a_value_is_corrected_left_out_and_restored(
    series: dict[str, ArchiveSeries], world: World, sign_in: Any
) -> None:
    hour, utility = series["hour"], world.utility
    slug = utility.programme.slug
    with tenant_scope(utility.programme.pk):
        fill(hour, range(48), q_delta=lambda h: 50.0 if h == 5 else 0.01)
        recompute(point=hour.point, meter_id=hour.meter_id, first=START, last=START + 47 * 3600)
        assert review(hour) == [("Q_delta", "spike", 1, "50")]
        assert totals() == {1: (50_230_000, TotalStatus.MEASURED), 2: (240_000, TotalStatus.MEASURED)}
        item = ReviewItem.objects.get()
    desk = sign_in(utility.operator)
    url = f"/p/{slug}/readings/review/{item.public_id}/"
    assert (
        desk.post(url, {"decision": "corrected", "value": "0,05", "reason": "seal broken"}).status_code == 302
    )
    with tenant_scope(utility.programme.pk):
        assert totals()[1] == (280_000, TotalStatus.SUBSTITUTED)
        assert ArchiveRecord.objects.get(start=START + 5 * 3600).q_delta == 50.0  # as the meter kept it
        assert review(hour) == []  # judged again, it is decided
    assert desk.post(f"{url}take-back/").status_code == 302
    with tenant_scope(utility.programme.pk):
        assert totals()[1] == (50_230_000, TotalStatus.MEASURED)
    assert desk.post(url, {"decision": "left_out"}).status_code == 302
    with tenant_scope(utility.programme.pk):
        assert list(totals()) == [2]  # an hour short, the day has no total


def test_a_day_record_against_its_hours(series: dict[str, ArchiveSeries], world: World) -> None:
    with tenant_scope(world.utility.programme.pk):
        fill(series["hour"], range(72), q_delta=0.25)
        job = ImportJob.objects.get()
        for day, value in ((0, 6.0), (1, 6.01), (2, 7.0)):
            ArchiveRecord.objects.create(
                series=series["day"], start=START + day * 86_400, q_delta=value, import_job=job
            )
        assert review(series["day"]) == [("Q_delta", "sources_differ", 1, "7")]
        ArchiveRecord.objects.filter(series=series["day"], start=START + 86_400).update(q_delta=8)
        assert review(series["day"]) == [("Q_delta", "sources_differ", 2, "8")]  # days in a row are one item
