"""What is told about one file: points, intervals, gaps. Intervals are half-open, in the point's local time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import Coalesce, Lead

from readings.ingest.columns import VALUE_COLUMNS
from readings.ingest.loading import Group
from readings.ingest.wallclock import WallClock
from readings.models import ArchiveRecord
from readings.store import CHANGED, Count, Outcome

_ACCEPTED = (Outcome.NEW, Outcome.COMPLETED, Outcome.REVIVED)
_SKIPPED = (Outcome.SAME, Outcome.KEPT, Outcome.REPEATED)
# Two records further apart than this have something missing between them; the longest day had 26 hours.
_APART = {"hour": 3600, "day": 27 * 3600, "month": 32 * 86_400}
MAX_GAPS = 500


def period_end(clock: WallClock, kind: str, at: int) -> int:
    """Where the period that begins at `at` ends; an instant (totals, current) ends where it begins."""
    if kind == "hour":
        return at + 3600
    if kind not in ("day", "month"):
        return at
    day = clock.day_of(at)
    if kind == "day":
        return clock.day_start(day + timedelta(days=1))
    return clock.day_start((day.replace(day=28) + timedelta(days=4)).replace(day=1))


def by_outcome(counts: Iterable[Count], group: Group) -> Counter[Outcome]:
    found: Counter[Outcome] = Counter()
    for count in counts:
        if count.group == group.index:
            found[count.outcome] += count.records
    return found


def changed_spans(counts: Iterable[Count]) -> dict[int, tuple[int, int]]:
    """(first, last) instant that changed, by series."""
    spans: dict[int, tuple[int, int]] = {}
    for count in counts:
        if count.outcome in CHANGED:
            first, last = spans.get(count.series_id, (count.first, count.last))
            spans[count.series_id] = (min(first, count.first), max(last, count.last))
    return spans


def interval_of(group: Group, outcomes: Counter[Outcome]) -> dict[str, Any]:
    return {
        "kind": group.kind,
        "start": _iso(group, group.first),
        "end": _iso(group, None if group.last is None else period_end(group.clock, group.kind, group.last)),
        "in_file": group.in_file - outcomes[Outcome.PART],  # records, however many rows each is written in
        "accepted": sum(outcomes[o] for o in _ACCEPTED),
        "skipped": sum(outcomes[o] for o in _SKIPPED),
        "replaced": outcomes[Outcome.REPLACED],
        "rejected": outcomes[Outcome.LOST] + outcomes[Outcome.CLOSED] + group.refused,
    }


def _iso(group: Group, at: int | None) -> str | None:
    return None if at is None else group.clock.iso(at)


def gaps_between(
    clock: WallClock, kind: str, series_ids: list[int], first: int, last: int
) -> list[tuple[int, int]]:
    """[start, end) of what is missing in the store between two instants that have records."""
    if kind not in _APART:
        return []
    rows = (
        ArchiveRecord.objects.filter(series_id__in=series_ids, start__gte=first, start__lte=last)
        .alias(any_value=Coalesce(*VALUE_COLUMNS))
        .filter(any_value__isnull=False)
        .annotate(following=Window(Lead("start"), order_by=F("start").asc()))
        .filter(following__gt=F("start") + _APART[kind])
        .order_by("start")
        .values_list("start", "following")[:MAX_GAPS]
    )
    return [(period_end(clock, kind, start), following) for start, following in rows]


def points_of(groups: list[Group], counts: list[Count]) -> list[dict[str, Any]]:
    """One entry a metering point and meter of the file, in the order of the file."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for group in groups:
        entry = found.setdefault(
            (group.number, group.serial),
            {"number": group.number, "serial": group.serial, "matched": False, "intervals": [], "gaps": []},
        )
        entry["matched"] |= not group.refusal
        if group.in_file:
            entry["intervals"].append(interval_of(group, by_outcome(counts, group)))
        if group.refusal or group.first is None or group.last is None:
            continue
        gaps = gaps_between(group.clock, group.kind, group.series_ids, group.first, group.last)
        entry["gaps"] += [
            {"kind": group.kind, "start": group.clock.iso(start), "end": group.clock.iso(end)}
            for start, end in gaps
        ]
    return list(found.values())
