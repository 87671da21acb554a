"""What a metering point is charged whatever it uses: the capacity rate (₽ per Gcal/h a month) and the standing charge.

Both go by the local days on which the point is charged: a period that is not whole takes its share of its days. Pure
but for the prices that it is given; nothing is rounded before the line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any

from readings.statements.terms import LOAD_DIGITS, Terms, load_number
from tariffs.pricing import Cost, Priced, cost_of
from tariffs.selectors import Parameters

CAPACITY = ("heating", "hot_water")  # the services that may have a capacity rate


def fixed_parts(
    service: str, days: Sequence[date], whole: int, prices: Parameters, terms: Terms
) -> Iterator[tuple[dict[str, Any], Cost]]:
    """Each stretch of one price and load, as a reader is shown it, with its exact cost. `days`: those charged of a
    month's period, which has `whole` days."""
    if service in CAPACITY:
        yield from _capacity(service, days, whole, prices, terms)
    yield from _standing(service, days, whole, prices)


def _capacity(
    service: str, days: Sequence[date], whole: int, prices: Parameters, terms: Terms
) -> Iterator[tuple[dict[str, Any], Cost]]:
    key = f"{service}_capacity"

    def conditions(day: date) -> tuple[int | None, int, int]:
        return prices.price(key, day), int(prices.at(f"vat_{service}", day)), terms.load_on(day)

    for (price, vat, load), stretch in _alike(days, conditions):
        if not price or not load:
            continue
        share = Fraction(len(stretch), whole)
        cost = cost_of([Priced(Fraction(load, 10**LOAD_DIGITS) * share, price, vat)])
        yield (
            _part(key, "capacity", stretch, price, vat) | {"load": str(load_number(load)), "of": whole},
            cost,
        )


def _standing(
    service: str, days: Sequence[date], whole: int, prices: Parameters
) -> Iterator[tuple[dict[str, Any], Cost]]:
    key = f"standing_{service}"

    def conditions(day: date) -> tuple[str, int]:
        return prices.at(key, day), int(prices.at(f"vat_{service}", day))

    for (stored, vat), stretch in _alike(days, conditions):
        basis, price = stored[:1], int(stored[2:])
        if not price:
            continue
        often = Fraction(len(stretch), 1 if basis == "d" else whole)
        cost = cost_of([Priced(often, price, vat)])
        yield _part(key, "standing", stretch, price, vat) | {"basis": basis, "of": whole}, cost


def _alike(days: Sequence[date], conditions: Callable[[date], Any]) -> Iterator[tuple[Any, list[date]]]:
    """Days in a row on which the same holds."""
    for held, stretch in groupby(days, conditions):
        yield held, list(stretch)


def _part(key: str, kind: str, stretch: list[date], price: int, vat: int) -> dict[str, Any]:
    return {
        "key": key, "kind": kind, "price": price, "vat": vat, "count": len(stretch),
        "first": stretch[0].isoformat(), "last": stretch[-1].isoformat(),
    }  # fmt: skip
