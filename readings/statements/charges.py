"""What a metering point is charged for a month: quantity of each day × the price in force on it, and what is due
whatever was used (`fixed`), rounded once.

Hot water has the two-component tariff (₽/m³ and ₽/Gcal) where both prices are set, else the one that is. A day that
is not known is left out and marked; with `fill` "mean" it takes the mean of the month's known days, as long as not
more than `MOST_FILLED` days are missing. Pure but for the prices that it is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from readings.ingest.wallclock import WallClock, point_zone
from readings.models import PeriodClosing
from readings.statements.fixed import fixed_parts
from readings.statements.quantities import HEAT, VOLUME, DayValues
from readings.statements.terms import NO_TERMS, Terms
from servers.models import Medium, MeteringPoint
from tariffs.pricing import HEAT_PRICES, Cost, Priced, cost_of, service_of, to_minor_units
from tariffs.selectors import Parameters
from tariffs.units import KWH

MOST_FILLED = 15
MEAN = PeriodClosing.Fill.MEAN


@dataclass(frozen=True)
class Component:
    """Gcal or m³ of a point, and which prices it may take: the first that is set, with how many of its units one is."""

    unit: str
    prices: tuple[tuple[str, Fraction], ...]


def components_of(point: MeteringPoint) -> tuple[Component, ...]:
    """Empty for a point that the utility does not charge by a tariff of its own (electricity, gas)."""
    if point.medium == Medium.HOT_WATER:
        return (_heat("hot_water"), Component(VOLUME, (("hot_water_m3", Fraction(1)),)))
    if point.medium == Medium.COLD_WATER:
        return (Component(VOLUME, (("cold_water_m3", Fraction(1)),)),)
    if point.medium == Medium.HEAT:
        return (_heat(point.usage if point.usage in HEAT_PRICES else "heating"),)
    return (_heat("cooling"),) if point.medium == Medium.COOLING else ()


def _heat(usage: str) -> Component:
    return Component(HEAT, ((f"{usage}_gcal", Fraction(1)), (usage, KWH["Gcal"])))


@dataclass
class Charge:
    """`parts`: each stretch of one price; `days`: each day of each unit; `missing`: days nothing was charged for."""

    minor: int = 0
    parts: list[dict[str, Any]] = field(default_factory=list)
    days: dict[str, list[list[str]]] = field(default_factory=dict)
    missing: int = 0
    filled: int = 0
    priced: bool = True

    @property
    def detail(self) -> dict[str, Any]:
        return {
            "parts": self.parts, "days": self.days, "missing": self.missing, "filled": self.filled,
            "priced": self.priced,
        }  # fmt: skip


def charge_of(
    point: MeteringPoint, values: DayValues, prices: Parameters, month: date, fill: str,
    terms: Terms = NO_TERMS, until: date | None = None,
) -> Charge:  # fmt: skip
    """Of the local days of the month's period on which the point is charged, before `until`. Nothing is rounded
    before the line."""
    retired, period = retired_on(point), terms.days_of(month)
    days = [
        day
        for day in period
        if terms.charged_on(day) and (retired is None or day <= retired) and (until is None or day < until)
    ]
    charge, cost = Charge(), Cost(Fraction(0), True)
    if not days:
        return charge
    components = [one for one in components_of(point) if _is_priced(one, prices, days)]
    if not components:
        components, charge.priced = list(components_of(point))[:1], False
    for component in components:
        cost += _component_cost(charge, component, values, prices, days, fill)
    if components:
        for part, due in fixed_parts(
            service_of(components_of(point)[0].prices[0][0]), days, len(period), prices, terms
        ):
            charge.parts.append(part | {"cost": decimal_text(due.exact)})
            cost += due
    charge.priced = charge.priced and cost.complete
    charge.minor = to_minor_units(cost.exact)
    return charge


def retired_on(point: MeteringPoint) -> date | None:
    """The local day on which the point went out of service; it is charged for that day still."""
    if point.retired_at is None:
        return None
    return WallClock(point_zone(point)).day_of(int(point.retired_at.timestamp()))


def _is_priced(component: Component, prices: Parameters, days: list[date]) -> bool:
    return any(prices.price(key, day) for day in days for key, _factor in component.prices)


def _component_cost(
    charge: Charge, component: Component, values: DayValues, prices: Parameters, days: list[date], fill: str
) -> Cost:
    amounts, rows = _amounts(component.unit, values, days, fill)
    charge.days[component.unit] = rows
    charge.missing = max(charge.missing, sum(row[2] in ("missing", "disputed") for row in rows))
    charge.filled = max(charge.filled, sum(row[2] == "filled" for row in rows))
    cost = Cost(Fraction(0), True)
    stretch: dict[str, Any] | None = None
    for day in days:
        if day not in amounts:
            stretch = None
            continue
        key, factor = _price_key(component, prices, day)
        price, vat = prices.price(key, day), int(prices.at(f"vat_{_vat_of(key)}", day))
        if stretch is None or (stretch["key"], stretch["price"], stretch["vat"]) != (key, price, vat):
            stretch = {
                "key": key,
                "price": price,
                "vat": vat,
                "first": day,
                "amount": Fraction(0),
                "factor": factor,
            }
            charge.parts.append(stretch)
        stretch["amount"] += amounts[day]
        stretch["last"] = day
    for part in charge.parts:
        if isinstance(part["first"], date):
            cost += _settle(part, component)
    return cost


def _settle(part: dict[str, Any], component: Component) -> Cost:
    """The cost of a stretch; what stays of it is what a reader is shown."""
    quantity = part.pop("amount") * part.pop("factor")
    cost = cost_of([Priced(quantity, part["price"], part["vat"])])
    unit = "kWh" if part["key"] in HEAT_PRICES else component.unit
    part |= {
        "quantity": decimal_text(quantity), "unit": unit, "cost": decimal_text(cost.exact),
        "first": part["first"].isoformat(), "last": part["last"].isoformat(),
    }  # fmt: skip
    return cost


def _vat_of(key: str) -> str:
    return service_of(key)


def _price_key(component: Component, prices: Parameters, day: date) -> tuple[str, Fraction]:
    return next(((k, f) for k, f in component.prices if prices.price(k, day)), component.prices[0])


def _amounts(
    unit: str, values: DayValues, days: list[date], fill: str
) -> tuple[dict[date, Fraction], list[list[str]]]:
    """Amounts by day, and each day as it is kept: [day, amount, status]."""
    known, disputed = values.known.get(unit, {}), values.disputed.get(unit, set())
    amounts = {day: known[day][0] for day in days if day in known}
    lacking = [day for day in days if day not in known]
    mean = None
    if fill == MEAN and amounts and len(lacking) <= MOST_FILLED:
        mean = sum(amounts.values(), Fraction(0)) / len(amounts)
    names = ("measured", "estimated", "substituted", "disputed")
    rows = []
    for day in days:
        if day in known:
            status, text = names[known[day][1]], decimal_text(amounts[day])
        elif mean is not None:
            amounts[day], status, text = mean, "filled", decimal_text(mean)
        else:
            status, text = "disputed" if day in disputed else "missing", ""
        rows.append([day.isoformat(), text, status])
    return amounts, rows


def decimal_text(value: Fraction) -> str:
    """Up to six decimals, rounded half up: for reading, never for counting on."""
    millionths = to_minor_units(value, digits=6)
    sign, whole = "-" if millionths < 0 else "", abs(millionths)
    return f"{sign}{whole // 10**6}.{whole % 10**6:06}".rstrip("0").rstrip(".")
