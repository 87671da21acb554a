"""Whether a metering point's period is closed: the utility's desk closes them, imports and their undoing ask."""

from __future__ import annotations

from collections.abc import Callable
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
