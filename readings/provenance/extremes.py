"""Daily lowest, mean and highest value of an instantaneous register, made by the database when a page asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, IntegerField, Max, Min, Sum, Value, When

from readings.models import Reading
from readings.totals.cuts import local_epoch


@dataclass(frozen=True, slots=True)
class DayExtremes:
    """In steps of the register's resolution; `total` of `count` values, so that the mean is exact."""

    day: date
    low: int
    high: int
    total: int
    count: int

    def mean(self, exponent: int) -> Decimal:
        """In the register's unit, one digit more than its resolution, rounded half up."""
        exact = Decimal(self.total).scaleb(exponent) / self.count
        return exact.quantize(Decimal(1).scaleb(exponent - 1), ROUND_HALF_UP)


def day_extremes(register_id: int, first: date, end: date, zone: ZoneInfo) -> list[DayExtremes]:
    """Of the local days in [first, end) that have a value; left-out values do not count. One statement."""
    days = [date.fromordinal(n) for n in range(first.toordinal(), end.toordinal())]
    bounds = [local_epoch(day, 0, zone) for day in [*days, end]] if days else []
    if not days:
        return []
    which = Case(
        *(When(at__lt=bounds[i + 1], then=Value(day.toordinal())) for i, day in enumerate(days)),
        output_field=IntegerField(),
    )
    rows = (
        Reading.objects.filter(register_id=register_id, used=True, at__gte=bounds[0], at__lt=bounds[-1])
        .annotate(day=which)
        .values("day")
        .annotate(low=Min("value"), high=Max("value"), total=Sum("value"), n=Count("at"))
        .order_by("day")
        .values_list("day", "low", "high", "total", "n")
    )
    return [DayExtremes(date.fromordinal(day), low, high, int(total), n) for day, low, high, total, n in rows]


__all__ = ["DayExtremes", "day_extremes"]
