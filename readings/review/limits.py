"""How strict the rules are, by medium and quantity. Pure: no Django.

`low` and `high` bound what an instrument can show, `rate` what it can rise by in an hour, `frozen_hours` how long
a value may stand still. All in one unit a quantity (`UNITS`); None means no such limit. The defaults are wide on
purpose: a review list that cries wolf is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

# quantity -> the unit in which its limits are written
UNITS = {
    "energy": "kWh", "volume": "m3", "mass": "t", "power": "kW", "volume_flow": "m3/h",
    "flow_temperature": "C", "return_temperature": "C", "temperature": "C", "pressure": "bar",
}  # fmt: skip
COUNTED = frozenset({"energy", "volume", "mass"})
# unit -> how many of the quantity's unit one of it is
IN_UNIT: Mapping[str, Fraction] = {
    "Wh": Fraction(1, 1000), "kWh": Fraction(1), "MWh": Fraction(1000), "Gcal": Fraction(1163),
    "MJ": Fraction(10, 36), "GJ": Fraction(10000, 36), "l": Fraction(1, 1000), "m3": Fraction(1),
    "kg": Fraction(1, 1000), "t": Fraction(1), "W": Fraction(1, 1000), "kW": Fraction(1), "m3/h": Fraction(1),
    "C": Fraction(1), "bar": Fraction(1),
}  # fmt: skip
DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,6})?")


@dataclass(frozen=True, slots=True)
class Limits:
    low: Fraction | None = None
    high: Fraction | None = None
    rate: Fraction | None = None
    frozen_hours: int | None = None


def _of(
    low: int | None = None, high: int | None = None, rate: int | None = None, frozen: int | None = None
) -> Limits:
    def exact(value: int | None) -> Fraction | None:
        return None if value is None else Fraction(value)

    return Limits(exact(low), exact(high), exact(rate), frozen)


# (medium, quantity); an empty medium stands for all that are not named. Heat stands still all summer.
DEFAULTS: Mapping[tuple[str, str], Limits] = {
    ("", "energy"): _of(rate=500),
    ("electricity", "energy"): _of(rate=250, frozen=72),
    ("", "volume"): _of(rate=30),
    ("gas", "volume"): _of(rate=60),
    ("cold_water", "volume"): _of(rate=20, frozen=30 * 24),
    ("hot_water", "volume"): _of(rate=20, frozen=30 * 24),
    ("", "mass"): _of(rate=50),
    ("", "power"): _of(low=-1000, high=1000),
    ("", "volume_flow"): _of(low=-100, high=100),
    ("", "flow_temperature"): _of(low=-30, high=180, frozen=48),
    ("", "return_temperature"): _of(low=-30, high=160, frozen=48),
    ("", "temperature"): _of(low=-60, high=70, frozen=48),
    ("", "pressure"): _of(low=0, high=40, frozen=7 * 24),
}


def default_limits(medium: str, quantity: str) -> Limits:
    return DEFAULTS.get((medium, quantity)) or DEFAULTS.get(("", quantity)) or Limits()


def exact(text: str) -> Fraction | None:
    """A limit as it is stored; empty for none. The text has been checked when it was entered."""
    return Fraction(text) if DECIMAL.fullmatch(text) else None
