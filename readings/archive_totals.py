"""Day totals of a metering point that is billed from its meter's archive.

The day record counts; without one, the sum of the day's hours if every one of them is there (23, 24, 25, in
Chita once 26); otherwise the day has no total. On the day of an exchange the hours of both meters make up the day,
and each meter's register gets its own part. What an operator decided about a value lies over the record. Values
become integers of 10^-6 before anything is summed, so a total does not depend on the order of its hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from readings.ingest.columns import BIT, COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from readings.lers.model import RecordFlag
from readings.models import ArchiveKind, ArchiveRecord, ArchiveSeries, DayTotal, TotalStatus
from readings.review.overlay import overlay_of
from readings.store import day_totals_write, exact_millionths, hours_by_day
from servers.models import MeteringPoint, MeterInstallation, Quantity, Register

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
_CHUNK_DAYS = 200
_FIRST_DAY = date(1970, 1, 1).toordinal()
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


def registers_of(stays: Iterable[tuple[MeterInstallation, str]]) -> dict[tuple[int, str], Register]:
    """`register_of` for many at once, by (installation's key, name): three statements instead of four for each."""
    wanted = {(stay.pk, name): stay for stay, name in stays}
    found = _standing(wanted)
    missing = [
        Register(
            installation=stay, ref=name, quantity=COUNTED[name][0], unit=COUNTED[name][1], exponent=EXPONENT
        )
        for (pk, name), stay in wanted.items()
        if (pk, name) not in found
    ]
    if missing:
        Register.objects.bulk_create(missing, ignore_conflicts=True)  # somebody else may have been quicker
        found = _standing(wanted)
    return found


def _standing(wanted: Iterable[tuple[int, str]]) -> dict[tuple[int, str], Register]:
    keys = set(wanted)
    rows = Register.objects.filter(
        installation__in={pk for pk, _name in keys}, ref__in={name for _pk, name in keys}, retired_at=None
    )
    return {(row.installation_id, row.ref): row for row in rows}


def register_of(installation: MeterInstallation, name: str) -> Register:
    """The register that counts one archive quantity; its ref is the vocabulary's name."""
    quantity, unit = COUNTED[name]
    register, _ = Register.objects.get_or_create(
        installation=installation,
        ref=name,
        retired_at=None,
        defaults={"quantity": quantity, "unit": unit, "exponent": EXPONENT},
    )
    return register


def status_of(name: str, flags: int, bad: int, calculated: int, interpolated: int) -> int:
    if not (flags or bad or calculated or interpolated):
        return TotalStatus.MEASURED
    if bad & BIT[name]:
        return TotalStatus.DISPUTED
    if (calculated | interpolated) & BIT[name] or flags & _BY_TOTALS:
        return TotalStatus.ESTIMATED
    return TotalStatus.MEASURED


def recompute(*, point: MeteringPoint, meter_id: int, first: int, last: int) -> int:
    """Bring the local days that meet the instants [first, last] up to date; returns how many rows were looked at.

    The caller has locked the point. A point that is billed from index readings is left alone.
    """
    if point.totals_source != MeteringPoint.TotalsSource.ARCHIVE:
        return 0
    clock = WallClock(point_zone(point))
    day, end = clock.day_of(first), clock.day_of(last) + timedelta(days=1)
    hung = list(MeterInstallation.objects.filter(point=point).order_by("installed_at", "pk"))
    exchanges = exchange_days(clock, hung)
    looked_at = _recompute(point, clock, meter_id, hung, exchanges, day, end)
    for exchanged in sorted(date.fromordinal(n) for n in exchanges):
        if day <= exchanged < end:  # the other meter's part of that day depends on this one's hours
            for other in sorted({one.meter_id for one in hung} - {meter_id}):
                _recompute(point, clock, other, hung, exchanges, exchanged, exchanged + timedelta(days=1))
    return looked_at


def exchange_days(clock: WallClock, installations: Iterable[MeterInstallation]) -> set[int]:
    """Local days (ordinals) within which a meter gave way to another one."""
    found = set()
    for one in installations:
        if one.removed_at is not None:
            at = int(one.removed_at.timestamp())
            if clock.day_start(clock.day_of(at)) != at:
                found.add(clock.day_of(at).toordinal())
    return found


def _recompute(
    point: MeteringPoint,
    clock: WallClock,
    meter_id: int,
    hung: list[MeterInstallation],
    exchanges: AbstractSet[int],
    day: date,
    end: date,
) -> int:
    installations = [one for one in hung if one.meter_id == meter_id]
    series: dict[str, int] = {}
    others: list[
        int
    ] = []  # hour series of the meters before and after, looked at on days of an exchange only
    for pk, meter, kind in ArchiveSeries.objects.filter(
        point=point, kind__in=(ArchiveKind.HOUR, ArchiveKind.DAY)
    ).values_list("pk", "meter_id", "kind"):
        if meter == meter_id:
            series[kind] = pk
        elif kind == ArchiveKind.HOUR:
            others.append(pk)
    registers: dict[tuple[int, str], Register] = {}
    looked_at = 0
    while day < end and installations:
        until = min(day + timedelta(days=_CHUNK_DAYS), end)
        totals = dict(_days(clock, series, day, until, others, exchanges))
        looked_at += len(totals)
        rows = []
        stays = {
            n: _installed_on(installations, clock, date.fromordinal(n)) for n in {n for n, _name in totals}
        }
        wanted = {(stays[n].pk, name): (stays[n], name) for n, name in totals}
        if wanted.keys() - registers.keys():
            registers |= registers_of(wanted.values())
        for (ordinal, name), total in sorted(totals.items()):
            register = registers[stays[ordinal].pk, name]
            rows.append((register.pk, ordinal, total.quantity, total.seconds, int(total.status)))
        _drop_stale(installations, rows, day, until)
        day_totals_write(rows)
        day = until
    return looked_at


def _installed_on(installations: list[MeterInstallation], clock: WallClock, day: date) -> MeterInstallation:
    """The meter may have been away and come back; days before its first date are still its first stay."""
    start = clock.day_start(day)
    stop = clock.day_start(day + timedelta(days=1))
    still = [
        i for i in installations if i.removed_at is not None and start < i.removed_at.timestamp() <= stop
    ]
    hung = still or [i for i in installations if i.installed_at.timestamp() < stop]
    return hung[-1] if hung else installations[0]


def _drop_stale(
    installations: list[MeterInstallation], rows: list[tuple[int, int, int, int, int]], day: date, until: date
) -> None:
    """A total whose records no longer carry it goes; the records themselves stay."""
    kept = {(register, ordinal) for register, ordinal, *_ in rows}
    stored = DayTotal.objects.filter(
        register__installation__in=[i.pk for i in installations],
        register__ref__in=list(COUNTED),
        day__gte=day.toordinal(),
        day__lt=until.toordinal(),
    ).values_list("register_id", "day")
    for register, ordinal in [pair for pair in stored if pair not in kept]:
        DayTotal.objects.filter(register_id=register, day=ordinal).delete()


def _days(
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
    for first, last, offset in _stretches(clock, bounds, exchanges):
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


def _stretches(
    clock: WallClock, bounds: list[int], apart: AbstractSet[int]
) -> Iterator[tuple[int, int, int | None]]:
    """[first, last) of neighbouring days with one offset from UTC; None for days that need a look at each hour."""
    held: tuple[int, int, int | None] | None = None
    for start, stop in pairwise(bounds):
        offset = clock.steady_offset(start)
        if (start + (offset or 0)) // 86_400 + _FIRST_DAY in apart:
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
                yield (day + _FIRST_DAY, name), _Sum(quantity, hours * seconds, hours, status)


def _records(series_id: int, start: int, stop: int) -> Iterable[tuple[Any, ...]]:
    columns = [COLUMNS[name] for name in COUNTED]
    return (
        ArchiveRecord.objects.filter(series_id=series_id, start__gte=start, start__lt=stop)
        .order_by("start")
        .values_list("start", "flags", "bad", "calculated", "interpolated", *columns)
        .iterator(chunk_size=2000)
    )
