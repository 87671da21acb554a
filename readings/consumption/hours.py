"""The hours of a local day from index readings: the same line, and the same rounding, as the day totals.

An hour is the difference of the index at its ends, each interpolated and rounded once, so the hours of a day add
up to the day. Pure, but for `readings_around`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery

from readings.models import Reading
from servers.models import Register

HOUR = 3600
FAR_APART = 2 * HOUR  # an hour between readings farther apart is spread evenly, and says so


@dataclass(frozen=True, slots=True)
class HourQuantity:
    """`steps` of the register's resolution over [start, end) in epoch seconds; None where nothing is known."""

    start: int
    end: int
    steps: int | None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Course:
    """A register's used readings around a day: (instant, index), oldest first, with what explains a fall."""

    readings: Sequence[tuple[int, int]]
    span: int | None = None
    max_per_hour: int | None = None


def hours_of(day: date, zone: ZoneInfo) -> list[tuple[int, int]]:
    """The hours of a local day as epoch seconds: 24 of them, 23 or 25 where the clock changes."""
    start, end = (
        int(datetime.combine(one, time(), zone).timestamp()) for one in (day, day + timedelta(days=1))
    )
    marks = [*range(start, end, HOUR), end]
    return list(pairwise(marks))


def hour_quantities(course: Course, hours: Sequence[tuple[int, int]]) -> list[HourQuantity]:
    found = []
    for start, end in hours:
        steps, known, estimated = 0, 0, False
        for (p, low), (n, high) in pairwise(course.readings):
            if n <= start or p >= end:
                continue
            rise = _rise(course, low, high, n - p)
            if rise is None:
                estimated = True
                continue
            first, last = max(start, p), min(end, n)
            steps += _share(rise, last - p, n - p) - _share(rise, first - p, n - p)
            known += last - first
            estimated = estimated or (n - p > FAR_APART and (p < start or n > end))
        found.append(HourQuantity(start, end, steps if known else None, estimated and known > 0))
    return found


def _rise(course: Course, low: int, high: int, seconds: int) -> int | None:
    """Plain, or over the rollover; None where neither explains the two readings (the interval is disputed)."""
    rise = high - low
    if rise < 0:
        if course.span is None or course.max_per_hour is None or rise + course.span < 0:
            return None
        rise += course.span
    if course.max_per_hour is not None and -(-rise * HOUR // seconds) > course.max_per_hour:
        return None
    return rise


def _share(rise: int, x: int, seconds: int) -> int:
    """rise·x/seconds, rounded half up."""
    return (2 * rise * x + seconds) // (2 * seconds)


def readings_around(register_ids: Iterable[int], start: int, end: int) -> dict[int, Course]:
    """The used readings of each register in [start, end] and the nearest one on either side. Two queries."""
    used = Reading.objects.filter(register=OuterRef("pk"), used=True)
    rows = list(
        Register.objects.filter(pk__in=list(register_ids))
        .annotate(
            low=Subquery(used.filter(at__lte=start).order_by("-at").values("at")[:1]),
            high=Subquery(used.filter(at__gte=end).order_by("at").values("at")[:1]),
        )
        .values_list("pk", "low", "high", "span", "max_per_hour")
    )
    if not rows:
        return {}
    wanted = Q()
    for pk, low, high, *_rest in rows:
        wanted |= Q(register=pk, at__gte=start if low is None else low, at__lte=end if high is None else high)
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for register, at, value in (
        Reading.objects.filter(wanted, used=True)
        .order_by("register_id", "at")
        .values_list("register_id", "at", "value")
    ):
        found[register].append((at, value))
    return {pk: Course(found[pk], span, most) for pk, _low, _high, span, most in rows}
