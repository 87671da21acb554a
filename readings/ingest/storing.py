"""The one transaction of an import: points, locks, records, faults, totals, and the report about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from accounts.models import Programme
from readings.archives.index_readings import take_totals
from readings.archives.totals import Change, recompute_all
from readings.imports.changes import changes_of
from readings.imports.closed import closed_stretches
from readings.ingest.loading import Disordered, Group, Loader
from readings.ingest.report import by_outcome, changed_spans, points_of
from readings.ingest.resolve import Match, finding_of, resolve
from readings.ingest.spool import Spool
from readings.ingest.wallclock import WallClock
from readings.lers.model import FileSummary, Issue
from readings.models import ArchiveKind, ArchiveSeries, DeviceFault, ImportJob
from readings.review.archives import archive_review_ring
from readings.store import ArchiveStage, Count, FreshRecords, Outcome, fresh_wanted, records_stored
from servers.models import MeteringPoint

MAX_ISSUES = 1000
# Which of several reasons is told for the whole file: the first one found here.
_TELLING = ("other_point", "serial_mismatch", "system_mismatch", "no_meter", "point_needed", "unknown_kind",
            "unknown_point")  # fmt: skip


class NothingToStore(Exception):
    """The file reads well, but none of it may be stored. `findings` say why, series by series."""

    def __init__(
        self, code: str, data: dict[str, Any], findings: list[dict[str, Any]], points: list[dict[str, Any]]
    ) -> None:
        super().__init__(code)
        self.code = code
        self.data = data
        self.findings = findings
        self.points = points


def file_store(
    *,
    job: ImportJob,
    programme: Programme,
    spool: Spool,
    summary: FileSummary,
    visible: QuerySet[MeteringPoint],
    number_wins: bool = False,
) -> dict[str, Any]:
    """Store what was parsed, in the caller's transaction; `number_wins`: see `resolve`.

    `issues` in the report are for the caller to keep.

    Raises `NothingToStore` when no series of the file may be stored.
    """
    chosen = job.point
    matches = resolve(summary, visible=visible, chosen=chosen, number_wins=number_wins)
    zone = job.profile.time_zone if job.profile is not None else ""
    stamps = WallClock(ZoneInfo(zone)) if zone else None
    loader = Loader(matches, WallClock(programme.zone), stamps=stamps, hour_ends=summary.hour_ends)
    taken = [match for match in matches if not match.refusal]
    if not taken:
        raise _nothing(summary, matches, loader, spool)
    _lock(taken)
    loader, counts, changes = _records_store(job, loader, spool)
    faults = _store_faults(job, loader, spool)
    _follow(job, loader, counts)
    if job.point_id not in {match.point.pk for match in taken if match.point is not None}:
        job.point = taken[0].point
    return {
        "points": points_of(loader.groups, counts),
        "ignored": sorted(summary.ignored),
        "issues": _issues(summary, matches, loader),
        "issues_total": summary.issues_total + loader.findings_total + len(_refusals(matches)),
        "different": sum(by_outcome(counts, group)[Outcome.KEPT] for group in loader.groups),
        "changes": changes,
        "spans": [[series, *span] for series, span in sorted(changed_spans(counts).items())],
        "device_faults": faults,
        "dialect": summary.dialect,
        "encoding": summary.encoding,
        "records": summary.records,
        "values": summary.values,
    }


def _records_store(
    job: ImportJob, loader: Loader, spool: Spool
) -> tuple[Loader, list[Count], list[dict[str, Any]]]:
    """The loader that has counted the records, what became of them, and `changes_of` it."""
    series_ids = loader.open_series()
    stored = records_stored(series_ids)
    if fresh_wanted(stored=stored):
        fresh = FreshRecords(series_ids)
        try:
            fresh.write(loader.placed(spool, rising=True), job_id=job.pk)
            return loader, fresh.counts(), changes_of(loader.groups, fresh.counts())
        except Disordered:  # a period may stand twice, which the stage settles
            fresh.take_back()
            loader = loader.anew()
            loader.open_series()
    with ArchiveStage() as stage:
        stage.load(loader.placed(spool))
        stage.settle(replace=job.replace, repeats=loader.disordered, stored=stored)
        _keep_closed(stage, loader)
        counts = stage.counts()
        for line, group_index, start in stage.lost(MAX_ISSUES):
            group = loader.groups[group_index]
            loader.find(line, group, "start", group.clock.iso(start), "duplicate_record")
        changes = changes_of(loader.groups, counts)
        stage.write(job_id=job.pk)
    return loader, counts, changes


def _keep_closed(stage: ArchiveStage, loader: Loader) -> None:
    """Stored values of a period that the utility has closed stay: what would replace them is named. What was lacking
    is taken, and becomes a line of the month that is closed next."""
    for group in loader.groups:
        if group.point is None or group.refusal or group.first is None or group.last is None:
            continue
        days = group.clock.day_of(group.first), group.clock.day_of(group.last)
        for begin, end in closed_stretches(group.point, *days):
            first, stop = group.clock.day_start(begin), group.clock.day_start(end)
            kept_out = stage.keep_out(group.series_ids, first, stop)
            if kept_out is not None:
                records, line = kept_out
                loader.find(line, group, "start", f"{begin} … {end} ({records})", "period_closed")


def _lock(taken: list[Match]) -> None:
    """In one order for everybody; two files for one point wait for each other, and nobody else does."""
    points = sorted({match.point.pk for match in taken if match.point is not None})
    list(
        MeteringPoint.objects.select_for_update(no_key=True)
        .filter(pk__in=points)
        .order_by("pk")
        .values_list("pk")
    )


def _nothing(summary: FileSummary, matches: list[Match], loader: Loader, spool: Spool) -> NothingToStore:
    for _record in loader.placed(spool):  # only counted: every group is refused
        pass
    codes = {match.refusal for match in matches}
    code = next((code for code in _TELLING if code in codes), "no_records")
    numbers = sorted({match.number for match in matches if match.refusal == code and match.number})
    offered = {m.offered.pk: m.offered for m in matches if m.offered is not None}
    data: dict[str, Any] = {
        "numbers": numbers[:20],
        "offers": [
            {"id": str(point.public_id), "number": point.number, "name": point.name}
            for point in offered.values()
        ][:20],
    }
    first = next((m for m in matches if m.refusal == code), None)
    if first is not None and code in ("serial_mismatch", "system_mismatch"):
        data["found"] = (first.series.serial if code == "serial_mismatch" else first.series.system) or ""
        data["expected"] = _expected(first, code)
    # where no series stands in the way, it is the values themselves that say why nothing is left
    findings = [*_refusals(matches), *parsed_findings(summary.issues)][:MAX_ISSUES]
    return NothingToStore(code, data, findings, points_of(loader.groups, []))


def _expected(match: Match, code: str) -> str:
    assert match.point is not None
    if code == "system_mismatch":
        return match.point.medium
    hung = match.point.installations.select_related("meter").order_by("-installed_at").first()
    return hung.meter.serial if hung else ""


def _refusals(matches: list[Match]) -> list[dict[str, Any]]:
    findings = {finding_of(match): None for match in matches if match.refusal}
    return [asdict(finding) for finding in findings]


def parsed_findings(issues: Iterable[Issue]) -> list[dict[str, Any]]:
    """What the reader of the file could not take, as lines of the report."""
    return [
        {"line": i.line, "point": i.point or "", "field": i.field, "value": i.value, "code": i.code}
        for i in issues
    ]


def _issues(summary: FileSummary, matches: list[Match], loader: Loader) -> list[dict[str, Any]]:
    found = (asdict(finding) for finding in loader.findings)
    return [*_refusals(matches), *found, *parsed_findings(summary.issues)][:MAX_ISSUES]


def _store_faults(job: ImportJob, loader: Loader, spool: Spool) -> int:
    """What the meter itself recorded as wrong. The same entry twice is one."""
    count = 0
    batch: list[DeviceFault] = []
    for fault in _faults(loader, spool):
        fault.import_job = job
        batch.append(fault)
        count += 1
        if len(batch) >= 1000:
            DeviceFault.objects.bulk_create(batch, ignore_conflicts=True)
            batch = []
    DeviceFault.objects.bulk_create(batch, ignore_conflicts=True)
    return count


def _faults(loader: Loader, spool: Spool) -> Iterator[DeviceFault]:
    for fault in spool.read_faults():
        group = loader.group_of(fault.series)
        if group is None or group.refusal:
            continue
        at = group.clock.period_start(fault.wall)
        yield DeviceFault(
            series_id=group.series_at(at), at=at, archive_type=fault.archive_type, channel=fault.channel,
            code=fault.code, description=fault.description, seconds=fault.seconds,
        )  # fmt: skip


def _follow(job: ImportJob, loader: Loader, counts: list[Count]) -> None:
    """Totals of what changed: day totals from hours and days, index readings from totals records."""
    spans = changed_spans(counts)
    days: dict[tuple[int, int], tuple[Group, int, int]] = {}
    for group in loader.groups:
        for series in {series.pk: series for _, series in group.series}.values():
            if series.pk not in spans or group.point is None:
                continue
            first, last = spans[series.pk]
            if group.kind == ArchiveKind.TOTALS:
                take_totals(job=job, point=group.point, meter_id=series.meter_id, series_id=series.pk)
            elif group.kind in (ArchiveKind.HOUR, ArchiveKind.DAY):
                _join(days, group, series, first, last)
                archive_review_ring(series_id=series.pk, first=first, last=last)
    recompute_all(
        Change(group.point, meter_id, first, last)
        for (_, meter_id), (group, first, last) in sorted(days.items(), key=lambda item: item[0])
        if group.point is not None
    )


def _join(
    days: dict[tuple[int, int], tuple[Group, int, int]],
    group: Group,
    series: ArchiveSeries,
    first: int,
    last: int,
) -> None:
    key = (series.point_id, series.meter_id)
    if key in days:
        group, earlier, later = days[key]
        first, last = min(first, earlier), max(last, later)
    days[key] = (group, first, last)
