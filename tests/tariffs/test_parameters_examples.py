"""The five examples of docs/tariffs.md, through the same functions as the pages."""

from __future__ import annotations

import re
from datetime import date
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import pytest

from readings.consumption.breakdown import Part, Source, parts_of
from tariffs.models import Level
from tariffs.pricing import NOTHING, Cost, to_minor_units
from tariffs.selectors import Dated, Parameters

pytestmark = pytest.mark.pure
WINTER = date(2026, 1, 15)
DOCS = Path(__file__).parents[2] / "docs" / "tariffs.md"


def prices(**values: int) -> Parameters:
    return Parameters(
        Dated(key, Level.ADMINISTRATOR_PROGRAMME, str(value), date(2020, 1, 1), None)
        for key, value in values.items()
    )


def parts(
    values: Parameters, steps: int, day: date = WINTER, *, unit: str = "kWh", tariff: int = 0, **source: str
) -> list[Part]:
    fields: dict[str, Any] = {"quantity": "energy", **source}
    made = Source(1, fields["medium"], fields["usage"], fields["quantity"], unit, -3, tariff, False)
    return list(parts_of(made, day, steps, 0, values.at))


def total(found: list[Part]) -> Cost:
    cost = NOTHING
    for part in found:
        cost += part.cost
    return cost


def peak_and_off_peak() -> list[str]:
    sockets = {"medium": "electricity", "usage": "sockets"}
    return [
        money(
            *parts(prices(), 2000, tariff=1, **sockets), *parts(prices(), 3000, tariff=2, **sockets),
            exact="0.6141",
        )
    ]  # fmt: skip


def gas() -> list[str]:
    (heat,) = parts(prices(gas=842), 12_500, unit="m3", medium="gas", usage="heating", quantity="volume")
    assert heat.amount == F("137.125")
    return [money(heat, exact="11.545925")]


def hot_water_from_a_volume() -> list[str]:
    values = prices(hot_water=951, hot_water_m3=0)
    found = parts(values, 2500, unit="m3", medium="hot_water", usage="hot_water", quantity="volume")
    energy = next(part for part in found if part.kind == "energy")
    return [kwh(energy.amount), money(energy, exact="11.88963975")]


def boiler_in_winter_and_in_spring() -> list[str]:
    used = {"hot_water": F(0), "heating": F(0)}
    for day in (date(2026, 3, 20), date(2026, 3, 21)):
        for part in parts(prices(), 200_000, day, medium="heat", usage="boiler"):
            used[part.key] += part.amount
    return [kwh(used["hot_water"]), kwh(used["heating"])]


def a_price_that_changes() -> list[str]:
    level, june = Level.OPERATOR_BUILDING, date(2026, 6, 1)
    values = Parameters(
        [
            Dated("heating", level, "951", date(2026, 1, 1), june),
            Dated("heating", level, "1200", june, date(2026, 7, 1)),
        ]
    )
    heat = {"medium": "heat", "usage": "heating"}
    both = [*parts(values, 100_000, date(2026, 5, 31), **heat), *parts(values, 100_000, june, **heat)]
    more = total([*both, *parts(values, 10_000, date(2026, 7, 1), **heat)])
    assert (to_minor_units(more.exact), more.complete) == (2151, False)
    return [money(*both, exact="21.51")]


def money(*found: Part, exact: str) -> str:
    cost = total(list(found))
    assert cost.exact == F(exact) and cost.complete, "what the page works out"
    cents = to_minor_units(cost.exact)
    return f"{cents // 100}.{cents % 100:02} €"


def kwh(amount: F) -> str:
    return f"{float(amount):g} kWh" if amount.denominator == 1 else f"{float(amount):.4f} kWh"


EXAMPLES = (
    peak_and_off_peak, gas, hot_water_from_a_volume, boiler_in_winter_and_in_spring, a_price_that_changes
)  # fmt: skip


@pytest.mark.parametrize("number", range(5), ids=[one.__name__ for one in EXAMPLES])
def test_the_page_shows_what_the_code_gives(number: int) -> None:
    """The results of each example, in bold, read from the page."""
    section = DOCS.read_text(encoding="utf-8").split("## Five examples\n")[1]
    lines = [line for line in section.splitlines() if re.match(r"\d\. ", line)]
    assert len(lines) == 5
    said = re.findall(r"\*\*([\d.]+ (?:€|kWh))\*\*", lines[number])
    assert said == EXAMPLES[number]()
