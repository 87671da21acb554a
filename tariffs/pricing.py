"""From quantities to money: prices are integers of 10⁻⁴ of the currency, money is integer minor units.

Nothing is rounded before the line: a line's cost is an exact fraction until `to_minor_units`.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from tariffs.calendars import FAMILIES, TEMPO_UNKNOWN

PRICE_SCALE = 10_000
VAT_SCALE = 1_000_000  # 10⁻⁴ percent: 200000 is 20 %
HEAT_PRICES = ("heating", "hot_water", "cooling")  # also as …_gcal, the price of a Gcal
SERVICES = ("electricity", "gas", *HEAT_PRICES, "water")
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
    """A quantity (kWh, Gcal, m³ or days) and the price in 10⁻⁴ of the currency in force for it; None where none is
    set. `vat` in 10⁻⁴ percent is added to the price; 0 means that the price holds it already."""

    quantity: Fraction
    price: int | None
    vat: int = 0


@dataclass(frozen=True)
class Cost:
    """`exact` in currency units, with the tax; `complete` is false when a part of the quantity has no price.
    `vat` is the tax that was added to net prices: exact − vat is the net amount."""

    exact: Fraction
    complete: bool
    vat: Fraction = Fraction(0)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.exact + other.exact, self.complete and other.complete, self.vat + other.vat)


NOTHING = Cost(Fraction(0), True)


def cost_of(parts: Iterable[Priced]) -> Cost:
    """Σ quantity × price. A part without a price makes the cost incomplete, never zero in silence."""
    net, tax, complete = Fraction(0), Fraction(0), True
    for part in parts:
        if part.price is None:
            complete = complete and part.quantity == 0
            continue
        amount = part.quantity * part.price / PRICE_SCALE
        net += amount
        if part.vat:
            tax += amount * part.vat / VAT_SCALE
    return Cost(net + tax, complete, tax)


def to_minor_units(amount: Fraction, *, digits: int = 2) -> int:
    """Round once, half away from zero, as bills do: 0.005 is 1 cent, −0.005 is −1 cent."""
    scaled = abs(amount) * Fraction(10) ** digits
    rounded: int = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return rounded if amount >= 0 else -rounded


def electricity_price_key(option: str, tariff_index: int, band: int = 0) -> str | None:
    """The price of electricity: by the meter's own register `tariff_index`, else (0) by the clock's `band`.

    None where the day's price is not known yet (a Tempo day without a colour). A day that the option divides and
    the total does not has the base price: `is_undivided` tells.
    """
    registers = TARIFF_REGISTERS.get(option, ())
    if not tariff_index:
        if band == TEMPO_UNKNOWN and option == "tempo":
            return None
        if registers and band // 10 == FAMILIES[option]:
            return registers[band % 10 - 1]
        return "electricity_base"
    # the meter tells tariffs apart although the dwelling's option is base: two registers are off-peak and peak
    registers = registers or TARIFF_REGISTERS["off_peak"]
    return registers[tariff_index - 1] if tariff_index <= len(registers) else "electricity_base"


def is_undivided(option: str, tariff_index: int, band: int) -> bool:
    """Whether the option has several prices a day and the total was counted as one: its cost is an estimate."""
    return not tariff_index and option in FAMILIES and band // 10 != FAMILIES[option]


def price_key(
    *, medium: str, usage: str, quantity: str, option: str, tariff_index: int, band: int = 0
) -> str | None:
    """Which price a register's consumption takes; None for what is shown but never priced."""
    if quantity == "volume":
        return {"cold_water": "cold_water_m3", "hot_water": "hot_water_m3", "gas": "gas"}.get(medium)
    if quantity != "energy":
        return None
    if medium == "electricity":
        return electricity_price_key(option, tariff_index, band)
    if medium == "gas":
        return "gas"
    return usage if usage in HEAT_PRICES else None


def service_of(price: str) -> str:
    """The service whose tax and standing charge go with a price: electricity, gas, heating, hot_water, cooling, water."""
    if price.startswith("electricity"):
        return "electricity"
    return "water" if price.endswith("_m3") else price.removesuffix("_gcal").removesuffix("_capacity")


def standing_cost(stored: str, vat: int, first: date, end: date) -> Cost:
    """A standing charge over the days [first, end), each its share: "d:1234" a day, "m:123400" a month of its own
    number of days. Any split of the days adds up to the whole."""
    basis, price = stored[:1], int(stored[2:])
    if basis == "d":
        return cost_of([Priced(Fraction((end - first).days), price, vat)])
    parts, day = [], first
    while day < end:
        length = monthrange(day.year, day.month)[1]
        stop = min(end, day.replace(day=1) + timedelta(days=length))
        parts.append(Priced(Fraction((stop - day).days, length), price, vat))
        day = stop
    return cost_of(parts)
