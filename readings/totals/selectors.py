"""Day and month totals for pages, exports and charges. Call `totals_drain` for the same registers first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Case, Count, IntegerField, Max, Min, Q, QuerySet, Sum, Value, When

from readings.models import DayTotal, TotalStatus


@dataclass(frozen=True, slots=True)
class DayQuantity:
    """`quantity` in steps of the register's resolution, over `seconds` covered of the local day."""

    register_id: int
    day: date
    band: int
    quantity: int
    seconds: int
    status: TotalStatus


@dataclass(frozen=True, slots=True)
class MonthQuantity:
    """`month` is its first day, `days` the number of days that have a total, `status` the worst of them."""

    register_id: int
    month: date
    band: int
    quantity: int
    seconds: int
    days: int
    status: TotalStatus


def day_quantities(registers: Iterable[int], first_day: date, end_day: date) -> list[DayQuantity]:
    """Totals of the local days in [first_day, end_day), by register, day and band. A day without a total is absent."""
    return quantities_of_spans(registers, [(first_day, end_day)])


def quantities_of_spans(registers: Iterable[int], spans: Iterable[tuple[date, date]]) -> list[DayQuantity]:
    """The same for several spans of days at once; a day that lies in two of them comes once."""
    asked = Q()
    for first_day, end_day in spans:
        asked |= Q(day__gte=first_day.toordinal(), day__lt=end_day.toordinal())
    rows = (
        DayTotal.objects.filter(asked, register_id__in=list(registers))
        .order_by("register_id", "day", "band")
        .values_list("register_id", "day", "band", "quantity", "seconds", "status")
    )
    return [
        DayQuantity(register, date.fromordinal(day), band, quantity, seconds, TotalStatus(status))
        for register, day, band, quantity, seconds, status in rows
    ]


def first_days(registers: Iterable[int]) -> dict[int, date]:
    """The first local day of which each register has a total; absent where it has none."""
    rows = DayTotal.objects.filter(register_id__in=list(registers)).order_by().values_list("register_id")
    return {register: date.fromordinal(day) for register, day in rows.annotate(Min("day"))}


def month_quantities(registers: Iterable[int], first_day: date, end_day: date) -> list[MonthQuantity]:
    """Sums by local month of the days in [first_day, end_day), made by the database."""
    months = list(months_of(first_day, end_day))
    if not months:
        return []
    month = Case(
        *(
            When(
                day__gte=start.toordinal(),
                day__lt=next_month(start).toordinal(),
                then=Value(start.toordinal()),
            )
            for start in months
        ),
        output_field=IntegerField(),
    )
    rows = (
        _totals(registers, first_day, end_day)
        .annotate(month=month)
        .values("register_id", "month", "band")
        .annotate(
            total=Sum("quantity"),
            covered=Sum("seconds"),
            days=Count("day", distinct=True),
            worst=Max("status"),
        )
        .order_by("register_id", "month", "band")
        .values_list("register_id", "month", "band", "total", "covered", "days", "worst")
    )
    return [
        MonthQuantity(
            register, date.fromordinal(first), band, int(total), int(covered), days, TotalStatus(worst)
        )
        for register, first, band, total, covered, days, worst in rows
    ]


def _totals(registers: Iterable[int], first_day: date, end_day: date) -> QuerySet[DayTotal]:
    rows: QuerySet[DayTotal] = DayTotal.objects.filter(
        register_id__in=list(registers), day__gte=first_day.toordinal(), day__lt=end_day.toordinal()
    )
    return rows


def months_of(first_day: date, end_day: date) -> Iterator[date]:
    """The first day of each month that meets [first_day, end_day)."""
    month = first_day.replace(day=1)
    while month < end_day and first_day < end_day:
        yield month
        month = next_month(month)


def next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def in_unit(quantity: int, exponent: int) -> Decimal:
    """Steps as an exact decimal of the register's unit."""
    # not scaleb: the context would round what has more than 28 digits
    sign, digits = (1, -quantity) if quantity < 0 else (0, quantity)
    return Decimal((sign, tuple(int(d) for d in str(digits)), exponent))
