"""Whether a metering point's period is closed: the utility's desk closes them, imports and their undoing ask."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from servers.models import MeteringPoint

Closed = Callable[[MeteringPoint, date], bool]
_asked: list[Closed] = []


def register_period_closed(closed: Closed) -> None:
    """Whoever closes periods says here which ones: `closed(point, day)` for a local day of the point."""
    _asked.append(closed)


def period_is_closed(point: MeteringPoint, day: date) -> bool:
    return any(closed(point, day) for closed in _asked)


def closed_day(point: MeteringPoint, first: date, last: date) -> date | None:
    """A closed day within [first, last]: its ends and the first day of each month in between are asked for."""
    days = [first, last]
    month = first.replace(day=1)
    while month <= last:
        days.append(max(month, first))
        month = (month + timedelta(days=32)).replace(day=1)
    return next((day for day in sorted(set(days)) if period_is_closed(point, day)), None)


def closed_stretches(point: MeteringPoint, first: date, last: date) -> Iterator[tuple[date, date]]:
    """[day, day) of what is closed within [first, last], joined. Asked by the month, as periods are closed."""
    if not _asked:
        return
    begin: date | None = None
    day = first
    while day <= last:
        closed = period_is_closed(point, day)
        if closed and begin is None:
            begin = day
        elif not closed and begin is not None:
            yield begin, day
            begin = None
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    if begin is not None:
        yield begin, last + timedelta(days=1)
