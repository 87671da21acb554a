"""The fastest a register can count, by default: it tells a rollover from a fault. Pure: no Django.

Heat and electricity 1,000 kW, gas 100 m³/h, water 50 m³/h; an operator may set another rate.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil

_KWH = {
    "Wh": Fraction(1, 1000),
    "kWh": Fraction(1),
    "MWh": Fraction(1000),
    "MJ": Fraction(1, 1) / Fraction(36, 10),
    "GJ": Fraction(1000) / Fraction(36, 10),
    "Gcal": Fraction(1163),
}
_CUBIC_METRES = {"l": Fraction(1, 1000), "m3": Fraction(1), "kg": Fraction(1, 1000), "t": Fraction(1)}


def max_per_hour(*, medium: str, unit: str, exponent: int) -> int | None:
    """Steps of 10^exponent unit an hour, rounded up; None for a unit that nothing counts."""
    if unit in _KWH:
        in_units = 1000 / _KWH[unit]
    elif unit in _CUBIC_METRES:
        in_units = (100 if medium == "gas" else 50) / _CUBIC_METRES[unit]
    else:
        return None
    return max(1, ceil(in_units / Fraction(10) ** exponent))
