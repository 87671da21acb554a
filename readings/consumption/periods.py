"""Weeks, months and years of local days, half-open. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

KINDS = ("week", "month", "year")


@dataclass(frozen=True)
class Period:
    kind: str
    first_day: date
    end_day: date

    @property
    def key(self) -> str:
        """What stands in an address: 2026-W47, 2026-11 or 2026."""
        if self.kind == "week":
            year, week, _day = self.first_day.isocalendar()
            return f"{year}-W{week:02}"
        return self.first_day.strftime("%Y-%m" if self.kind == "month" else "%Y")

    @property
    def before(self) -> Period:
        return period_of(self.kind, self.first_day - timedelta(days=1))

    @property
    def after(self) -> Period:
        return period_of(self.kind, self.end_day)

    def days(self) -> list[date]:
        return [self.first_day + timedelta(days=n) for n in range((self.end_day - self.first_day).days)]

    def elapsed(self, days: int) -> tuple[date, date]:
        """Its first `days` days: what a running period is compared with."""
        return self.first_day, min(self.first_day + timedelta(days=days), self.end_day)


def period_of(kind: str, day: date) -> Period:
    """The period of `kind` that holds `day`. Raises `ValueError` for an unknown kind."""
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
    """The period an address names; today's where the address makes no sense or lies outside 2000 to next year."""
    kind = kind if kind in KINDS else "month"
    try:
        if kind == "week":
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
