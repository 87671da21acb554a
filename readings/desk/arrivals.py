"""Which metering points have given their readings of a period, which were late, which are missing.

What counts is what the archive holds: a file that was taken back, or that brought other days, is no reading of the
period. A point that is read by its index counts by its readings.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from readings.desk.periods import Period
from readings.ingest.wallclock import as_utc
from readings.models import ArchiveRecord, ArchiveSeries, ImportJob, Reading, ReplacedRecord
from servers.models import MeteringPoint, Register

KINDS = ("hour", "day", "month", "totals")
_MANY = 5000  # points of one statement: SQLite takes some thirty thousand values


class Arrival(StrEnum):
    RECEIVED = "received"
    LATE = "late"
    MISSING = "missing"
    WAITED_FOR = "waited_for"  # not there, and not due yet


@dataclass(frozen=True)
class PointArrival:
    """`at`: when the first readings of the period came; `reaches`: the last instant that is stored of any period."""

    point: MeteringPoint
    state: Arrival
    at: datetime | None
    reaches: datetime | None


def points_expected(period: Period) -> QuerySet[MeteringPoint]:
    """Those of contracts that stand in this period."""
    rows = MeteringPoint.objects.filter(retired_at=None).exclude(contract=None)
    return rows.select_related("contract", "programme", "building").order_by(
        "contract__number", "number", "pk"
    )


def arrivals(points: Iterable[MeteringPoint], period: Period) -> list[PointArrival]:
    """In the order of `points`. A handful of statements for any number of them."""
    listed = list(points)
    first, reached = _first_and_last([point.pk for point in listed], period)
    now = timezone.now()
    return [
        PointArrival(
            point,
            _state(first.get(point.pk), period, now),
            first.get(point.pk),
            as_utc(reached[point.pk]) if point.pk in reached else None,
        )
        for point in listed
    ]


def _state(at: datetime | None, period: Period, now: datetime) -> Arrival:
    if at is not None:
        return Arrival.RECEIVED if at < period.deadline else Arrival.LATE
    return Arrival.MISSING if now >= period.deadline else Arrival.WAITED_FOR


def _first_and_last(points: list[int], period: Period) -> tuple[dict[int, datetime], dict[int, int]]:
    """point -> when the first readings of the period came; point -> its last stored instant."""
    first: dict[int, datetime] = {}
    last: dict[int, int] = {}

    def came(point: int, at: datetime | None) -> None:
        if at is not None and (point not in first or at < first[point]):
            first[point] = at

    start, end = period.span
    for part in range(0, len(points), _MANY):
        some = points[part : part + _MANY]
        series = dict(
            ArchiveSeries.objects.filter(point__in=some, kind__in=KINDS).values_list("pk", "point_id")
        )
        inside = {"series_id__in": list(series), "start__gte": start, "start__lt": end}
        for rows in (ArchiveRecord.objects.filter(**inside), ReplacedRecord.objects.filter(**inside)):
            pairs = rows.order_by().values_list("series_id", "import_job_id").distinct()
            _of_files(list(pairs), series, came)
        read = Reading.objects.filter(register__installation__point__in=some, used=True).order_by()
        place = "register__installation__point_id"
        timely = read.filter(at__gte=start, at__lt=end).values(place).annotate(at_first=Min("received_at"))
        for one in timely:
            came(one[place], one["at_first"])
        for point, reached in _reached(some):
            last[point] = max(last.get(point, reached), reached)
    return first, last


def _reached(points: list[int]) -> Iterator[tuple[int, int]]:
    """(point, last stored instant) of each series and register that has one: one look into the index for each, however
    long its history is. The greatest of all records of a group would read them all."""
    records = ArchiveRecord.objects.filter(series=OuterRef("pk")).order_by("-start").values("start")[:1]
    series = ArchiveSeries.objects.filter(point__in=points, kind__in=KINDS).annotate(last=Subquery(records))
    yield from series.exclude(last=None).order_by().values_list("point_id", "last")
    readings = Reading.objects.filter(register=OuterRef("pk"), used=True).order_by("-at").values("at")[:1]
    registers = Register.objects.filter(installation__point__in=points).annotate(last=Subquery(readings))
    yield from registers.exclude(last=None).order_by().values_list("installation__point_id", "last")


def _of_files(pairs: list[tuple[int, int]], series: dict[int, int], came: object) -> None:
    """When the files were handed in that brought these records: accepting them may have taken until later."""
    jobs = dict(
        ImportJob.objects.filter(pk__in={job for _series, job in pairs}).values_list("pk", "created_at")
    )
    for one, job in pairs:
        came(series[one], jobs.get(job))  # type: ignore[operator]
