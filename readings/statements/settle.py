"""What a closing books: the month's charge of each metering point, and for months closed before, what has changed.

A late file, a decision of the review or a new price changes no closed month: the difference between what it would
cost now and what was booked becomes a line of the month that is being closed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db.models import Q, QuerySet, Sum

from readings.models import PeriodClosing, StatementEntry
from readings.statements.charges import Charge, charge_of, components_of, decimal_text, retired_on
from readings.statements.ledger import MAIN, closings_standing, entries_standing
from readings.statements.money import month_after, month_before
from readings.statements.quantities import day_values
from readings.statements.terms import NO_TERMS, Terms, terms_of
from servers.models import MeteringPoint
from tariffs.selectors import Parameters, parameters_of_programme

LOOK_BACK = 12  # closed months that are compared again
CHUNK = 200
Kind = StatementEntry.Kind


@dataclass(frozen=True)
class Booking:
    """A line to be: the contract's key, the point, which closed month it corrects (None: the month's own charge)."""

    contract: int
    point: MeteringPoint
    kind: str
    minor: int
    about: date | None
    detail: dict[str, Any]


def charged_points(month: date) -> QuerySet[MeteringPoint]:
    """Those of a contract that the utility charges by a tariff and that stood in the month."""
    # a period may begin in the month before, and a zone's day begins earlier; the charge looks again
    start = datetime.combine(month_before(month), time(), UTC) - timedelta(days=1)
    rows = MeteringPoint.objects.exclude(contract=None).select_related("contract", "programme", "building")
    media = ("heat", "hot_water", "cold_water", "cooling")
    return rows.filter(Q(retired_at=None) | Q(retired_at__gte=start), medium__in=media).order_by(
        "number", "pk"
    )


def draft(
    points: Sequence[MeteringPoint], month: date, fill: str, today: date
) -> list[tuple[MeteringPoint, Charge]]:
    """What each point would be charged now. The present month counts to yesterday."""
    prices = parameters_of_programme()
    values = day_values(points, month_before(month), month_after(month))
    terms = terms_of(points)
    return [
        (point, charge_of(point, values[point.pk], prices, month, fill, terms.get(point.pk, NO_TERMS), today))
        for point in points
    ]


def bookings(closing: PeriodClosing) -> Iterator[Booking]:
    earlier = closings_standing().filter(month__lt=closing.month, state=PeriodClosing.State.DONE)
    months = list(earlier.order_by("-month")[:LOOK_BACK])[::-1]
    prices = parameters_of_programme()
    elsewhere = contracts_charged_elsewhere([*(row.month for row in months), closing.month])
    first = months[0].month if months else closing.month
    rows = charged_points(first).iterator(chunk_size=CHUNK)
    while points := list(islice(rows, CHUNK)):
        yield from _of_points(points, closing, months, prices, elsewhere)


def contracts_charged_elsewhere(months: Iterable[date]) -> set[tuple[int, date]]:
    """(contract, month) whose charges came from the utility's own books: they are not charged a second time."""
    rows = entries_standing().filter(kind=Kind.CHARGED, service=MAIN, point=None, month__in=list(months))
    return set(rows.order_by().values_list("contract_id", "month").distinct())


def _of_points(
    points: Sequence[MeteringPoint],
    closing: PeriodClosing,
    earlier: list[PeriodClosing],
    prices: Parameters,
    elsewhere: set[tuple[int, date]],
) -> Iterator[Booking]:
    first = earlier[0].month if earlier else closing.month
    values = day_values(points, month_before(first), month_after(closing.month))
    booked, terms = _booked(points, [row.month for row in earlier]), terms_of(points)
    for point in points:
        if not components_of(point):
            continue
        held = terms.get(point.pk, NO_TERMS)

        def charged(row: PeriodClosing, point: MeteringPoint = point, held: Terms = held) -> Charge:
            return charge_of(point, values[point.pk], prices, row.month, row.fill, held)

        for before in earlier:
            yield from _correction(point, before, charged, booked, elsewhere)
        if _stands(point, held, closing.month) and (point.contract_id, closing.month) not in elsewhere:
            charge = charged(closing)
            yield Booking(point.contract_id or 0, point, Kind.CHARGED, charge.minor, None, charge.detail)


def _stands(point: MeteringPoint, terms: Terms, month: date) -> bool:
    retired = retired_on(point)
    days = terms.days_of(month)
    return (retired is None or retired >= days[0]) and terms.charged_on(days[-1])


def _booked(points: Sequence[MeteringPoint], months: list[date]) -> dict[tuple[int, date], dict[int, int]]:
    """By point and closed month: what each contract was charged for it, corrections included."""
    found: dict[tuple[int, date], dict[int, int]] = defaultdict(lambda: defaultdict(int))
    if not months:
        return found
    rows = (
        entries_standing()
        .filter(point__in=list(points))
        .filter(Q(about__in=months) | Q(about=None, month__in=months))
    )
    sums = (
        rows.order_by()
        .values_list("point_id", "month", "about", "contract_id", "kind")
        .annotate(Sum("minor"))
    )
    for point, month, about, contract, kind, minor in sums:
        found[point, about or month][contract] += -minor if kind == Kind.REFUNDED else minor
    return found


def _correction(
    point: MeteringPoint,
    before: PeriodClosing,
    charged: Callable[[PeriodClosing], Charge],
    booked: dict[tuple[int, date], dict[int, int]],
    elsewhere: set[tuple[int, date]],
) -> Iterator[Booking]:
    """Of who was charged then; a point that was charged to nobody, of its contract now."""
    was = booked.get((point.pk, before.month), {})
    contract = next(iter(was), point.contract_id or 0)
    if (contract, before.month) in elsewhere or len(was) > 1:
        return
    charge = charged(before)
    difference = charge.minor - was.get(contract, 0)
    if difference:
        kind = Kind.ADDITIONAL if difference > 0 else Kind.REFUNDED
        detail = charge.detail | {"was": was.get(contract, 0), "now": charge.minor}
        yield Booking(contract, point, kind, abs(difference), before.month, detail)


__all__ = ["Booking", "bookings", "charged_points", "decimal_text", "draft"]
