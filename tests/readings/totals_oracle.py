"""What a day total is, said once more and in another way: over the whole series, in exact fractions."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from math import floor
from zoneinfo import ZoneInfo

Totals = dict[date, tuple[int, int, int]]  # day → quantity, seconds, status


@dataclass(frozen=True)
class Rules:
    zone: ZoneInfo
    span: int | None = None
    max_per_hour: int | None = None
    gap: int = 2 * 86400


def half_up(x: Fraction) -> int:
    return floor(x + Fraction(1, 2))


def day_start(day: date, zone: ZoneInfo) -> int:
    """The first second whose local date is `day`, found by looking rather than by asking for midnight."""
    low = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) - 30 * 3600
    high = low + 60 * 3600
    while low < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).date() >= day:
            high = middle
        else:
            low = middle + 1
    return low


def rise(rules: Rules, p: int, vp: int, n: int, vn: int) -> int | None:
    """How much was counted between two readings, or None: nobody knows."""
    step = vn - vp
    if step < 0:
        if rules.span is None or rules.max_per_hour is None:
            return None
        step += rules.span
    if step < 0:
        return None
    if rules.max_per_hour is not None and Fraction(step, n - p) > Fraction(rules.max_per_hour, 3600):
        return None
    return step


def settled(
    rules: Rules, accepted: AbstractSet[int], p: int, vp: int, n: int, vn: int
) -> tuple[int | None, bool]:
    """The rise, and whether counting began anew: an operator who accepts a reading settles what nobody knew."""
    up = rise(rules, p, vp, n, vn)
    if up is None and n in accepted:
        return max(0, vn - vp), vn < vp
    return up, False


def totals(
    readings: dict[int, int],
    rules: Rules,
    rounded: Callable[[Fraction], int] = half_up,
    accepted: AbstractSet[int] = frozenset(),
) -> Totals:
    """`readings`: instant → index, those that are used; `accepted`: the instants an operator has confirmed."""
    found: Totals = {}
    for (p, vp), (n, vn) in pairwise(sorted(readings.items())):
        up, anew = settled(rules, accepted, p, vp, n, vn)
        day = datetime.fromtimestamp(p, rules.zone).date()
        while (start := day_start(day, rules.zone)) < n:
            end = day_start(day + timedelta(days=1), rules.zone)
            quantity, seconds, status = found.get(day, (0, 0, 0))
            a, b = max(start, p), min(end, n)
            if up is None:
                status = 2
            else:
                index_a, index_b = (rounded(vp + Fraction(up * (x - p), n - p)) for x in (a, b))
                quantity, seconds = quantity + index_b - index_a, seconds + b - a
                interpolated = p < start or n > end
                status = max(status, int(anew or (n - p > rules.gap and interpolated)))
            found[day] = (quantity, seconds, status)
            day += timedelta(days=1)
    return found
