"""Accepted archives of a period in one ZIP: a file a metering point and meter, as CSV or as LERS XML."""

from __future__ import annotations

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from typing import IO

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.errors import DomainError
from readings.archives.selectors import table_of
from readings.desk.lers_out import point_xml
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ArchiveRecord, ArchiveSeries

MOST_AT_ONCE = 60_000  # some four seconds; a month of hours of eighty points. More is made by a worker
MOST_RECORDS = 20_000_000
IN_MEMORY = 20_000_000
_DAY = 86_400


def archives_zip(
    *, first: date, last: date, kind: str, form: str, most: int = MOST_AT_ONCE
) -> tuple[IO[bytes], int]:
    """(the ZIP, how many files it holds). `kind` hour or day, `form` csv or lers. Called in scope.

    Raises `too_many_records`, or `no_records` when the period holds none.
    """
    series = list(
        ArchiveSeries.objects.filter(kind=kind)
        .select_related("point__programme", "point__building", "meter")
        .order_by("point__number", "pk")
    )
    _count(series, first, last, most)
    out = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - the response closes it
    files = 0
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for one in series:
            files += _write(packed, one, first, last, form)
    if not files:
        out.close()
        raise DomainError("no_records", problem_text("no_records"))
    out.seek(0)
    return out, files


def _count(series: list[ArchiveSeries], first: date, last: date, most: int) -> None:
    """By days of UTC, a little wide: enough to refuse what would take minutes."""
    start = (first.toordinal() - date(1970, 1, 1).toordinal() - 1) * _DAY
    end = (last.toordinal() - date(1970, 1, 1).toordinal() + 2) * _DAY
    ids = [one.pk for one in series]
    rows = ArchiveRecord.objects.filter(Q(start__gte=start) & Q(start__lt=end), series_id__in=ids)
    if rows[: most + 1].count() > most:
        raise DomainError("too_many_records", problem_text("too_many_records", most))


def problem_text(code: str, most: int = MOST_RECORDS) -> str:
    """Why nothing was made."""
    if code == "no_records":
        return _("Nothing was accepted for this period.")
    if most < MOST_RECORDS:
        return _("These are too many records to wait for: have the ZIP made and download it then.")
    return _("These are too many records for one file. Choose a shorter period.")


def _write(packed: zipfile.ZipFile, series: ArchiveSeries, first: date, last: date, form: str) -> int:
    clock = WallClock(point_zone(series.point))
    start, end = clock.day_start(first), clock.day_start(last + timedelta(days=1))
    rows = ArchiveRecord.objects.filter(series=series, start__gte=start, start__lt=end).order_by("start")
    if not rows.exists():
        return 0
    name = "_".join(
        _safe(part) for part in (series.point.number or "point", series.meter.serial, series.kind)
    )
    ending = "xml" if form == "lers" else "csv"
    entry = zipfile.ZipInfo(f"{name}_{series.pk}.{ending}", timezone.now().timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    with packed.open(entry, "w") as file:
        if form == "lers":
            records = rows.iterator(chunk_size=1000)
            parts = point_xml(series.point, series.meter, series.kind, records, clock, created=timezone.now())
        else:
            parts = _csv(rows, clock)
        for part in parts:
            file.write(part)
    return 1


def _csv(rows: QuerySet[ArchiveRecord], clock: WallClock) -> Iterator[bytes]:
    """As the export of one point: start with its offset, each parameter, flags; decimal point, comma."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for row in table_of(rows, clock):
        writer.writerow(row)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def _safe(text: str) -> str:
    return re.sub(r"[^\w-]+", "-", text)[:40].strip("-") or "x"
