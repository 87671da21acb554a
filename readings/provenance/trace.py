"""One day of one register, taken apart: its readings or archive records, and what brought them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from readings.ingest.columns import COLUMNS
from readings.models import (
    ArchiveKind,
    ArchiveRecord,
    ArchiveSeries,
    DayTotal,
    ImportJob,
    IngestBatch,
    Reading,
    ReplacedRecord,
    ReviewItem,
    SupersededReading,
)
from readings.provenance.access import Traced
from readings.totals.cuts import local_epoch

MOST = 400  # readings of a day: one in four minutes


@dataclass
class DayTrace:
    """`readings` are those of the day and its two neighbours, oldest first; None stands for one that is not to be seen."""

    day: date
    start: int
    end: int
    totals: list[DayTotal]
    readings: list[Reading] = field(default_factory=list)
    hidden_before: bool = False
    hidden_after: bool = False
    records: list[ArchiveRecord] = field(default_factory=list)
    superseded: list[SupersededReading] = field(default_factory=list)
    replaced: list[ReplacedRecord] = field(default_factory=list)
    batches: dict[datetime, IngestBatch] = field(default_factory=dict)
    jobs: dict[int, ImportJob] = field(default_factory=dict)
    reviews: dict[tuple[int, str], ReviewItem] = field(default_factory=dict)
    series: dict[int, ArchiveSeries] = field(default_factory=dict)


def day_trace(traced: Traced, day: date) -> DayTrace:
    register = traced.register
    start, end = local_epoch(day, 0, traced.zone), local_epoch(day + timedelta(days=1), 0, traced.zone)
    totals = list(DayTotal.objects.filter(register=register, day=day.toordinal()).order_by("band"))
    trace = DayTrace(day, start, end, totals)
    _readings(trace, traced)
    if not trace.readings or register.ref in COLUMNS:
        _records(trace, traced)
    return trace


def _readings(trace: DayTrace, traced: Traced) -> None:
    rows = Reading.objects.filter(register=traced.register)
    before = rows.filter(at__lt=trace.start, used=True).order_by("-at").first()
    after = rows.filter(at__gt=trace.end, used=True).order_by("at").first()
    inside = list(rows.filter(at__gte=trace.start, at__lte=trace.end).order_by("at")[:MOST])
    on_start = any(one.at == trace.start and one.used for one in inside)
    on_end = any(one.at == trace.end and one.used for one in inside)
    found = []
    if before is not None and not on_start:
        trace.hidden_before = not _sees(traced, before.at)
        found += [] if trace.hidden_before else [before]
    found += inside
    if after is not None and not on_end:
        trace.hidden_after = not _sees(traced, after.at)
        found += [] if trace.hidden_after else [after]
    trace.readings = found
    if not found:
        return
    instants = [one.at for one in found]
    rows_of = {"register": traced.register, "at__in": instants}
    trace.superseded = list(SupersededReading.objects.filter(**rows_of).order_by("at", "spool", "seq"))
    trace.reviews = {(item.at, ""): item for item in ReviewItem.objects.filter(**rows_of).order_by("pk")}
    arrived = {one.received_at for one in found if one.source == Reading.Source.GATEWAY}
    batches = IngestBatch.objects.filter(
        received_at__in=arrived, server__meter_refs__meter_id=traced.register.installation.meter_id
    ).select_related("server")
    trace.batches = {batch.received_at: batch for batch in batches.order_by("pk")}
    jobs = {one.seq for one in found if one.source == Reading.Source.FILE}
    trace.jobs = {job.pk: job for job in ImportJob.objects.filter(pk__in=jobs)}


def _sees(traced: Traced, at: int) -> bool:
    """An instant belongs to the day it lies in; the very beginning of the day after the last is still the end of it."""
    moment = datetime.fromtimestamp(at, traced.zone)
    return traced.sees(moment.date()) or traced.sees((moment - timedelta(seconds=1)).date())


def _records(trace: DayTrace, traced: Traced) -> None:
    point = traced.register.installation.point_id
    series = ArchiveSeries.objects.filter(
        point_id=point, meter_id=traced.register.installation.meter_id,
        kind__in=(ArchiveKind.HOUR, ArchiveKind.DAY, ArchiveKind.TOTALS),
    )  # fmt: skip
    trace.series = {one.pk: one for one in series}
    span = {"series__in": list(trace.series), "start__gte": trace.start, "start__lt": trace.end}
    trace.records = list(ArchiveRecord.objects.filter(**span).order_by("start", "series_id")[:MOST])
    trace.replaced = list(
        ReplacedRecord.objects.filter(**span).select_related("replaced_by").order_by("start", "pk")[:MOST]
    )
    keys = {one.import_job_id for one in trace.records} | {one.import_job_id for one in trace.replaced}
    trace.jobs |= {job.pk: job for job in ImportJob.objects.filter(pk__in=keys)}
    items = ReviewItem.objects.filter(
        series__in=list(trace.series), field=traced.register.ref, at__lt=trace.end, until__gte=trace.start
    )
    for item in items.order_by("pk"):
        for record in trace.records:
            if item.series_id == record.series_id and item.at <= record.start <= item.until:
                trace.reviews[record.start, trace.series[record.series_id].kind] = item


def month_totals(register_ids: Sequence[int], first: date, end: date) -> dict[int, dict[str, Any]]:
    """Register → quantity (steps), days and worst status of its totals in [first, end)."""
    found: dict[int, dict[str, Any]] = {}
    rows = DayTotal.objects.filter(
        register_id__in=list(register_ids), day__gte=first.toordinal(), day__lt=end.toordinal()
    )
    for register, day, quantity, status in rows.values_list("register_id", "day", "quantity", "status"):
        one = found.setdefault(register, {"quantity": 0, "days": set(), "status": 0})
        one["quantity"] += quantity
        one["days"].add(day)
        one["status"] = max(one["status"], status)
    return found
