"""Reading the archive of a metering point: last values, completeness, tables, charts, export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Max, Min, QuerySet

from readings.archives.parameters import flag_words, label_of, unit_label
from readings.ingest.columns import COLUMNS, EXTRA_MARKS, MASKS, NAMES
from readings.ingest.report import period_end
from readings.ingest.wallclock import WallClock, as_utc, point_zone
from readings.models import ArchiveRecord, ArchiveSeries, DeviceFault
from servers.models import Meter, MeteringPoint, MeterInstallation

# What a heating engineer looks at first, in that order.
FIRST = ("Q_delta", "T_in", "T_out", "M_in", "M_out", "V_in", "V_out", "P_in", "P_out")


def series_ids(point: MeteringPoint, kind: str) -> list[int]:
    """One a meter that has hung there."""
    return list(ArchiveSeries.objects.filter(point=point, kind=kind).values_list("pk", flat=True))


def meter_of(point: MeteringPoint) -> Meter | None:
    """The meter that hangs there now, else the last one that did."""
    rows = MeterInstallation.objects.filter(point=point).select_related("meter")
    hung = (
        rows.filter(removed_at=None).order_by("-installed_at").first()
        or rows.order_by("-installed_at").first()
    )
    return hung.meter if hung else None


@dataclass(frozen=True)
class Extent:
    """What is stored of one kind; `first` and `last` are starts of periods."""

    kind: str
    records: int
    first: int
    last: int


def extents(point: MeteringPoint) -> dict[str, Extent]:
    found = {}
    for kind in ("hour", "day", "month", "totals"):
        ids = series_ids(point, kind)
        span = ArchiveRecord.objects.filter(series_id__in=ids).aggregate(
            records=Count("start"), first=Min("start"), last=Max("start")
        )
        if ids and span["records"]:
            found[kind] = Extent(kind, span["records"], span["first"], span["last"])
    return found


def latest(point: MeteringPoint, found: dict[str, Extent]) -> tuple[int | None, list[dict[str, Any]]]:
    """(instant, values) of the newest hour, else day, that has any."""
    for kind in ("hour", "day", "month"):
        if kind not in found:
            continue
        rows = ArchiveRecord.objects.filter(series_id__in=series_ids(point, kind)).order_by("-start")
        for record in rows[:48]:
            values = [
                {"label": label_of(name), "value": getattr(record, COLUMNS[name]), "unit": unit_label(name)}
                for name in FIRST
                if getattr(record, COLUMNS[name]) is not None
            ]
            if values:
                return int(record.start), values
    return None, []


@dataclass(frozen=True)
class Completeness:
    """How much of [start, end) of local time has records; `percent` is cut, so that 100 means all of it."""

    covered: int
    expected: int

    @property
    def percent(self) -> Decimal:
        if not self.expected:
            return Decimal(0)
        return (Decimal(self.covered * 1000 // self.expected) / 10).quantize(Decimal("0.1"))


def completeness(point: MeteringPoint, start: int, end: int) -> Completeness:
    """Hours that have a record with any value, or lie in a day that has a day record."""
    clock = WallClock(point_zone(point))
    hours = {at - at % 3600 for at in _starts(point, "hour", start, end)}
    for at in _starts(point, "day", start - 86_400 * 2, end):
        day = range(max(at, start), min(period_end(clock, "day", at), end), 3600)
        hours.update(hour - hour % 3600 for hour in day)
    return Completeness(len(hours), max(0, -(-(end - start) // 3600)))


def _starts(point: MeteringPoint, kind: str, start: int, end: int) -> Iterator[int]:
    rows = ArchiveRecord.objects.filter(
        series_id__in=series_ids(point, kind), start__gte=start, start__lt=end
    ).values_list("start", "t_in", "m_in", "v_in", "q_delta", "q_in", "normal_operation_duration", "extra")
    return (at for at, *values in rows.iterator() if any(value is not None for value in values))


def parameters(point: MeteringPoint, kind: str) -> list[str]:
    """Names that hold at least one value in this kind, in the vocabulary's order."""
    rows = ArchiveRecord.objects.filter(series_id__in=series_ids(point, kind))
    counts = rows.aggregate(**{f"n_{column}": Count(column) for column in COLUMNS.values()})
    return [name for name, column in COLUMNS.items() if counts[f"n_{column}"]]


def records(point: MeteringPoint, kind: str, start: int, end: int) -> list[ArchiveRecord]:
    """Of [start, end), oldest first; where two meters overlap, the newer one's series comes second."""
    rows = ArchiveRecord.objects.filter(
        series_id__in=series_ids(point, kind), start__gte=start, start__lt=end
    ).order_by("start", "series_id")
    return list(rows)


def faults(point: MeteringPoint, start: int, end: int, limit: int = 50) -> list[DeviceFault]:
    rows = DeviceFault.objects.filter(series__point=point, at__gte=start, at__lt=end)
    return list(rows.order_by("-at", "pk")[:limit])


def masks_of(record: ArchiveRecord) -> dict[str, int]:
    return {mask: getattr(record, mask) for mask in MASKS}


def number_text(value: float | None) -> str:
    """The shortest digits that read back as the same value, never with an exponent; empty for none."""
    if value is None:
        return ""
    text = format(Decimal(repr(value)), "f")
    return text[:-2] if text.endswith(".0") else text


def csv_rows(point: MeteringPoint, kind: str, start: int | None, end: int | None) -> Iterator[list[str]]:
    """A head, then one row a record: start in local time with its offset, each parameter, flags."""
    clock = WallClock(point_zone(point))
    rows = ArchiveRecord.objects.filter(series_id__in=series_ids(point, kind))
    if start is not None:
        rows = rows.filter(start__gte=start)
    if end is not None:
        rows = rows.filter(start__lt=end)
    yield from table_of(rows, clock)


def table_of(rows: QuerySet[ArchiveRecord], clock: WallClock) -> Iterator[list[str]]:
    """The same of any records: the columns of rare parameters are those that these records hold."""
    rare: set[str] = set()
    for extra in rows.exclude(extra=None).values_list("extra", flat=True).iterator(chunk_size=1000):
        rare.update(key for key in extra or () if key != EXTRA_MARKS)
    names = sorted(rare)
    yield ["start", *NAMES, *names, "flags"]
    for record in rows.order_by("start", "series_id").iterator(chunk_size=1000):
        extra = record.extra or {}
        yield [
            clock.iso(record.start),
            *(number_text(getattr(record, column)) for column in COLUMNS.values()),
            *(number_text(extra.get(name)) for name in names),
            flag_words(record.flags, masks_of(record)),
        ]


def numbered(row: list[str]) -> list[Any]:
    """A row of `csv_rows` for a spreadsheet: time and flags stay texts, values become exact numbers."""
    return [row[0], *(Decimal(text) if text else None for text in row[1:-1]), row[-1]]


def month_bounds(clock: WallClock, day: date) -> tuple[int, int]:
    first = day.replace(day=1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return clock.day_start(first), clock.day_start(following)


def now_epoch() -> int:
    return int(datetime.now(UTC).timestamp())


__all__ = ["as_utc", "completeness", "csv_rows", "extents", "latest", "meter_of", "parameters", "records"]
