"""How much of each local day of a month the meters have: few statements for any number of meters.

A day's share is the seconds that its totals cover by measured readings. A meter with several registers has the
least of them; days before it was installed (or first heard), after it was removed and still to come are nobody's
fault.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from django.db.models import Min, Q, QuerySet, Sum

from readings.models import DayTotal, TotalStatus
from readings.totals.cuts import local_day, local_epoch
from servers.models import LostSpan, MeteringPoint, MeterInstallation, MeterRef, Register

_MEASURED = (TotalStatus.MEASURED, TotalStatus.SUBSTITUTED)


class DayState(StrEnum):
    FULL = "full"
    PART = "part"
    ESTIMATED = "estimated"
    DISPUTED = "disputed"
    LOST = "lost"
    NONE = "none"
    OUTSIDE = "outside"  # not installed yet, taken away, or still to come


@dataclass(frozen=True, slots=True)
class Cell:
    day: date
    state: DayState
    percent: int = 0


@dataclass
class MeterMonth:
    """One installation over a month. `percent` is cut, so that 100 means all of the days that are over."""

    installation_id: int
    registers: list[int]
    first: date
    end: date
    percent: int = 0
    cells: list[Cell] = field(default_factory=list)


@lru_cache(maxsize=4096)
def day_seconds(day: date, zone: str) -> int:
    clock = ZoneInfo(zone)
    return local_epoch(day + timedelta(days=1), 0, clock) - local_epoch(day, 0, clock)


@lru_cache(maxsize=1024)
def span_seconds(first: date, end: date, zone: str) -> int:
    clock = ZoneInfo(zone)
    return max(0, local_epoch(end, 0, clock) - local_epoch(first, 0, clock)) if end > first else 0


@dataclass
class Month:
    """The meters at `points` over [first, end), as far as it lies before `today`, in the programme's zone."""

    points: QuerySet[MeteringPoint]
    first: date
    end: date
    today: date
    zone: ZoneInfo

    @property
    def over(self) -> date:
        """The end of the days that are over."""
        return min(self.end, self.today)

    def meters(self) -> list[MeterMonth]:
        """All of them with their share, the worst first. Two statements."""
        by_installation = self._installations()
        measured, heard = self._measured()
        for meter in by_installation.values():
            # a gateway reads for days before somebody publishes what it reads
            earliest = min((heard[one] for one in meter.registers if one in heard), default=None)
            if earliest is not None:
                meter.first = min(meter.first, date.fromordinal(earliest))
            expected = span_seconds(meter.first, meter.end, self.zone.key)
            least = min((measured.get(register, 0) for register in meter.registers), default=0)
            meter.percent = min(100, least * 100 // expected) if expected else 100
        return sorted(by_installation.values(), key=lambda meter: (meter.percent, meter.installation_id))

    def _installations(self) -> dict[int, MeterMonth]:
        start, stop = self._instants()
        rows = (
            Register.objects.filter(
                Q(retired_at=None) | Q(retired_at__gt=start),
                Q(installation__removed_at=None) | Q(installation__removed_at__gt=start),
                kind=Register.Kind.CUMULATIVE,
                installation__installed_at__lt=stop,
                installation__point__in=self.points.values("pk"),
                installation__point__retired_at=None,
            )
            .order_by("installation_id", "pk")
            .values_list("pk", "installation_id", "installation__installed_at", "installation__removed_at")
        )
        found: dict[int, MeterMonth] = {}
        for pk, installation, installed, removed in rows:
            meter = found.get(installation)
            if meter is None:
                since = local_day(int(installed.timestamp()), self.zone)
                # the day of the exchange belongs to both meters in part, and is asked of neither
                begin = max(self.first, since + timedelta(days=1) if since >= self.first else since)
                until = (
                    self.over
                    if removed is None
                    else min(self.over, local_day(int(removed.timestamp()), self.zone))
                )
                meter = found[installation] = MeterMonth(installation, [], begin, until)
            meter.registers.append(pk)
        return found

    def _instants(self) -> tuple[datetime, datetime]:
        return (
            datetime.combine(self.first, datetime.min.time(), self.zone),
            datetime.combine(self.end, datetime.min.time(), self.zone),
        )

    def _measured(self) -> tuple[dict[int, int], dict[int, int]]:
        """Register → seconds measured, and register → the first day of the month that has a total."""
        rows = (
            DayTotal.objects.filter(day__gte=self.first.toordinal(), day__lt=self.over.toordinal())
            .values("register_id")
            .annotate(covered=Sum("seconds", filter=Q(status__in=_MEASURED)), since=Min("day"))
            .order_by()
            .values_list("register_id", "covered", "since")
        )
        found = list(rows)
        return {pk: covered or 0 for pk, covered, _since in found}, {pk: since for pk, _c, since in found}

    def fill(self, meters: Sequence[MeterMonth]) -> None:
        """The days of these meters: a statement, whatever their number."""
        registers = [register for meter in meters for register in meter.registers]
        days: dict[tuple[int, int], tuple[int, int, int]] = {}
        rows = DayTotal.objects.filter(
            register_id__in=registers, day__gte=self.first.toordinal(), day__lt=self.end.toordinal()
        ).values_list("register_id", "day", "seconds", "status")
        for register, day, seconds, status in rows:
            covered, measured, worst = days.get((register, day), (0, 0, 0))
            days[register, day] = (
                covered + seconds,
                measured + (seconds if status in _MEASURED else 0),
                max(worst, status if status != TotalStatus.SUBSTITUTED else 0),
            )
        for meter in meters:
            meter.cells = [self._cell(meter, day, days) for day in _days(self.first, self.end)]

    def _cell(
        self,
        meter: MeterMonth,
        day: date,
        days: dict[tuple[int, int], tuple[int, int, int]],
    ) -> Cell:
        told = [
            days[register, day.toordinal()]
            for register in meter.registers
            if (register, day.toordinal()) in days
        ]
        asked = meter.first <= day < meter.end
        if not told:
            if not asked:
                return Cell(day, DayState.OUTSIDE)
            return Cell(
                day, DayState.LOST if day in self._lost_days.get(meter.installation_id, ()) else DayState.NONE
            )
        length = day_seconds(day, self.zone.key)
        measured = min((m for _c, m, _w in told), default=0) if len(told) == len(meter.registers) else 0
        worst = max(w for _c, _m, w in told)
        percent = min(100, measured * 100 // length)
        if worst == TotalStatus.DISPUTED:
            return Cell(day, DayState.DISPUTED, percent)
        if worst == TotalStatus.ESTIMATED:
            return Cell(day, DayState.ESTIMATED, percent)
        return Cell(day, DayState.FULL if measured >= length else DayState.PART, percent)

    @cached_property
    def _lost_days(self) -> dict[int, set[date]]:
        """The days that gateways told to be lost, by installation. Two statements, one if nothing was lost."""
        spans = list(self.lost(LostSpan.objects.all()))
        found: dict[int, set[date]] = defaultdict(set)
        if not spans:
            return found
        refs: dict[tuple[int, str], list[int]] = defaultdict(list)
        rows = MeterRef.objects.filter(
            server_id__in={span.server_id for span in spans}, ref__in={span.meter_ref for span in spans}
        ).values_list("server_id", "ref", "meter__installations")
        for server, ref, installation in rows:
            refs[server, ref].append(installation)
        for span in spans:
            first = max(local_day(int(span.since.timestamp()), self.zone), self.first)
            last = local_day(int(span.until.timestamp()), self.zone) if span.until else self.today
            for installation in refs.get((span.server_id, span.meter_ref), ()):
                found[installation].update(_days(first, min(last + timedelta(days=1), self.end)))
        return found

    def lost(self, rows: QuerySet[LostSpan]) -> QuerySet[LostSpan]:
        start, stop = self._instants()
        return rows.filter(Q(until=None) | Q(until__gte=start), since__lt=stop)


def _days(first: date, end: date) -> Iterable[date]:
    return [date.fromordinal(n) for n in range(first.toordinal(), end.toordinal())]


def installations_shown(keys: Sequence[int]) -> dict[int, MeterInstallation]:
    """With meter, point and place, in one statement."""
    rows = MeterInstallation.objects.filter(pk__in=keys).select_related(
        "meter",
        "point__dwelling__building",
        "point__common_area__building",
        "point__building",
        "point__contract",
    )
    return {row.pk: row for row in rows}
