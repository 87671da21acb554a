"""Which days of a metering point the utility has closed: its desk closes periods, imports and their undoing ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from servers.models import MeteringPoint

Stretch = tuple[date, date]  # [first, end)
Closed = Callable[[MeteringPoint, date, date], Iterable[Stretch]]
DAY = timedelta(days=1)
_asked: list[Closed] = []


def register_period_closed(closed: Closed) -> None:
    """Whoever closes periods says here which days they are: `closed(point, first, last)` gives the stretches within
    the local days [first, last] of the point."""
    _asked.append(closed)


def period_is_closed(point: MeteringPoint, day: date) -> bool:
    return closed_day(point, day, day) is not None


def closed_day(point: MeteringPoint, first: date, last: date) -> date | None:
    """The first closed day within [first, last]."""
    return next((begin for begin, _end in closed_stretches(point, first, last)), None)


def closed_stretches(point: MeteringPoint, first: date, last: date) -> Iterator[Stretch]:
    """What is closed within [first, last], joined, oldest first."""
    found = sorted(
        (max(begin, first), min(end, last + DAY))
        for closed in _asked
        for begin, end in closed(point, first, last)
    )
    held: Stretch | None = None
    for begin, end in found:
        if begin >= end:
            continue
        if held is not None and begin > held[1]:
            yield held
            held = None
        held = (held[0], max(held[1], end)) if held else (begin, end)
    if held is not None:
        yield held
