"""Days, weeks, months and years of local days, half-open. Pure."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date, timedelta

KINDS = ("day", "week", "month", "year")


@dataclass(frozen=True)
class Period:
    kind: str
    first_day: date
    end_day: date

    @property
    def key(self) -> str:
        """What stands in an address: 2026-11-22, 2026-W47, 2026-11 or 2026."""
        if self.kind == "week":
            year, week, _day = self.first_day.isocalendar()
            return f"{year}-W{week:02}"
        return self.first_day.strftime({"day": "%Y-%m-%d", "month": "%Y-%m", "year": "%Y"}[self.kind])

    @property
    def length(self) -> int:
        return (self.end_day - self.first_day).days

    @property
    def before(self) -> Period:
        return period_of(self.kind, self.first_day - timedelta(days=1))

    @property
    def after(self) -> Period:
        return period_of(self.kind, self.end_day)

    @property
    def year_before(self) -> Period:
        """The same period a year ago: the week of the same number (53 becomes 52), the day of the same date
        (29 February becomes the 28th)."""
        first = self.first_day
        if self.kind == "week":
            year, week, _day = first.isocalendar()
            last_week = date(year - 1, 12, 28).isocalendar().week
            return period_of("week", date.fromisocalendar(year - 1, min(week, last_week), 1))
        with contextlib.suppress(ValueError):
            return period_of(self.kind, first.replace(year=first.year - 1))
        return period_of(self.kind, date(first.year - 1, 2, 28))

    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range(self.length)]

    def elapsed(self, days: int) -> tuple[date, date]:
        """Its first `days` days: what a running period is compared with."""
        return self.first_day, min(self.first_day + timedelta(days=days), self.end_day)


def period_of(kind: str, day: date) -> Period:
    """The period of `kind` that holds `day`. Raises `ValueError` for an unknown kind."""
    if kind == "day":
        return Period(kind, day, day + timedelta(days=1))
    if kind == "week":
        first = day - timedelta(days=day.weekday())
        return Period(kind, first, first + timedelta(days=7))
    if kind == "month":
        first = day.replace(day=1)
        return Period(kind, first, (first + timedelta(days=32)).replace(day=1))
    if kind == "year":
        return Period(kind, date(day.year, 1, 1), date(day.year + 1, 1, 1))
    raise ValueError(kind)


def parse_period(kind: str, key: str, today: date) -> Period:
    """The period an address names; today's where the address makes no sense or lies outside 2000 to this year."""
    kind = kind if kind in KINDS else "month"
    try:
        if kind == "day":
            day = date(int(key[:4]), int(key[5:7]), int(key[8:10]))
        elif kind == "week":
            day = date.fromisocalendar(int(key[:4]), int(key[6:]), 1)
        elif kind == "month":
            day = date(int(key[:4]), int(key[5:7]), 1)
        else:
            day = date(int(key[:4]), 1, 1)
    except ValueError:
        day = today
    if not date(2000, 1, 1) <= day <= date(today.year, 12, 31):
        day = today
    return period_of(kind, day)
