"""The rules over archive records: a job after each import, and again whenever it is rung; the rows are the truth.

Neighbouring records that a rule flags for the same parameter make one item, so that a sensor broken for a year is
one line of the list. A record stays as the meter archived it; its `suspect` mask says which values stand out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max, Min, Q
from django.utils import timezone

from accounts.jobs import job_enqueue
from accounts.tenancy import current_programme_id
from readings.archives.totals import COUNTED, exchange_days
from readings.archives.totals import steps as millionths
from readings.ingest.columns import BIT, COLUMNS, unit_of
from readings.ingest.report import period_end
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ArchiveKind, ArchiveRecord, ArchiveSeries, ReviewItem
from readings.review.judging import ProgrammeLimits
from readings.review.limits import IN_UNIT, Limits
from readings.review.rules import FUTURE_SECONDS, Rule, frozen_runs
from servers.models import MeterInstallation

JUDGED_KINDS = (ArchiveKind.HOUR, ArchiveKind.DAY)
MOST = 500  # items a series and pass
_QUANTITY = {"M": "mass", "V": "volume", "Q": "energy", "P": "pressure"}
_TEMPERATURES = {"T_in": "flow_temperature", "T_out": "return_temperature", "T_cw": "temperature",
                 "T_outdoor": "temperature"}  # fmt: skip
_SIGNED = frozenset({"M_delta", "V_delta", "Q_delta", "P_delta", "T_delta"})
_HOURS = {ArchiveKind.HOUR: 1, ArchiveKind.DAY: 24}


def archive_review_ring(*, series_id: int, first: int, last: int) -> None:
    """Look at the records of [first, last] soon, in the transaction that wrote them."""
    job_enqueue(kind="review_archive", ref=f"{series_id}:{first}:{last}", programme_id=current_programme_id())


@dataclass(frozen=True, slots=True)
class _Bounds:
    low: float | None
    high: float | None
    frozen_hours: int | None


def quantity_of(name: str) -> str:
    """The quantity whose limits hold for an archive parameter; empty where none does."""
    return _TEMPERATURES.get(name) or (
        "" if name.startswith("T") else _QUANTITY.get(name.partition("_")[0], "")
    )


def _bounds(limits: Limits, name: str, kind: str) -> _Bounds:
    """In the archive's own unit: what a whole period may bring, or what an instrument may show."""
    unit = {"Gcal": "Gcal", "kgf/cm²": "bar", "°C": "C", "m³": "m3", "t": "t"}.get(unit_of(name), "")
    factor = IN_UNIT.get(unit)
    if factor is None:
        return _Bounds(None, None, None)
    if limits.rate is not None:
        top = float(limits.rate / factor) * _HOURS[ArchiveKind(kind)]
        return _Bounds(-top if name in _SIGNED else 0.0, top, limits.frozen_hours)
    low = None if limits.low is None else float(limits.low / factor)
    high = None if limits.high is None else float(limits.high / factor)
    return _Bounds(low, high, limits.frozen_hours)


@transaction.atomic
def archive_review(*, series_id: int, first: int, last: int) -> int:
    """Judge the records of one series in [first, last]. Returns how many items are open there afterwards."""
    series = (
        ArchiveSeries.objects.select_related("point", "point__building", "point__programme")
        .filter(pk=series_id)
        .first()
    )
    if series is None or series.kind not in JUDGED_KINDS:
        return 0
    ArchiveSeries.objects.select_for_update(of=("self",), no_key=True).get(pk=series_id)
    first, last = _whole_runs(series, first, last)
    limits = ProgrammeLimits()
    bounds = {
        name: _bounds(limits.of(series.point.medium, quantity_of(name)), name, series.kind)
        for name in COLUMNS
        if quantity_of(name)
    }
    decided = _decided(series_id, first, last)
    items = [
        item
        for item in (*_runs(series, bounds, first, last), *_frozen(series, bounds, first, last))
        if not decided(item)
    ]
    if series.kind == ArchiveKind.DAY:
        items += [item for item in _differences(series, first, last) if not decided(item)]
    _replace(series, items[:MOST], first, last)
    return len(items)


def _whole_runs(series: ArchiveSeries, first: int, last: int) -> tuple[int, int]:
    """The stretch with the open runs that it meets or adjoins: a part of a run, judged alone, would break it."""
    near = 2 * 3600 * _HOURS[ArchiveKind(series.kind)]
    met = ReviewItem.objects.filter(
        series=series, state=ReviewItem.State.OPEN, at__lte=last + near, until__gte=first - near
    ).aggregate(begin=Min("at"), end=Max("until"))
    begin, end = met["begin"], met["end"]
    return (first, last) if begin is None else (min(first, begin), max(last, end))


def _decided(series_id: int, first: int, last: int) -> Callable[[ReviewItem], bool]:
    """Is a stretch part of one that an operator has decided, under the same rule?"""
    rows = list(
        ReviewItem.objects.filter(series_id=series_id, at__lte=last, until__gte=first)
        .exclude(state=ReviewItem.State.OPEN)
        .values_list("field", "rule", "at", "until")
    )
    return lambda item: any(
        (field, rule) == (item.field, item.rule) and at <= item.at and item.until <= until
        for field, rule, at, until in rows
    )


def _item(series: ArchiveSeries, name: str, rule: Rule, at: int, **more: Any) -> ReviewItem:
    unit = {"°C": "C", "m³": "m3"}.get(unit_of(name), unit_of(name))
    return ReviewItem(
        subject=f"archive:{series.pk}:{name}", rule=rule.value, at=at, point_id=series.point_id, series=series,
        field=name, unit=unit, **{"until": at, **more},
    )  # fmt: skip


def _beyond(bounds: dict[str, _Bounds], now: int) -> Q:
    wanted = Q(start__gt=now + FUTURE_SECONDS)
    for name, one in bounds.items():
        if one.low is not None:
            wanted |= Q(**{f"{COLUMNS[name]}__lt": one.low})
        if one.high is not None:
            wanted |= Q(**{f"{COLUMNS[name]}__gt": one.high})
    return wanted


def _runs(series: ArchiveSeries, bounds: dict[str, _Bounds], first: int, last: int) -> Iterator[ReviewItem]:
    """The database leaves out what is in order; what remains is joined to runs, a parameter at a time."""
    now = int(timezone.now().timestamp())
    clock = WallClock(point_zone(series.point))
    rows = ArchiveRecord.objects.filter(
        _beyond(bounds, now), series=series, start__gte=first, start__lte=last
    )
    open_runs: dict[tuple[str, Rule], ReviewItem] = {}
    for start, *values in (
        rows.order_by("start").values_list("start", *(COLUMNS[n] for n in bounds)).iterator()
    ):
        if start > now + FUTURE_SECONDS:
            yield from _extend(open_runs, series, clock, "", Rule.FUTURE, start, None, {})
        for (name, one), value in zip(bounds.items(), values, strict=True):
            limit = _passed(one, value)
            if limit is not None:
                rule = Rule.SPIKE if name in COUNTED and value > 0 else Rule.RANGE
                detail = {"limit": f"{limit:.12g}"}
                yield from _extend(open_runs, series, clock, name, rule, start, value, detail)
    yield from open_runs.values()


def _passed(bounds: _Bounds, value: float | None) -> float | None:
    if value is not None and bounds.low is not None and value < bounds.low:
        return bounds.low
    if value is not None and bounds.high is not None and value > bounds.high:
        return bounds.high
    return None


def _extend(
    runs: dict[tuple[str, Rule], ReviewItem],
    series: ArchiveSeries,
    clock: WallClock,
    name: str,
    rule: Rule,
    start: int,
    value: float | None,
    detail: dict[str, str],
) -> Iterator[ReviewItem]:
    run = runs.get((name, rule))
    if run is not None and period_end(clock, series.kind, run.until) >= start:
        run.until, run.count = start, run.count + 1
        return
    if run is not None:
        yield run
    text = "" if value is None else f"{value:.12g}"
    runs[name, rule] = _item(series, name, rule, start, value=text, detail=detail)


def _frozen(series: ArchiveSeries, bounds: dict[str, _Bounds], first: int, last: int) -> Iterator[ReviewItem]:
    """A value that does not move: judged from as far back as the rule looks, so that late data closes a run."""
    if series.kind != ArchiveKind.HOUR:
        return
    for name, one in bounds.items():
        if one.frozen_hours is None or name in _SIGNED:
            continue
        column = COLUMNS[name]
        rows = ArchiveRecord.objects.filter(
            series=series,
            start__gte=first - one.frozen_hours * 3600,
            start__lte=last,
            **{f"{column}__isnull": False},
        ).order_by("start")
        samples = list(rows.values_list("start", column))
        for begin, end, count in frozen_runs(samples, hours=one.frozen_hours):
            value = next(value for at, value in samples if at == begin)
            if value:  # a pipe that is shut stands at nought all summer
                yield _item(
                    series, name, Rule.FROZEN, begin, until=end, count=count, value=f"{value:.12g}",
                    detail={"hours": (end - begin) // 3600},
                )  # fmt: skip


def _differences(series: ArchiveSeries, first: int, last: int) -> Iterator[ReviewItem]:
    """Days whose record and whose complete hours disagree by more than rounding; days in a row are one item."""
    hours_of = ArchiveSeries.objects.filter(
        point=series.point, meter=series.meter, kind=ArchiveKind.HOUR
    ).first()
    if hours_of is None:
        return
    clock = WallClock(point_zone(series.point))
    shared = exchange_days(clock, MeterInstallation.objects.filter(point=series.point))
    columns = [COLUMNS[name] for name in COUNTED]
    days = ArchiveRecord.objects.filter(series=series, start__gte=first, start__lte=last).order_by("start")
    wanted = {start: values for start, *values in days.values_list("start", *columns)}
    sums: dict[int, list[list[int]]] = {}
    rows = ArchiveRecord.objects.filter(
        series=hours_of, start__gte=first - 86_400, start__lte=last + 2 * 86_400
    )
    for start, *values in rows.values_list("start", *columns).iterator():
        day = clock.day_start(clock.day_of(start))
        if day in wanted:
            for i, value in enumerate(values):
                if value is not None:
                    sums.setdefault(day, [[] for _ in columns])[i].append(millionths(value))
    runs: dict[tuple[str, Rule], ReviewItem] = {}
    for day, parts in sorted(sums.items()):
        whole = (period_end(clock, ArchiveKind.DAY, day) - day) // 3600
        if clock.day_of(day).toordinal() in shared:
            continue
        for name, value, hours in zip(COUNTED, wanted[day], parts, strict=True):
            if value is None or len(hours) != whole:
                continue
            # each hour was rounded by the meter, mostly to three decimals
            if abs(millionths(value) - sum(hours)) > max(whole * 1000, abs(sum(hours)) // 200):
                detail = {"before": f"{sum(hours) / 1e6:.12g}"}
                yield from _extend(runs, series, clock, name, Rule.SOURCES_DIFFER, day, value, detail)
    yield from runs.values()


def _replace(series: ArchiveSeries, items: Iterable[ReviewItem], first: int, last: int) -> None:
    wanted = {(item.field, item.rule, item.at): item for item in items}
    standing = ReviewItem.objects.filter(
        series=series, state=ReviewItem.State.OPEN, at__lte=last, until__gte=first
    )
    for item in standing:
        new = wanted.pop((item.field, item.rule, item.at), None)
        if new is None:
            item.delete()
        elif (new.until, new.value) != (item.until, item.value):
            item.until, item.count, item.value, item.detail = new.until, new.count, new.value, new.detail
            item.save(update_fields=["until", "count", "value", "detail"])
    ReviewItem.objects.bulk_create(wanted.values(), ignore_conflicts=True, batch_size=500)
    _suspects(series, first, last)


def _suspects(series: ArchiveSeries, first: int, last: int) -> None:
    """The status that stands with the record: a bit for each value in an open item."""
    rows = ArchiveRecord.objects.filter(series=series, start__gte=first, start__lte=last)
    rows.exclude(suspect=None).update(suspect=None)
    open_items = ReviewItem.objects.filter(
        series=series, state=ReviewItem.State.OPEN, at__lte=last, until__gte=first
    ).exclude(field="")
    masks: dict[tuple[int, int], int] = {}
    for name, at, until in open_items.values_list("field", "at", "until"):
        masks[at, until] = masks.get((at, until), 0) | BIT.get(name, 0)
    for (at, until), mask in masks.items():
        stretch = ArchiveRecord.objects.filter(series=series, start__gte=at, start__lte=until)
        stretch.filter(suspect=None).update(suspect=0)
        stretch.update(suspect=F("suspect").bitor(mask))
