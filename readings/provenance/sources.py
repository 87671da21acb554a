"""What a reading was taken from, word for word: the row of an archive or of a table, the telegram of a meter."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.tables import TableError, table_read
from readings.imports.profile import profile_for_reader
from readings.ingest.resolve import same_serial
from readings.lers.model import DEFAULT_LIMITS, ArchiveRow, DeviceErrorRow, LersRefused
from readings.lers.reader import read_archive
from readings.models import ArchiveRecord, ImportJob, RawTelegram, Reading
from readings.provenance.access import Traced
from readings.tabular.mapping import column_names, mapping_of
from readings.tabular.places import Places
from readings.tabular.rows import TableReading, rows_read
from servers.models import MeteringPoint, MeterRef

LARGEST = 30 * 1024 * 1024  # bytes of a stored file that is read again for one row of it


@dataclass
class FileRow:
    """What stands in the file for one record: the line where it begins (from 1), and its texts as they are written."""

    line: int
    values: dict[str, str]


def _is_at_hand(job: ImportJob) -> bool:
    return bool(job.stored_as) and job.size <= LARGEST and default_storage.exists(job.stored_as)


# -- archives ----------------------------------------------------------------------------------------------------
class _Found(Exception):
    pass


class _Finder:
    """A sink that waits for one record."""

    def __init__(self, *, kind: str, start: datetime, number: str | None, serial: str) -> None:
        self.kind, self.start, self.number, self.serial = kind, start, number, serial
        self.row: FileRow | None = None

    def rows(self, rows: list[ArchiveRow]) -> None:
        for row in rows:
            if row.start == self.start and self._is_ours(row):
                self.row = FileRow(row.line, dict(zip(row.names, row.texts, strict=True)))
                raise _Found

    def _is_ours(self, row: ArchiveRow) -> bool:
        series = row.series
        return (
            (series.kind or "hour") == self.kind
            and (series.point is None or series.point == self.number)
            and (not series.serial or same_serial(series.serial, self.serial))
        )

    def device_errors(self, rows: list[DeviceErrorRow]) -> None:
        pass


def file_row(traced: Traced, record: ArchiveRecord, kind: str, job: ImportJob) -> FileRow | None:
    """The row of the uploaded file that a record was made of, read from the stored file again. None if it is gone."""
    if not _is_at_hand(job):
        return None
    installation = traced.register.installation
    finder = _Finder(
        kind=kind, start=_stamp(traced, record, kind, job), number=installation.point.number,
        serial=installation.meter.serial,
    )  # fmt: skip
    with contextlib.suppress(_Found, LersRefused, OSError):
        read_archive(
            Path(default_storage.path(job.stored_as)), sink=finder, profile=profile_for_reader(job.profile),
            limits=DEFAULT_LIMITS, progress=None,
        )  # fmt: skip
    return finder.row


def _stamp(traced: Traced, record: ArchiveRecord, kind: str, job: ImportJob) -> datetime:
    """As the meter wrote it: hours by the clock of its profile, days by that of its point."""
    named = job.profile.time_zone if job.profile is not None and kind not in ("day", "month") else ""
    return datetime.fromtimestamp(record.start, ZoneInfo(named) if named else traced.zone).replace(
        tzinfo=None
    )


# -- tables ------------------------------------------------------------------------------------------------------
class _WhateverIsClosed(Places):
    """What was taken then was open then."""

    def closed(self, point: MeteringPoint, day: date) -> bool:
        return False


def table_row(traced: Traced, reading: Reading, job: ImportJob) -> FileRow | None:
    """The row of the table that brought an index, read from the stored table again. None if it is gone."""
    if not _is_at_hand(job):
        return None
    point = traced.register.installation.point
    places = _WhateverIsClosed(MeteringPoint.objects.filter(pk=point.pk), job.point)
    mapping = mapping_of(job.mapping)
    with default_storage.open(job.stored_as) as file, contextlib.suppress(TableError, OSError):
        table = table_read(file, job.file_name)
        names = column_names(table.header)
        for row in table.rows:
            item = next(rows_read((row,), names, mapping, places, timezone.now()))
            if isinstance(item, TableReading) and _is_of(item, traced, reading):
                return FileRow(row.line, dict(zip(names, row, strict=True)))
    return None


def _is_of(item: TableReading, traced: Traced, reading: Reading) -> bool:
    register = traced.register
    return (item.point.pk, item.counter.ref, item.at, item.value) == (
        register.installation.point_id, register.ref, reading.at, reading.value,
    )  # fmt: skip


# -- telegrams ---------------------------------------------------------------------------------------------------
def telegrams_of(traced: Traced, readings: Iterable[Reading]) -> dict[int, list[str]]:
    """Instant -> the frames of the meter's raw answer, where its gateway brought it along and it is still kept."""
    instants = {one.at for one in readings if one.source == Reading.Source.GATEWAY}
    refs = set(
        MeterRef.objects.filter(meter_id=traced.register.installation.meter_id).values_list(
            "server_id", "ref"
        )
    )
    kept = RawTelegram.objects.filter(at__in=instants, meter_ref__in={ref for _server, ref in refs})
    return {one.at: one.frames.split(",") for one in kept if (one.server_id, one.meter_ref) in refs}
