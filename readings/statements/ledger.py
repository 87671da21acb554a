"""Statements: what stands in the entries of a contract, by month and service."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import Contract
from readings.models import PeriodClosing, StatementEntry
from readings.statements.money import Line, Total, month_after, total_of

MAIN, PENALTY = "main", "penalty"
Kind = StatementEntry.Kind


def service_label(service: str) -> str:
    return {MAIN: _("Main services"), PENALTY: _("Penalty")}.get(service, service)


def entries_standing() -> QuerySet[StatementEntry]:
    """All but those of a closing that was opened again."""
    return StatementEntry.objects.filter(Q(closing=None) | Q(closing__reopened_at=None))


def closings_standing() -> QuerySet[PeriodClosing]:
    return PeriodClosing.objects.filter(reopened_at=None)


@dataclass(frozen=True)
class Statement:
    month: date
    lines: list[Line]

    @property
    def total(self) -> Total:
        return total_of(self.lines)


def statement_of(contract: Contract, month: date) -> Statement:
    """Each service that the contract had until the end of `month`; the main services first, then the penalty."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = entries_standing().filter(contract=contract, month__lte=month).order_by()
    for service, at, kind, minor in rows.values_list("service", "month", "kind").annotate(Sum("minor")):
        if at == month and kind != Kind.OPENING:
            sums[service][kind] += minor
        else:
            credit = kind in (Kind.OPENING, Kind.REFUNDED, Kind.PAID)
            sums[service]["opening"] += minor if credit else -minor
    order = {MAIN: 0, PENALTY: 1}
    names = sorted(sums, key=lambda name: (order.get(name, 2), name)) or [MAIN]
    return Statement(month, [Line(name, **sums[name]) for name in names])


def months_of(contract: Contract, current: date) -> list[date]:
    """From the first entry or closing to the current month, the newest first; at most three years of them."""
    span = entries_standing().filter(contract=contract).aggregate(first=Min("month"), last=Max("month"))
    closed = PeriodClosing.objects.aggregate(first=Min("month"))["first"]
    month, last = min(span["first"] or current, closed or current), max(span["last"] or current, current)
    months = []
    while month <= last:
        months.append(month)
        month = month_after(month)
    return months[::-1][:36]


def entries_of(contract: Contract, month: date) -> list[StatementEntry]:
    """Charges and corrections by metering point, as they were booked."""
    rows = entries_standing().filter(contract=contract, month=month).exclude(point=None)
    return list(rows.select_related("point").order_by("about", "point__number", "pk"))


def notes_of(month: date) -> list[dict[str, Any]]:
    """That a month was opened again after it had been closed is told to everybody who reads its statement."""
    rows = PeriodClosing.objects.filter(month=month).exclude(reopened_at=None).order_by("reopened_at")
    return [{"at": row.reopened_at, "reason": row.reason} for row in rows]
