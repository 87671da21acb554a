"""The reporting period of a utility: a month, the day when its readings are due, and from when on they count for it.

Readings of a month are due on a day of that month or of the following one. They count for the month when they reach
into the last seven days before the cut-off: the due day itself, or the end of the month where that comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from readings.models import DeskSettings

REACH = timedelta(days=7)


def next_month(first: date) -> date:
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


@dataclass(frozen=True)
class Period:
    """`first`: the first day of its month. Days are local; instants are midnights of `zone`."""

    first: date
    due_day: int
    due_next_month: bool
    zone: ZoneInfo

    @property
    def due(self) -> date:
        """The last day on which readings are in time."""
        month = next_month(self.first) if self.due_next_month else self.first
        return month.replace(day=self.due_day)

    @property
    def reach(self) -> date:
        """The first day that readings have to contain to count for this period."""
        return min(self.due + timedelta(days=1), next_month(self.first)) - REACH

    @property
    def following(self) -> Period:
        return Period(next_month(self.first), self.due_day, self.due_next_month, self.zone)

    @property
    def deadline(self) -> datetime:
        return self.midnight(self.due + timedelta(days=1))

    def midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)

    @property
    def span(self) -> tuple[int, int]:
        """[from, to) in epoch seconds: readings of these instants count for the period."""
        return int(self.midnight(self.reach).timestamp()), int(
            self.midnight(self.following.reach).timestamp()
        )


def period_of(first: date, kept: DeskSettings, zone: ZoneInfo) -> Period:
    return Period(first.replace(day=1), kept.due_day, kept.due_next_month, zone)


def period_now(today: date, kept: DeskSettings, zone: ZoneInfo) -> Period:
    """The one whose due day comes next, or is today."""
    period = period_of(month_before(today.replace(day=1)), kept, zone)
    while period.due < today:
        period = period.following
    return period
