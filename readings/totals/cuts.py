"""The local days of a zone as spans of epoch seconds, cut where a tariff band changes. Pure: no Django.

A day runs from local midnight to the next, so it has 23, 24 or 25 hours, and 26 in Chita on 26 October 2014.
Where midnight is skipped the day begins at the moment of the change; a day that never was (Samoa,
30 December 2011) has no cut.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

Hours = Mapping[int, int]  # local hour at which a band begins → the band; hour 0 is always there
PLAIN: Hours = {0: 0}


@dataclass(frozen=True, slots=True)
class Cut:
    """[at, next_at) belongs to local day `day` (proleptic ordinal) and tariff band `band`."""

    at: int
    next_at: int
    day: int
    band: int


def local_epoch(day: date, hour: int, zone: ZoneInfo) -> int:
    """A wall clock hour as epoch seconds; of two equal ones the first, of one that is skipped the change itself."""
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=zone).timestamp())


def local_day(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


def day_cuts(first: date, end: date, zone: ZoneInfo, hours_of: Callable[[date], Hours]) -> Iterator[Cut]:
    """The cuts of the days in [first, end), without a hole between them."""
    starts: list[tuple[int, int, int]] = []
    day = first
    while day < end:
        starts += [
            (local_epoch(day, hour, zone), day.toordinal(), b) for hour, b in sorted(hours_of(day).items())
        ]
        day += timedelta(days=1)
    starts.append((local_epoch(end, 0, zone), end.toordinal(), 0))
    for (at, number, band), (next_at, _day, _band) in pairwise(starts):
        if at < next_at:  # hours that the clock skips begin and end at once
            yield Cut(at, next_at, number, band)
