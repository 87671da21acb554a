"""The days of a consumption page as a list to take away: exact kWh by usage, m³ by water, and the state."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from readings.consumption.breakdown import USAGES, WATERS
from readings.consumption.page import ConsumptionPage
from readings.consumption.words import usage_labels, water_labels
from readings.models import TotalStatus
from tariffs.texts import EnergyUnit, energy_unit

Key = tuple[str, str]  # kind of part, and its usage or water
DIGITS, FINE_DIGITS = Decimal("0.001"), Decimal("0.000001")


def day_table(page: ConsumptionPage) -> tuple[list[str], list[list[Any]]]:
    """Header and rows, a row a day of which something is known."""
    amounts: dict[date, dict[Key, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    states: dict[date, int] = defaultdict(int)
    for part in page.meters.parts(page.period.first_day, page.period.end_day):
        amounts[part.day][part.kind, part.key] += part.amount
        states[part.day] = max(states[part.day], part.status)
    known = {key for sums in amounts.values() for key in sums}
    keys = [key for key in _keys() if key in known]
    units = {key: energy_unit([key[1]], page.heat_unit) for key in keys if key[0] == "energy"}
    header = [_("Day"), *(_label(key, units) for key in keys), _("State")]
    return header, list(_rows(keys, amounts, states, units))


def _keys() -> list[Key]:
    return [*(("energy", usage) for usage in USAGES), *(("water", water) for water in WATERS)]


def _label(key: Key, units: Mapping[Key, EnergyUnit]) -> str:
    kind, name = key
    return (
        f"{usage_labels()[name]} ({units[key].name})" if kind == "energy" else f"{water_labels()[name]} (m³)"
    )


def _rows(
    keys: list[Key],
    amounts: dict[date, dict[Key, Fraction]],
    states: dict[date, int],
    units: Mapping[Key, EnergyUnit],
) -> Iterator[list[Any]]:
    words = {
        TotalStatus.MEASURED: _("measured"), TotalStatus.ESTIMATED: _("estimated"),
        TotalStatus.DISPUTED: _("disputed"), TotalStatus.SUBSTITUTED: _("replaced"),
    }  # fmt: skip
    for day in sorted(amounts):
        sums = amounts[day]
        cells = [in_table(sums[key], units.get(key)) if key in sums else None for key in keys]
        yield [day, *cells, words[TotalStatus(states[day])]]


def in_table(amount: Fraction, unit: EnergyUnit | None) -> Decimal:
    """An amount of kWh as a number of its unit: three digits after the mark, of a Gcal six (a little over a Wh)."""
    if unit is None or unit.kwh == 1:
        return exact(amount)
    return exact(unit.amount(amount), FINE_DIGITS)


def exact(amount: Fraction, digits: Decimal = DIGITS) -> Decimal:
    """To the Wh or the litre."""
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(digits)
