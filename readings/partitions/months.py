"""Months as the half-open ranges of epoch seconds that partitions have: of UTC, since a partition has no zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime


def first_of(second: int) -> date:
    """The month that holds this instant, by its first day."""
    return datetime.fromtimestamp(second, UTC).date().replace(day=1)


def month_after(month: date, count: int = 1) -> date:
    """`count` months later; earlier where it is negative."""
    number = month.year * 12 + month.month - 1 + count
    return date(number // 12, number % 12 + 1, 1)


def begin(month: date) -> int:
    return int(datetime(month.year, month.month, 1, tzinfo=UTC).timestamp())


def months_between(first: date, stop: date) -> Iterator[date]:
    """The months of [first, stop)."""
    while first < stop:
        yield first
        first = month_after(first)
