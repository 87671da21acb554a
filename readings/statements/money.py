"""The arithmetic of a statement, in whole minor units. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True)
class Line:
    """A service in a month. A positive balance is credit; amounts are as their column shows them."""

    service: str
    opening: int = 0
    charged: int = 0
    additional: int = 0
    refunded: int = 0
    paid: int = 0

    @property
    def closing(self) -> int:
        return self.opening - self.charged - self.additional + self.refunded + self.paid

    @property
    def to_pay(self) -> int:
        return max(0, -self.closing)


@dataclass(frozen=True)
class Total:
    """Of all services. What is to pay is their sum, never netted: one service's credit pays no other's debt."""

    opening: int
    charged: int
    additional: int
    refunded: int
    paid: int
    closing: int
    to_pay: int


def total_of(lines: Iterable[Line]) -> Total:
    lines = list(lines)
    return Total(*(sum(getattr(line, name) for line in lines) for name in Total.__dataclass_fields__))


def month_of(day: date) -> date:
    return day.replace(day=1)


def month_after(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(month: date) -> date:
    return (month - timedelta(days=1)).replace(day=1)
