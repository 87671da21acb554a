"""From quantities to money: prices are integers of 10⁻⁴ of the currency, money is integer minor units.

Nothing is rounded before the line: a line's cost is an exact fraction until `to_minor_units`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

PRICE_SCALE = 10_000
# which price a meter's own tariff register takes, by the dwelling's option (register 1 first)
TARIFF_REGISTERS: dict[str, tuple[str, ...]] = {
    "base": (),
    "off_peak": ("electricity_off_peak", "electricity_peak"),
    "ejp": ("electricity_ejp_normal", "electricity_ejp"),
    "tempo": (
        "electricity_tempo_off_peak_blue",
        "electricity_tempo_peak_blue",
        "electricity_tempo_off_peak_white",
        "electricity_tempo_peak_white",
        "electricity_tempo_off_peak_red",
        "electricity_tempo_peak_red",
    ),
}


@dataclass(frozen=True)
class Priced:
    """A quantity (kWh or m³) and the price in 10⁻⁴ of the currency in force for it; None where none is set."""

    quantity: Fraction
    price: int | None


@dataclass(frozen=True)
class Cost:
    """`exact` in currency units; `complete` is false when a part of the quantity has no price."""

    exact: Fraction
    complete: bool

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.exact + other.exact, self.complete and other.complete)


NOTHING = Cost(Fraction(0), True)


def cost_of(parts: Iterable[Priced]) -> Cost:
    """Σ quantity × price. A part without a price makes the cost incomplete, never zero in silence."""
    exact, complete = Fraction(0), True
    for part in parts:
        if part.price is None:
            complete = complete and part.quantity == 0
        else:
            exact += part.quantity * part.price / PRICE_SCALE
    return Cost(exact, complete)


def to_minor_units(amount: Fraction, *, digits: int = 2) -> int:
    """Round once, half away from zero, as bills do: 0.005 is 1 cent, −0.005 is −1 cent."""
    scaled = abs(amount) * Fraction(10) ** digits
    rounded: int = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return rounded if amount >= 0 else -rounded


def electricity_price_key(option: str, tariff_index: int) -> str:
    """The price of electricity counted by register `tariff_index` (0: the meter has one register only)."""
    registers = TARIFF_REGISTERS.get(option, ())
    if tariff_index and not registers:
        # the meter tells tariffs apart although the dwelling's option is base: two registers are off-peak and peak
        registers = TARIFF_REGISTERS["off_peak"]
    if 1 <= tariff_index <= len(registers):
        return registers[tariff_index - 1]
    return "electricity_base"


def price_key(*, medium: str, usage: str, quantity: str, option: str, tariff_index: int) -> str | None:
    """Which price a register's consumption takes; None for what is shown but never priced."""
    if quantity == "volume":
        return {"cold_water": "cold_water_m3", "hot_water": "hot_water_m3", "gas": "gas"}.get(medium)
    if quantity != "energy":
        return None
    if medium == "electricity":
        return electricity_price_key(option, tariff_index)
    if medium == "gas":
        return "gas"
    return {"heating": "heating", "hot_water": "hot_water", "cooling": "cooling"}.get(usage)
