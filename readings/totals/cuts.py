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

Bands = Mapping[
    int, int
]  # minute of the local day at which a band begins → the band; minute 0 is always there
PLAIN: Bands = {0: 0}


@dataclass(frozen=True, slots=True)
class Cut:
    """[at, next_at) belongs to local day `day` (proleptic ordinal) and tariff band `band`."""

    at: int
    next_at: int
    day: int
    band: int


def local_epoch(day: date, minute: int, zone: ZoneInfo, fold: int = 0) -> int:
    """A wall clock time as epoch seconds; of two equal ones the first, unless `fold` is 1."""
    hour, minute = divmod(minute, 60)
    return int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold).timestamp())


def local_day(at: int, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(at, UTC).astimezone(zone).date()


def day_cuts(first: date, end: date, zone: ZoneInfo, bands_of: Callable[[date], Bands]) -> Iterator[Cut]:
    """The cuts of the days in [first, end), without a hole between them."""
    day, start = first, local_epoch(first, 0, zone)
    while day < end:
        after = day + timedelta(days=1)
        stop = local_epoch(after, 0, zone)
        if start < stop:  # a day that never was begins and ends at once
            yield from _cuts_of(day, start, stop, zone, bands_of(day))
        day, start = after, stop


def _cuts_of(day: date, start: int, stop: int, zone: ZoneInfo, bands: Bands) -> Iterator[Cut]:
    """Of one day [start, stop). Where the clock changes, the wall clock says what an instant is: an hour that comes
    twice is in its band twice, one that is skipped in none."""
    starts = [(local_epoch(day, minute, zone), band) for minute, band in sorted(bands.items())]
    if stop - start != 86400 and len(bands) > 1:
        instants = {local_epoch(day, minute, zone, fold) for minute in bands for fold in (0, 1)}
        instants |= {start, *_changes(start, stop, zone)}
        starts = [(at, _band_at(at, zone, bands)) for at in sorted(instants) if start <= at < stop]
    kept = [starts[0]]
    kept += [now for before, now in pairwise(starts) if now[1] != before[1]]
    for (at, band), (next_at, _band) in pairwise([*kept, (stop, 0)]):
        if at < next_at:
            yield Cut(at, next_at, day.toordinal(), band)


def _band_at(at: int, zone: ZoneInfo, bands: Bands) -> int:
    wall = datetime.fromtimestamp(at, zone)
    return bands[max(begin for begin in bands if begin <= wall.hour * 60 + wall.minute)]


def _changes(start: int, stop: int, zone: ZoneInfo) -> Iterator[int]:
    """When in [start, stop) the clock is put forward or back; zones change on whole quarters of an hour."""
    quarters = range(start, stop + 900, 900)
    for before, at in pairwise(quarters):
        if datetime.fromtimestamp(before, zone).utcoffset() != datetime.fromtimestamp(at, zone).utcoffset():
            yield at
