"""How a register's day becomes usages: pure functions of exact numbers and dated parameters.

Every register of energy leads to one of the five usages (heating, cooling, hot water, sockets, other), directly
or through a computation (gas × coefficient, volume × ΔT, boiler and heat-pump splits); volumes of cold and hot
water lead to water. Nothing is rounded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from tariffs.formulas import gas_energy, heat_pump_heats, season_of, split_by_percent, water_heat
from tariffs.pricing import HEAT_PRICES, Cost, Priced, cost_of, is_undivided, price_key, service_of
from tariffs.units import CUBIC_METRES, KWH, quantity_of, to_cubic_metres, to_kwh

USAGES = ("heating", "hot_water", "cooling", "sockets", "other")
WATERS = ("cold_water", "hot_water")
SPLITS = {"boiler": "boiler", "heat_pump_dhw": "heat_pump"}  # usage → whose percentages of hot water hold
ESTIMATED = 1  # as readings.models.TotalStatus, which this module does not import
Lookup = Callable[[str, date], str]  # (parameter key, day) -> stored value


@dataclass(frozen=True, slots=True)
class Source:
    """What a register counts and for what. `measures_heat`: its point has a register of energy as well."""

    register_id: int
    medium: str
    usage: str
    quantity: str
    unit: str
    exponent: int
    tariff_index: int
    measures_heat: bool
    dwelling_id: int | None = None
    dwelling_public_id: UUID | None = None
    point_id: int = 0
    installed_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """`amount` in kWh (kind `energy`, key a usage) or m³ (kind `water`, key cold_water or hot_water) of one day.

    `price` (10⁻⁴ of the currency) is that of the parameter `price_key`; None where none is set or none applies. It is
    net of `vat` (10⁻⁴ percent) where there is one. `counted` is in the register's unit, before any formula; of a
    common area it is the own share, and `whole` is what all dwellings share.
    """

    kind: str
    key: str
    day: date
    amount: Fraction
    cost: Cost
    status: int
    register_id: int
    price_key: str = ""
    price: int | None = None
    band: int = 0
    vat: int = 0
    counted: Fraction = Fraction(0)
    whole: Fraction | None = None


def parts_of(
    source: Source, day: date, steps: int | Fraction, status: int, value: Lookup, *, band: int = 0
) -> Iterator[Part]:
    """What `steps` counted by `source` on `day` were used for. A quantity nobody pays or reads gives nothing.

    `band` is the part of the clock that was counted (tariffs.calendars). Where the option has prices by the clock
    and the total was counted as one, the cost is an estimate and the status says so. Quantities of several days may
    come as one, with any of the days, where no parameter changes between them.
    """
    amount = quantity_of(steps, source.exponent)
    option = value("electricity_option", day)
    key = price_key(
        medium=source.medium, usage=source.usage, quantity=source.quantity, option=option,
        tariff_index=source.tariff_index, band=band,
    )  # fmt: skip
    counted = source.medium == "electricity" and source.quantity == "energy"
    if counted and is_undivided(option, source.tariff_index, band):
        status = max(status, ESTIMATED)

    def part(kind: str, name: str, quantity: Fraction, price: Price) -> Part:
        cost = cost_of([Priced(quantity * price.scale, price.price, price.vat)])
        return Part(
            kind, name, day, quantity, cost, status, source.register_id, price.key, price.price, band, price.vat, amount
        )  # fmt: skip

    if source.quantity == "volume" and source.medium in WATERS and source.unit in CUBIC_METRES:
        yield part("water", source.medium, to_cubic_metres(amount, source.unit), price_of(key, day, value))
    energy = energy_of(source, amount, day, value)
    if energy is not None:
        is_heat = source.medium not in ("electricity", "gas")
        for usage, kwh in _usages(source.usage, energy, day, value):
            if usage in USAGES:
                if is_heat:  # measured or derived from a volume: priced as what it was used for
                    key = usage if usage in HEAT_PRICES else None
                yield part(
                    "energy", usage, kwh, price_of(key, day, value, unknown="electricity" if counted else "")
                )


@dataclass(frozen=True, slots=True)
class Price:
    """What a unit costs on a day: `price` in 10⁻⁴ of the currency, None where none is set; `vat` in 10⁻⁴ percent.
    `scale`: how many priced units a kWh (or m³) is: 1/1163 where the price is that of a Gcal."""

    key: str
    price: int | None
    vat: int = 0
    scale: Fraction = Fraction(1)


def price_of(key: str | None, day: date, value: Lookup, *, unknown: str = "") -> Price:
    """Of a parameter's key. Heat is priced in the unit that the programme reads it in, else in the other one."""
    if key is None:
        return Price(unknown, None)
    vat = int(value(f"vat_{service_of(key)}", day))
    if key in HEAT_PRICES:
        both = (Price(key, int(value(key, day)) or None, vat),
                Price(f"{key}_gcal", int(value(f"{key}_gcal", day)) or None, vat, 1 / KWH["Gcal"]))  # fmt: skip
        first, second = both if value("heat_unit", day) == "kwh" else both[::-1]
        return second if first.price is None and second.price is not None else first
    return Price(key, int(value(key, day)) or None, vat)


def energy_of(source: Source, amount: Fraction, day: date, value: Lookup) -> Fraction | None:
    """kWh of an amount in the register's unit; None where it is no energy (or another register measures that heat)."""
    if source.quantity == "energy" and source.unit in KWH:
        return to_kwh(amount, source.unit)
    if source.quantity != "volume" or source.unit not in CUBIC_METRES:
        return None
    volume = to_cubic_metres(amount, source.unit)
    if source.medium == "gas":
        return gas_energy(volume, _number("gas_coefficient", day, value))
    if source.measures_heat:
        return None
    if source.usage == "boiler":
        return water_heat(volume, _number("boiler_delta", day, value))
    if source.medium == "hot_water":
        return water_heat(volume, _number("dhw_outlet", day, value) - _number("dhw_inlet", day, value))
    return None


@dataclass(frozen=True, slots=True)
class Formula:
    """How counted units became kWh of a usage on a day. `kind`: "" (the unit's own factor) | gas (`numbers`: kWh/m³) |
    water (outlet and inlet, °C) | boiler (K) | pump (heating or cooling by date). `percent` of the energy is this
    usage's, of the `season`; None: all of it."""

    kind: str = ""
    numbers: tuple[Fraction, ...] = ()
    percent: int | None = None
    season: str = ""


def formula_of(source: Source, usage: str, day: date, value: Lookup) -> Formula:
    """What `energy_of` and the splits below did, to be told."""
    kind = "pump" if source.usage == "heat_pump" else ""
    numbers: tuple[Fraction, ...] = ()
    if source.quantity == "volume":
        kind, keys = _volume_formula(source)
        numbers = tuple(_number(key, day, value) for key in keys)
    if source.usage not in SPLITS:
        return Formula(kind, numbers)
    season = season_of(day).value
    hot_water = int(value(f"{SPLITS[source.usage]}_{season}", day))
    return Formula(kind, numbers, hot_water if usage == "hot_water" else 100 - hot_water, season)


def _volume_formula(source: Source) -> tuple[str, tuple[str, ...]]:
    if source.medium == "gas":
        return "gas", ("gas_coefficient",)
    return (
        ("boiler", ("boiler_delta",)) if source.usage == "boiler" else ("water", ("dhw_outlet", "dhw_inlet"))
    )


def usages_of(source: Source) -> set[str]:
    """Which usages its energy may lead to, whatever the day."""
    if source.usage == "boiler":
        return {"heating", "hot_water"}
    if source.usage == "heat_pump":
        return {"heating", "cooling"}
    return {"heating", "cooling", "hot_water"} if source.usage == "heat_pump_dhw" else {source.usage}


def _number(key: str, day: date, value: Lookup) -> Fraction:
    return Fraction(int(value(key, day)), 10_000)


def _usages(usage: str, energy: Fraction, day: date, value: Lookup) -> Iterator[tuple[str, Fraction]]:
    """The usage itself, or the split of a boiler or a heat pump by season and date."""
    if usage in SPLITS:
        percent = int(value(f"{SPLITS[usage]}_{season_of(day).value}", day))
        hot_water, rest = split_by_percent(energy, percent)
        yield "hot_water", hot_water
        yield ("heating" if usage == "boiler" else _pump(day, value)), rest
    elif usage == "heat_pump":
        yield _pump(day, value), energy
    else:
        yield usage, energy


def _pump(day: date, value: Lookup) -> str:
    heating, cooling = (
        (int(text[:2]), int(text[3:])) for text in (value("heating_from", day), value("cooling_from", day))
    )
    return "heating" if heat_pump_heats(day, heating, cooling) else "cooling"
