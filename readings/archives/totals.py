"""Day totals of metering points that are billed from their meters' archives.

The day record counts; without one, the sum of the day's hours if every one of them is there (23, 24, 25, in
Chita once 26); otherwise the day has no total. On the day of an exchange the hours of both meters make up the day,
and each meter's register gets its own part. What an operator decided about a value lies over the record.

Most days are plain: 24 hours or one day record of one meter, nothing decided, the clock left alone. The database adds
those up and writes their totals itself, for all points of a file at once (`readings.store.DaySums`); the others are
looked at record by record (`readings.archives.sums`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta

from readings.archives.sums import COUNTED, EXPONENT, FIRST_DAY, days_of, status_of, steps, stretches
from readings.ingest.columns import BIT, COLUMNS
from readings.ingest.wallclock import WallClock, point_zone
from readings.models import ArchiveKind, ArchiveSeries, DayTotal
from readings.review.overlay import series_decided
from readings.store import DaySums, DayWindow, day_totals_write
from servers.models import MeteringPoint, MeterInstallation, Register

__all__ = [
    "COUNTED",
    "EXPONENT",
    "Change",
    "exchange_days",
    "recompute",
    "recompute_all",
    "register_of",
    "registers_of",
    "status_of",
    "steps",
]
_CHUNK_DAYS = 200
_WHOLE: dict[str, int] = {ArchiveKind.HOUR: 24, ArchiveKind.DAY: 1}  # records that make up a plain day


def registers_of(wanted: AbstractSet[tuple[int, str]]) -> dict[tuple[int, str], Register]:
    """`register_of` for many at once, by (installation's key, name): three statements instead of four for each."""
    found = _standing(wanted)
    missing = [
        Register(
            installation_id=stay,
            ref=name,
            quantity=COUNTED[name][0],
            unit=COUNTED[name][1],
            exponent=EXPONENT,
        )
        for stay, name in sorted(wanted)
        if (stay, name) not in found
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


@dataclass(frozen=True, slots=True)
class Change:
    """The archive that a meter kept for a point changed between two instants, both included."""

    point: MeteringPoint
    meter_id: int
    first: int
    last: int


def recompute(*, point: MeteringPoint, meter_id: int, first: int, last: int) -> None:
    """`recompute_all` for one."""
    recompute_all([Change(point, meter_id, first, last)])


def recompute_all(changes: Iterable[Change]) -> None:
    """Bring the local days that meet the changes up to date.

    The caller has locked the points. A point that is billed from index readings is left alone.
    """
    archives = _archives(
        [one for one in changes if one.point.totals_source == MeteringPoint.TotalsSource.ARCHIVE]
    )
    decided = series_decided([pk for archive, *_ in archives for pk in archive.series.values()])
    windows: list[tuple[DayWindow, _Archive]] = []
    for archive, day, end in archives:
        plain, others = archive.parted(day, end, decided)
        windows += [(window, archive) for window in plain]
        for since, until in others:
            archive.recompute(since, until)
        for exchanged in sorted(date.fromordinal(n) for n in archive.exchanges):
            if day <= exchanged < end:  # the other meter's part of that day depends on this one's hours
                for other in archive.others():
                    other.recompute(exchanged, exchanged + timedelta(days=1))
    _write_plain(windows)


def _archives(changes: Sequence[Change]) -> list[tuple[_Archive, date, date]]:
    """What each change needs to know of its point, in two statements for all; with the local days [day, end)."""
    points = {change.point.pk for change in changes}
    hung: dict[int, list[MeterInstallation]] = defaultdict(list)
    for stay in MeterInstallation.objects.filter(point__in=points).order_by("installed_at", "pk"):
        hung[stay.point_id].append(stay)
    series: dict[int, dict[tuple[int, str], int]] = defaultdict(dict)
    rows = ArchiveSeries.objects.filter(point__in=points, kind__in=(ArchiveKind.HOUR, ArchiveKind.DAY))
    for pk, point, meter, kind in rows.values_list("pk", "point_id", "meter_id", "kind"):
        series[point][meter, kind] = pk
    clocks: dict[str, WallClock] = {}
    found = []
    for change in changes:
        zone = point_zone(change.point)
        clock = clocks.setdefault(zone.key, WallClock(zone))
        archive = _Archive(clock, change.meter_id, hung[change.point.pk], series[change.point.pk])
        found.append((archive, clock.day_of(change.first), clock.day_of(change.last) + timedelta(days=1)))
    return found


def exchange_days(clock: WallClock, installations: Iterable[MeterInstallation]) -> set[int]:
    """Local days (ordinals) within which a meter gave way to another one."""
    found = set()
    for one in installations:
        if one.removed_at is not None:
            at = int(one.removed_at.timestamp())
            if clock.day_start(clock.day_of(at)) != at:
                found.add(clock.day_of(at).toordinal())
    return found


class _Archive:
    """One meter's archive of a point, among those of the meters that hung there before and after."""

    def __init__(
        self,
        clock: WallClock,
        meter_id: int,
        hung: list[MeterInstallation],
        series: dict[tuple[int, str], int],
    ) -> None:
        self.clock, self.meter_id = clock, meter_id
        self.exchanges: AbstractSet[int] = exchange_days(clock, hung)
        self.series = {kind: pk for (meter, kind), pk in series.items() if meter == meter_id}
        # hour series of the other meters, looked at on days of an exchange only
        self._beside = [
            pk for (meter, kind), pk in series.items() if meter != meter_id and kind == ArchiveKind.HOUR
        ]
        self._stays = [one for one in hung if one.meter_id == meter_id]
        self._hung, self._all_series = hung, series

    def others(self) -> list[_Archive]:
        meters = sorted({one.meter_id for one in self._hung} - {self.meter_id})
        return [_Archive(self.clock, meter, self._hung, self._all_series) for meter in meters]

    def parted(
        self, day: date, end: date, decided: AbstractSet[int]
    ) -> tuple[list[DayWindow], list[tuple[date, date]]]:
        """The plain stretches of [day, end), and the rest as ranges of days."""
        if (
            len(self.series) != 1
            or len(self._stays) != 1
            or any(pk in decided for pk in self.series.values())
        ):
            return [], [(day, end)]
        [(kind, series)] = self.series.items()
        numbers = range(day.toordinal(), end.toordinal() + 1)
        bounds = [self.clock.day_start(date.fromordinal(n)) for n in numbers]
        plain, rest = [], []
        for first, stop, offset in stretches(self.clock, bounds, self.exchanges):
            if offset is None:
                rest.append((self.clock.day_of(first), self.clock.day_of(stop)))
            else:
                plain.append(DayWindow(series, first, stop, offset, self._stays[0].pk, _WHOLE[kind]))
        return plain, rest

    def recompute(self, day: date, end: date) -> None:
        """The days [day, end) record by record."""
        registers: dict[tuple[int, str], Register] = {}
        while day < end and self._stays:
            until = min(day + timedelta(days=_CHUNK_DAYS), end)
            totals = dict(days_of(self.clock, self.series, day, until, self._beside, self.exchanges))
            rows = []
            stays = {
                n: _installed_on(self._stays, self.clock, date.fromordinal(n))
                for n in {n for n, _name in totals}
            }
            wanted = {(stays[n].pk, name) for n, name in totals}
            if wanted - registers.keys():
                registers |= registers_of(wanted)
            for (ordinal, name), total in sorted(totals.items()):
                register = registers[stays[ordinal].pk, name]
                rows.append((register.pk, ordinal, total.quantity, total.seconds, int(total.status)))
            _drop_stale(self._stays, rows, day, until)
            day_totals_write(rows)
            day = until


def _write_plain(plain: list[tuple[DayWindow, _Archive]]) -> None:
    """Totals of plain days: the database adds up the records, and here is only told into which registers."""
    if not plain:
        return
    windows = [window for window, _archive in plain]
    names = list(COUNTED)
    before = _counting({window.installation_id for window in windows}, names)
    with DaySums(windows, [(COLUMNS[name], BIT[name]) for name in names], first_day=FIRST_DAY) as sums:
        whole = sums.whole()
        registers = registers_of({(windows[n].installation_id, names[k]) for n, k in whole})
        into = {(n, k): registers[windows[n].installation_id, names[k]].pk for n, k in whole}
        sums.write(into, {n: before[window.installation_id] for n, window in enumerate(windows)})
        crowded = sums.crowded()
    for n in sorted(crowded):  # of several day records in one day the first stands
        window, archive = plain[n]
        archive.recompute(archive.clock.day_of(window.first), archive.clock.day_of(window.stop))


def _counting(stays: AbstractSet[int], names: list[str]) -> dict[int, list[int]]:
    """The registers of each installation that hold such totals, also those that count no more."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Register.objects.filter(installation__in=stays, ref__in=names)
    for pk, stay in rows.values_list("pk", "installation_id"):
        found[stay].append(pk)
    return found


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
