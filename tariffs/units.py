"""Field units to the two units people read and prices are in: kWh and m³. Exact, by fractions.

Sources: 1 cal (international table) gives 1 Gcal = 1163 kWh; 1 GJ = 1/0.0036 kWh (SI).
"""

from __future__ import annotations

from fractions import Fraction

KWH = {
    "Wh": Fraction(1, 1000),
    "kWh": Fraction(1),
    "MWh": Fraction(1000),
    "MJ": Fraction(1, 1000) / Fraction(36, 10000),
    "GJ": 1 / Fraction(36, 10000),
    "Gcal": Fraction(1163),
}
CUBIC_METRES = {"l": Fraction(1, 1000), "m3": Fraction(1)}


def quantity_of(steps: int | Fraction, exponent: int) -> Fraction:
    """Steps of a register's resolution as a quantity of its unit."""
    return steps * (Fraction(10) ** exponent)


def to_kwh(quantity: Fraction, unit: str) -> Fraction:
    """Energy in kWh. Raises `KeyError` for a unit that is no energy."""
    return quantity * KWH[unit]


def to_cubic_metres(quantity: Fraction, unit: str) -> Fraction:
    """Volume in m³. Raises `KeyError` for a unit that is no volume."""
    return quantity * CUBIC_METRES[unit]
