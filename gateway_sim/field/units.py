"""A meter's unit into the one of the archive file. Factors are exact; a result keeps 6 decimals (1e-6 Gcal = 1.2 Wh)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from gateway_sim.field.model import MeterSettings

Factor = tuple[int | Decimal, Decimal]
HEAT: dict[str, Factor] = {  # one unit in Gcal (international table: 1 Gcal = 4.1868 GJ = 1.163 MWh)
    "Gcal": (1, Decimal(1)),
    "Mcal": (Decimal("0.001"), Decimal(1)),
    "GJ": (1, Decimal("4.1868")),
    "MJ": (1, Decimal("4186.8")),
    "Wh": (1, Decimal(1_163_000)),
    "kWh": (1, Decimal(1163)),
    "MWh": (1, Decimal("1.163")),
}
PRESSURE: dict[str, Factor] = {  # one unit in kgf/cm² (98.0665 kPa)
    "kgf/cm²": (1, Decimal(1)),
    "bar": (100, Decimal("98.0665")),
    "kPa": (1, Decimal("98.0665")),
    "MPa": (1000, Decimal("98.0665")),
}
TIME: dict[str, Factor] = {"h": (1, Decimal(1)), "min": (1, Decimal(60)), "s": (1, Decimal(3600))}
VOLUME: dict[str, Factor] = {"m³": (1, Decimal(1)), "l": (Decimal("0.001"), Decimal(1))}
MASS: dict[str, Factor] = {"t": (1, Decimal(1)), "kg": (Decimal("0.001"), Decimal(1))}
SAME: dict[str, Factor] = {"°C": (1, Decimal(1)), "K": (1, Decimal(1))}
FACTORS: dict[str, Factor] = {**HEAT, **PRESSURE, **TIME, **VOLUME, **MASS, **SAME}
Values = dict[str, Decimal]
FINEST = Decimal("0.000001")


def canonical(value: Decimal, unit: str) -> Decimal:
    """`value` in the archive file's unit of its quantity. KeyError for a unit that is none of ours."""
    times, divided = FACTORS[unit]
    if times == 1 and divided == 1:
        return value
    result = value * times / divided
    exponent = result.as_tuple().exponent
    if isinstance(exponent, int) and exponent >= -6:
        return result
    return result.quantize(FINEST, ROUND_HALF_EVEN)


def used_between(before: Values, after: Values) -> Values:
    """What was used between two readings of the counters. A counter that went back (it rolled over, or the meter
    was exchanged) says nothing: no figure is better than a wrong one."""
    used = {name: after[name] - number for name, number in before.items() if name in after}
    return {name: number for name, number in used.items() if number >= 0}


def by_setting(parameter: str, number: Decimal, settings: MeterSettings) -> Decimal:
    """Heat and pressure of a meter that counts them in the unit it is set to: options `heat_unit` (Gcal without)
    and `pressure_unit` (kgf/cm²). Other parameters stay. KeyError for a unit that is none of ours."""
    if parameter.startswith("Q_"):
        return canonical(number, settings.options.get("heat_unit", "Gcal"))
    if parameter.startswith("P_"):
        return canonical(number, settings.options.get("pressure_unit", "kgf/cm²"))
    return number
