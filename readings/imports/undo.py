"""Taking a whole import back: its new records go, what it replaced or completed stands again, totals follow.

Exact, because the history keeps every column as it was; refused where a later import stands on this one's records,
or where the period is closed. Done twice it is done once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.services.audit import audit_record
from accounts.templatetags.releve import local_day
from readings.archives.totals import recompute
from readings.imports.closed import closed_day
from readings.imports.readings_before import readings_changed_since, readings_put_back
from readings.ingest.columns import DATA_COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import (
    ArchiveKind,
    ArchiveRecord,
    ArchiveSeries,
    DeviceFault,
    ImportJob,
    ReplacedRecord,
)
from readings.review.archives import archive_review_ring
from servers.models import MeteringPoint

DONE = (ImportJob.State.DONE, ImportJob.State.DONE_WITH_ISSUES)
CHUNK = 500
Span = tuple[int, int, int]  # series, first and last instant that the import changed


@transaction.atomic
def import_undo(*, actor: Actor, job: ImportJob) -> bool:
    """Take `job` back; False if it was taken back before. Raises `not_done`, `replaced_since`, `period_closed`."""
    locked = ImportJob.objects.select_for_update(no_key=True).get(pk=job.pk)
    if locked.state == ImportJob.State.UNDONE:
        return False
    if locked.state not in DONE:
        raise DomainError("not_done", _("Only an accepted file can be taken back."))
    spans = spans_of(locked)
    series = {row.pk: row for row in ArchiveSeries.objects.filter(pk__in=[pk for pk, *_rest in spans])}
    points = _points_lock(locked, series.values())
    _refuse_if_closed(points, spans, series)
    _refuse_if_built_upon(locked)
    removed, restored = _records_put_back(locked, spans)
    faults, _by_model = DeviceFault.objects.filter(import_job=locked, series__in=series).delete()
    readings = readings_put_back(locked, timezone.now())
    _totals_follow(points, spans, series)
    ImportJob.objects.filter(pk=locked.pk).update(
        state=ImportJob.State.UNDONE, undone_at=timezone.now(), undone_by=actor.user
    )
    audit_record(
        actor=actor, action="archive.undone", target_kind="import", target=str(locked.public_id),
        detail={"removed": removed, "restored": restored, "device_faults": faults, "readings": readings},
    )  # fmt: skip
    job.refresh_from_db()
    return True


def spans_of(job: ImportJob) -> list[Span]:
    """From the job's report; a job of before that was noted is looked for record by record."""
    if "spans" in job.report:
        return [(series, first, last) for series, first, last in job.report["spans"]]
    rows = ArchiveRecord.objects.filter(import_job=job).values("series_id")
    found = rows.annotate(first=Min("start"), last=Max("start")).order_by("series_id")
    return [(row["series_id"], row["first"], row["last"]) for row in found]


def _points_lock(job: ImportJob, series: Iterable[ArchiveSeries]) -> dict[int, MeteringPoint]:
    """The same lock, in the same order, as an import takes."""
    wanted = {row.point_id for row in series}
    registers = job.readings_before.values_list("register__installation__point_id", flat=True).distinct()
    wanted.update(registers)
    rows = MeteringPoint.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=wanted)
    return {point.pk: point for point in rows.select_related("programme", "building").order_by("pk")}


def _refuse_if_closed(
    points: dict[int, MeteringPoint], spans: list[Span], series: dict[int, ArchiveSeries]
) -> None:
    for pk, first, last in spans:
        point = points[series[pk].point_id]
        day = closed_day(point, *_days(point, first, last))
        if day is not None:
            raise DomainError(
                "period_closed",
                _("The utility has closed the period of %(day)s: the file can no longer be taken back.")
                % {"day": local_day(day)},
            )


def _days(point: MeteringPoint, first: int, last: int) -> tuple[date, date]:
    clock = WallClock(point_zone(point))
    return clock.day_of(first), clock.day_of(last)


def _refuse_if_built_upon(job: ImportJob) -> None:
    over = ReplacedRecord.objects.filter(import_job=job).order_by("replaced_by_id")
    later = over.values_list("replaced_by_id", flat=True).first() or readings_changed_since(job)
    if later is None:
        return
    other = ImportJob.objects.get(pk=later)
    raise DomainError(
        "replaced_since",
        _("A later file, receipt %(receipt)s, changed the same values. Take that one back first.")
        % {"receipt": other.receipt_number or other.file_name},
        job=str(other.public_id),
    )


def _records_put_back(job: ImportJob, spans: list[Span]) -> tuple[int, int]:
    """(removed, restored): everything of the job goes, then what had stood there comes back."""
    removed = restored = 0
    for series, first, last in spans:
        rows = ArchiveRecord.objects.filter(
            series_id=series, start__gte=first, start__lte=last, import_job=job
        )
        removed += rows.delete()[0]
        for batch in _history(job, series):
            ArchiveRecord.objects.bulk_create(batch)
            restored += len(batch)
    ReplacedRecord.objects.filter(replaced_by=job).delete()
    return removed - restored, restored


def _history(job: ImportJob, series: int) -> Iterator[list[ArchiveRecord]]:
    rows = ReplacedRecord.objects.filter(series_id=series, replaced_by=job).order_by("start")
    after = -(2**62)
    while chunk := list(rows.filter(start__gt=after)[:CHUNK]):
        yield [_record(row) for row in chunk]
        after = chunk[-1].start


def _record(row: ReplacedRecord) -> ArchiveRecord:
    columns: dict[str, Any] = {name: row.record.get(name) for name in DATA_COLUMNS}
    return ArchiveRecord(series_id=row.series_id, start=row.start, import_job_id=row.import_job_id, **columns)


def _totals_follow(
    points: dict[int, MeteringPoint], spans: list[Span], series: dict[int, ArchiveSeries]
) -> None:
    days: dict[tuple[int, int], tuple[int, int]] = {}
    for pk, first, last in spans:
        row = series[pk]
        if row.kind in (ArchiveKind.HOUR, ArchiveKind.DAY):
            archive_review_ring(series_id=pk, first=first, last=last)
            earlier, later = days.get((row.point_id, row.meter_id), (first, last))
            days[row.point_id, row.meter_id] = min(first, earlier), max(last, later)
    for (point, meter), (first, last) in sorted(days.items()):
        recompute(point=points[point], meter_id=meter, first=first, last=last)
