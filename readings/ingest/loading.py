"""From the spool into the stage: keys, instants and groups for each row, and what is wrong with its time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils import timezone

from readings.ingest.resolve import Finding, Match
from readings.ingest.spool import Spool
from readings.ingest.wallclock import WallClock, point_zone, stamp_of
from readings.models import ArchiveSeries
from readings.review.rules import FUTURE_SECONDS
from readings.store import Placed
from servers.models import MeteringPoint

MAX_FINDINGS = 1000
_NEVER = 1 << 62
_ONE_PASS = frozenset({"day", "month", "totals"})


class Disordered(Exception):
    """Records do not follow one another in time: the file may hold one twice."""


@dataclass
class Group:
    """All records of one file for one metering point and kind: a line of the report."""

    index: int
    number: str
    serial: str
    kind: str
    point: MeteringPoint | None
    clock: WallClock
    refusal: str = ""
    series: list[tuple[int, ArchiveSeries]] = field(
        default_factory=list
    )  # (in force from, series), oldest first
    in_file: int = 0
    refused: int = 0
    first: int | None = None
    last: int | None = None
    offset_told: bool = False
    passed: set[tuple[int, int]] = field(default_factory=set)

    def seen(self) -> tuple[int, int]:
        """The first and the last instant so far; the other way round while there is none."""
        if self.first is None or self.last is None:
            return _NEVER, -_NEVER
        return self.first, self.last

    @property
    def series_ids(self) -> list[int]:
        return [series.pk for _, series in self.series]

    def series_at(self, at: int) -> int:
        """The series of the meter that hung there; records older than the first meter's date are still its own."""
        if len(self.series) == 1:
            return int(self.series[0][1].pk)
        place = bisect_right([since for since, _ in self.series], at)
        return int(self.series[max(place - 1, 0)][1].pk)


class Loader:
    """Groups of one file, and the stream of its records for the store."""

    def __init__(
        self,
        matches: list[Match],
        default_clock: WallClock,
        *,
        stamps: WallClock | None = None,
        hour_ends: bool = False,
    ) -> None:
        """`stamps`: the clock that the meters' hours follow, where it is not the metering point's.

        `hour_ends`: the file stamps the ends of hours; the reader has put them back by an hour of the clock.
        """
        self._made_of = matches, default_clock, stamps, hour_ends
        self._stamps = stamps
        self._ahead = 3600 if hour_ends else 0
        self.findings: list[Finding] = []
        self.findings_total = 0
        self.groups: list[Group] = []
        self.disordered = False  # whether some stamps fell, so that a period may stand twice
        self._group_of: dict[int, Group] = {}
        self._matches = matches
        keyed: dict[tuple[object, ...], Group] = {}
        clocks: dict[str, WallClock] = {}
        for match in matches:
            series = match.series
            point = None if match.refusal else match.point
            key = (series.point or (point.pk if point else ""), series.kind, match.serial, match.refusal)
            group = keyed.get(key)
            if group is None:
                zone = point_zone(point) if point else default_clock.zone
                clock = clocks.setdefault(zone.key, WallClock(zone))
                group = Group(
                    len(self.groups),
                    match.number,
                    match.serial,
                    series.kind or "",
                    point,
                    clock,
                    match.refusal,
                )
                keyed[key] = group
                self.groups.append(group)
            self._group_of[series.index] = group
            if series.records:  # a record without a readable time or value is one of the file's all the same
                group.in_file += series.rejected
                group.refused += series.rejected

    def anew(self) -> Loader:
        """One for the same file that has counted nothing yet."""
        matches, default_clock, stamps, hour_ends = self._made_of
        return Loader(matches, default_clock, stamps=stamps, hour_ends=hour_ends)

    def open_series(self) -> list[int]:
        """Find or make the series of each group, in one order for everybody so that two imports cannot deadlock."""
        wanted: dict[tuple[int, int, str], list[tuple[Group, int]]] = {}
        for match in self._matches:
            group = self._group_of[match.series.index]
            if match.refusal or group.series or match.point is None:
                continue
            for installation in match.installations:
                key = (match.point.pk, installation.meter_id, group.kind or "hour")
                since = int(installation.installed_at.timestamp())
                places = wanted.setdefault(key, [])
                if not any(g is group for g, _ in places):
                    places.append((group, since))
        for (point, meter, kind), places in sorted(wanted.items(), key=lambda item: item[0]):
            series, _ = ArchiveSeries.objects.get_or_create(point_id=point, meter_id=meter, kind=kind)
            for group, since in places:
                group.series.append((since, series))
        for group in self.groups:
            group.series.sort(key=lambda pair: pair[0])
        return sorted({pk for group in self.groups for pk in group.series_ids})

    def find(self, line: int, group: Group, name: str, value: str, code: str) -> None:
        self.findings_total += 1
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(Finding(line, group.number, name, value, code))

    def group_of(self, series: int) -> Group | None:
        return self._group_of.get(series)

    def placed(self, spool: Spool, *, rising: bool = False) -> Iterator[Placed]:
        """The records of the spool with their group, series and instant. A microsecond each.

        `rising`: raises `Disordered` where a stamp falls, before that record is given.
        """
        latest: dict[int, int] = {}
        series, group, days, only = "", self.groups[0] if self.groups else None, {}, 0
        held = before = low = high = 0
        horizon = int(timezone.now().timestamp()) + FUTURE_SECONDS
        for line in spool.read_lines():
            name, wall, told, number, rank, data = line.split("\t", 5)
            if name != series or group is None:
                series, group = name, self._group_of[int(name)]
                days = self._clock(group).plain_days
                only = group.series_ids[0] if len(group.series) == 1 else 0
                low, high = group.seen()
            group.in_file += 1
            clock = int(wall)
            offset = days.get(clock // 86_400)
            if offset is None or group.refusal or (told and (self._ahead or int(told) != offset)):
                at = None if group.refusal else self._instant(group, int(name), clock, told, int(number))
                if at is None:
                    group.refused += 1
                    self._widen(group, group.clock.period_start(clock))
                    low, high = group.seen()
                    continue
            else:
                at = clock - offset
            if at > high:
                group.last = high = at
            if at < low:
                group.first = low = at
            if at > horizon:  # kept as the meter wrote it, and said: its clock runs ahead
                self.find(int(number), group, "start", group.clock.iso(at), "future")
            key = only or group.series_at(at)
            if key != held:
                latest[held] = before
                held, before = key, latest.get(key, at - 1)
            if at <= before:
                self.disordered = True
                if rising:
                    raise Disordered
            before = at
            yield group.index, key, at, number, rank, data

    def _clock(self, group: Group) -> WallClock:
        """A day is a date of the point, whatever clock its meter follows."""
        return group.clock if group.kind in ("day", "month") else self._stamps or group.clock

    @staticmethod
    def _widen(group: Group, at: int) -> None:
        if group.first is None or at < group.first:
            group.first = at
        if group.last is None or at > group.last:
            group.last = at

    def _instant(self, group: Group, series: int, wall: int, told: str, line: int) -> int | None:
        offset = int(told) if told else None
        at = self._local(group, series, wall, offset)
        if at is None:
            self.find(line, group, "start", stamp_of(wall).isoformat(), "skipped_time")
        elif offset is not None and wall - at != offset and not group.offset_told:
            group.offset_told = True  # once a group says it all: such a file differs throughout
            self.find(line, group, "start", f"{offset / 3600:+.2f}", "offset_differs")
        return at

    def _local(self, group: Group, series: int, wall: int, offset: int | None) -> int | None:
        clock = self._clock(group)
        if group.kind in _ONE_PASS:
            return clock.period_start(wall)
        # Which hour it is when the clock is changed, only the stamp itself can say: 03:00 may follow 01:00.
        ahead = self._ahead if group.kind == "hour" else 0
        passes = tuple(at - ahead for at in clock.passes(wall + ahead))
        if len(passes) == 1:
            return passes[0]
        if not passes:
            return None
        if offset is not None and wall - offset in passes:
            return wall - offset
        key = (series, wall)
        if key in group.passed:
            return passes[1]
        group.passed.add(key)
        return passes[0]
