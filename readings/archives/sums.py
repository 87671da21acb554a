"""The hours and days of one meter's archive added up to local days, looking at each record where a day needs it.

Values become integers of 10^-6 before anything is summed, so a total does not depend on the order of its hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from readings.ingest.columns import BIT, COLUMNS
from readings.ingest.wallclock import WallClock
from readings.lers.model import RecordFlag
from readings.models import ArchiveKind, ArchiveRecord, TotalStatus
from readings.review.overlay import overlay_of
from readings.store import exact_millionths, hours_by_day
from servers.models import Quantity

EXPONENT = -6
# What is counted, and as what. Heat in and heat out are not counted: their difference is, and a sum over the
# registers of a point would otherwise take the same heat three times.
COUNTED: dict[str, tuple[str, str]] = {
    "Q_delta": (Quantity.ENERGY, "Gcal"),
    "V_in": (Quantity.VOLUME, "m3"),
    "V_out": (Quantity.VOLUME, "m3"),
    "M_in": (Quantity.MASS, "t"),
    "M_out": (Quantity.MASS, "t"),
}
FIRST_DAY = date(1970, 1, 1).toordinal()
_BY_TOTALS = int(
    RecordFlag.BY_TOTALS
)  # an enumeration's & costs ten times an integer's, a million times a file


def steps(value: float) -> int:
    """A value as a whole number of millionths, rounded half up on its decimal digits (not on its binary ones)."""
    scaled = value * 1e6
    nearest = round(scaled)
    if abs(scaled - nearest) < 0.4 and abs(scaled) < 1e14:
        return nearest
    return exact_millionths(value)


@dataclass
class _Sum:
    quantity: int = 0
    seconds: int = 0
    records: int = 0
    status: int = TotalStatus.MEASURED
    hours: set[int] = field(default_factory=set)  # starts of the hours it is the sum of

    def add(self, value: float, seconds: int, status: int) -> None:
        self.quantity += steps(value)
        self.seconds += seconds
        self.records += 1
        self.status = max(self.status, status)


def status_of(name: str, flags: int, bad: int, calculated: int, interpolated: int) -> int:
    if not (flags or bad or calculated or interpolated):
        return TotalStatus.MEASURED
    if bad & BIT[name]:
        return TotalStatus.DISPUTED
    if (calculated | interpolated) & BIT[name] or flags & _BY_TOTALS:
        return TotalStatus.ESTIMATED
    return TotalStatus.MEASURED


def days_of(
    clock: WallClock,
    series: dict[str, int],
    day: date,
    until: date,
    others: list[int],
    exchanges: AbstractSet[int],
) -> Iterator[tuple[tuple[int, str], _Sum]]:
    bounds = [clock.day_start(date.fromordinal(n)) for n in range(day.toordinal(), until.toordinal() + 1)]
    day_records = _sums(clock, series.get(ArchiveKind.DAY), bounds, None)
    hours = _sums(clock, series.get(ArchiveKind.HOUR), bounds, 3600, exchanges)
    for index, (start, stop) in enumerate(pairwise(bounds)):
        ordinal = day.toordinal() + index
        for name in COUNTED:
            whole = day_records.get((ordinal, name))
            if whole is not None:
                whole.seconds = stop - start
                yield (ordinal, name), whole
                continue
            summed = hours.get((ordinal, name))
            if summed is None:
                continue
            shared = ordinal in exchanges
            if shared:
                elsewhere = [
                    _sums(clock, pk, [start, stop], 3600, exchanges).get((ordinal, name)) for pk in others
                ]
                covered = summed.hours.union(*(one.hours for one in elsewhere if one is not None))
            if summed.seconds == stop - start or (shared and len(covered) * 3600 == stop - start):
                yield (ordinal, name), summed


def _sums(
    clock: WallClock,
    series_id: int | None,
    bounds: list[int],
    seconds: int | None,
    exchanges: AbstractSet[int] = frozenset(),
) -> dict[tuple[int, str], _Sum]:
    """Values of a series by local day; of several day records in one day the first stands."""
    found: dict[tuple[int, str], _Sum] = {}
    if series_id is None:
        return found
    overlay = overlay_of(series_id, bounds[0], bounds[-1])
    for first, last, offset in stretches(clock, bounds, exchanges):
        if seconds and offset is not None and not overlay:
            found.update(_plain_hours(series_id, first, last, offset, seconds))
            continue
        for start, flags, bad, calculated, interpolated, *values in _records(series_id, first, last):
            ordinal = clock.day_of(start).toordinal()
            for name, value in zip(COUNTED, values, strict=True):
                put_in = False
                if overlay:
                    value, put_in = overlay.value(name, start, value)
                if value is None:
                    continue
                total = found.setdefault((ordinal, name), _Sum())
                if seconds is None and total.records:
                    continue
                status = (
                    TotalStatus.SUBSTITUTED
                    if put_in
                    else status_of(name, flags, bad, calculated, interpolated)
                )
                total.add(value, seconds or 0, status)
                if seconds and ordinal in exchanges:
                    total.hours.add(start)
    return found


def stretches(
    clock: WallClock, bounds: list[int], apart: AbstractSet[int]
) -> Iterator[tuple[int, int, int | None]]:
    """[first, last) of neighbouring days with one offset from UTC; None for days that need a look at each hour.

    `bounds`: where each day begins, and where the last one ends; `apart`: ordinals of days that need that look too.
    """
    held: tuple[int, int, int | None] | None = None
    for start, stop in pairwise(bounds):
        offset = clock.steady_offset(start)
        if (start + (offset or 0)) // 86_400 + FIRST_DAY in apart:
            offset = None
        if held is not None and held[2] == offset:
            held = (held[0], stop, offset)
            continue
        if held is not None:
            yield held
        held = (start, stop, offset)
    if held is not None:
        yield held


def _plain_hours(
    series_id: int, first: int, last: int, offset: int, seconds: int
) -> Iterator[tuple[tuple[int, str], _Sum]]:
    values = [(COLUMNS[name], BIT[name]) for name in COUNTED]
    for day, *sums in hours_by_day(series_id, first, last, offset=offset, values=values):
        for name, (hours, quantity, status) in zip(COUNTED, zip(*[iter(sums)] * 3, strict=True), strict=True):
            if hours:
                yield (day + FIRST_DAY, name), _Sum(quantity, hours * seconds, hours, status)


def _records(series_id: int, start: int, stop: int) -> Iterable[tuple[Any, ...]]:
    columns = [COLUMNS[name] for name in COUNTED]
    return (
        ArchiveRecord.objects.filter(series_id=series_id, start__gte=start, start__lt=stop)
        .order_by("start")
        .values_list("start", "flags", "bad", "calculated", "interpolated", *columns)
        .iterator(chunk_size=2000)
    )
