"""The five examples of docs/tariffs.md, through the same functions as the pages."""

from __future__ import annotations

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


def test_1_peak_and_off_peak() -> None:
    sockets = {"medium": "electricity", "usage": "sockets"}
    cost = total([*parts(prices(), 2000, tariff=1, **sockets), *parts(prices(), 3000, tariff=2, **sockets)])
    assert cost.exact == F("0.6141") and to_minor_units(cost.exact) == 61


def test_2_gas() -> None:
    (heat,) = parts(prices(gas=842), 12_500, unit="m3", medium="gas", usage="heating", quantity="volume")
    assert heat.amount == F("137.125")
    assert heat.cost.exact == F("11.545925") and to_minor_units(heat.cost.exact) == 1155


def test_3_hot_water_from_a_volume() -> None:
    values = prices(hot_water=951, hot_water_m3=0)
    found = parts(values, 2500, unit="m3", medium="hot_water", usage="hot_water", quantity="volume")
    energy = next(part for part in found if part.kind == "energy")
    assert energy.amount == F("125.0225")
    assert energy.cost.exact == F("11.88963975") and to_minor_units(energy.cost.exact) == 1189


def test_4_boiler_in_winter_and_in_spring() -> None:
    used = {"hot_water": F(0), "heating": F(0)}
    for day in (date(2026, 3, 20), date(2026, 3, 21)):
        for part in parts(prices(), 200_000, day, medium="heat", usage="boiler"):
            used[part.key] += part.amount
    assert used == {"hot_water": 90, "heating": 310}


def test_5_a_price_that_changes() -> None:
    level, june = Level.OPERATOR_BUILDING, date(2026, 6, 1)
    values = Parameters(
        [
            Dated("heating", level, "951", date(2026, 1, 1), june),
            Dated("heating", level, "1200", june, date(2026, 7, 1)),
        ]
    )
    heat = {"medium": "heat", "usage": "heating"}
    priced = total(
        [*parts(values, 100_000, date(2026, 5, 31), **heat), *parts(values, 100_000, june, **heat)]
    )
    assert (to_minor_units(priced.exact), priced.complete) == (2151, True)
    more = priced + total(parts(values, 10_000, date(2026, 7, 1), **heat))
    assert (to_minor_units(more.exact), more.complete) == (2151, False)


@pytest.mark.parametrize(
    "figure", ["0.61 €", "11.55 €", "11.89 €", "125.0225 kWh", "90 kWh", "310 kWh", "21.51 €"]
)
def test_the_page_says_what_these_tests_say(figure: str) -> None:
    assert f"**{figure}**" in DOCS.read_text(encoding="utf-8")
