"""The heat that every simulated meter measures: one small house, the same for ever, exact in whole units.

A simulator packs these figures into its protocol, its driver unpacks them; a test compares both ends with this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache

HOUR = timedelta(hours=1)
EPOCH = datetime(2020, 1, 1)  # noqa: DTZ001 a meter's clock knows no zone


@dataclass(frozen=True)
class Hour:
    """Litres, kilograms, 1e-6 Gcal of one hour; hundredths of a degree and of kgf/cm² on average."""

    v1: int
    v2: int
    m1: int
    m2: int
    q: int
    t1: int
    t2: int
    p1: int
    p2: int


@lru_cache(maxsize=20_000)
def hour_of(at: datetime, seed: int = 0) -> Hour:
    """The hour that begins at `at`. Colder nights and winters take more."""
    winter = abs(at.month - 7)  # 0 in July, 6 in January
    night = abs(at.hour - 14)  # 0 at two in the afternoon
    wobble = (at.toordinal() * 31 + at.hour * 7 + seed * 13) % 23
    v1 = 300 + 40 * winter + 10 * night + wobble
    t1 = 6500 + 400 * winter + 20 * night + wobble
    t2 = 4200 + 150 * winter + 5 * night
    m1 = v1 - v1 * 3 // 100
    return Hour(
        v1=v1,
        v2=v1 - 2,
        m1=m1,
        m2=m1 - 1,
        q=m1 * (t1 - t2) // 100,  # 1 kg · 1 K = 1 kcal = 1e-6 Gcal
        t1=t1,
        t2=t2,
        p1=600 + winter,
        p2=410 + winter,
    )


@dataclass(frozen=True)
class Sum:
    """Several hours: sums, and averages rounded down to the hundredth."""

    hours: int
    v1: int
    v2: int
    m1: int
    m2: int
    q: int
    t1: int
    t2: int
    p1: int
    p2: int


def between(start: datetime, end: datetime, seed: int = 0) -> Sum:
    """All whole hours of `start <= at < end`."""
    return _add([_day(at, seed) if whole else _one(at, seed) for at, whole in _pieces(start, end)])


def _pieces(start: datetime, end: datetime) -> list[tuple[datetime, bool]]:
    pieces = []
    while start < end:
        whole = start.hour == 0 and start + timedelta(days=1) <= end
        pieces.append((start, whole))
        start += timedelta(days=1) if whole else HOUR
    return pieces


@lru_cache(maxsize=5_000)
def _day(at: datetime, seed: int) -> tuple[int, ...]:
    rows = [_one(at + HOUR * number, seed) for number in range(24)]
    return tuple(sum(column) for column in zip(*rows, strict=True))


def _one(at: datetime, seed: int) -> tuple[int, ...]:
    hour = hour_of(at, seed)
    return (1, hour.v1, hour.v2, hour.m1, hour.m2, hour.q, hour.t1, hour.t2, hour.p1, hour.p2)


def _add(rows: list[tuple[int, ...]]) -> Sum:
    sums = [sum(column) for column in zip(*rows, strict=True)] if rows else [0] * 10
    hours = sums[0]
    return Sum(*sums[:6], *(total // hours if hours else 0 for total in sums[6:]))


def totals(at: datetime, seed: int = 0) -> Sum:
    """What the meter has counted since it was installed (2020-01-01 by its own clock)."""
    return between(EPOCH, at.replace(minute=0, second=0, microsecond=0), seed)


def decimal(value: int, places: int) -> Decimal:
    return Decimal(value).scaleb(-places)
