"""Every formula by a table worked out by hand (docs/tariffs.md shows some of them)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tariffs.formulas import Season, gas_energy, heat_pump_heats, season_of, split_by_percent, water_heat
from tariffs.pricing import Priced, cost_of, electricity_price_key, price_key, to_minor_units
from tariffs.units import quantity_of, to_cubic_metres, to_kwh

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("unit", "amount", "kwh"),
    [
        ("Wh", F(1), F(1, 1000)),
        ("MWh", F(2), F(2000)),
        ("Gcal", F(1), F(1163)),
        ("GJ", F(36), F(10000)),  # 36 GJ = 36/0.0036 kWh
        ("MJ", F(36, 10), F(1)),
    ],
)
def test_energy_units(unit: str, amount: F, kwh: F) -> None:
    assert to_kwh(amount, unit) == kwh


def test_steps_and_volumes() -> None:
    assert quantity_of(1234567, -3) == F("1234.567")
    assert quantity_of(5, 2) == 500
    assert to_cubic_metres(F(2500), "l") == F("2.5")
    with pytest.raises(KeyError):
        to_kwh(F(1), "m3")


def test_gas_and_water() -> None:
    assert gas_energy(F(100), F("10.97")) == 1097
    # 2.5 m³ warmed from 12 to 55 °C: 1.163 × 2.5 × 43
    assert water_heat(F("2.5"), F(43)) == F("125.0225")
    assert water_heat(F(3), F(-4)) == 0


@pytest.mark.parametrize(
    ("day", "season"),
    [
        (date(2026, 3, 20), Season.WINTER),
        (date(2026, 3, 21), Season.SPRING),
        (date(2026, 6, 20), Season.SPRING),
        (date(2026, 6, 21), Season.SUMMER),
        (date(2026, 9, 21), Season.AUTUMN),
        (date(2026, 12, 20), Season.AUTUMN),
        (date(2026, 12, 21), Season.WINTER),
        (date(2027, 1, 1), Season.WINTER),
    ],
)
def test_seasons(day: date, season: Season) -> None:
    assert season_of(day) is season


@given(energy=st.integers(0, 10**9), percent=st.integers(0, 100))
@settings(max_examples=100)
def test_a_split_loses_nothing(energy: int, percent: int) -> None:
    hot_water, rest = split_by_percent(F(energy, 1000), percent)
    assert hot_water + rest == F(energy, 1000) and hot_water >= 0 and rest >= 0


def test_a_share_over_100_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 100"):
        split_by_percent(F(1), 101)


@pytest.mark.parametrize(
    ("day", "heats"),
    [
        (date(2026, 9, 30), False),
        (date(2026, 10, 1), True),
        (date(2027, 1, 15), True),
        (date(2027, 5, 31), True),
        (date(2027, 6, 1), False),
    ],
)
def test_heat_pump_over_the_turn_of_the_year(day: date, heats: bool) -> None:
    assert heat_pump_heats(day, (10, 1), (6, 1)) is heats


def test_heat_pump_within_one_year() -> None:
    assert heat_pump_heats(date(2026, 5, 1), (4, 1), (9, 1))
    assert not heat_pump_heats(date(2026, 9, 1), (4, 1), (9, 1))


def test_cost_is_rounded_once_at_the_line() -> None:
    # three parts of 0.4 cent each: rounded one by one they would be nothing
    parts = [Priced(F(4), 10)] * 3
    assert to_minor_units(cost_of(parts).exact) == 1
    assert to_minor_units(cost_of(parts[:1]).exact) == 0


@pytest.mark.parametrize(
    ("amount", "minor"), [("0.005", 1), ("-0.005", -1), ("0.004999", 0), ("61.395", 6140), ("0", 0)]
)
def test_rounding_half_away_from_zero(amount: str, minor: int) -> None:
    assert to_minor_units(F(amount)) == minor


def test_a_missing_price_makes_a_cost_incomplete_not_zero() -> None:
    cost = cost_of([Priced(F(10), 1256), Priced(F(1), None)])
    assert (cost.exact, cost.complete) == (F("1.256"), False)
    assert cost_of([Priced(F(0), None)]).complete, "nothing was used, so nothing is missing"


@given(
    steps=st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**4)), max_size=30),
    cut=st.integers(0, 30),
)
@settings(max_examples=100)
def test_cost_over_any_split_adds_up(steps: list[tuple[int, int]], cut: int) -> None:
    parts = [Priced(F(quantity, 1000), price) for quantity, price in steps]
    assert cost_of(parts[:cut]) + cost_of(parts[cut:]) == cost_of(parts)


def test_which_price_a_register_takes() -> None:
    assert electricity_price_key("base", 0) == "electricity_base"
    assert electricity_price_key("off_peak", 1) == "electricity_off_peak"
    assert electricity_price_key("base", 2) == "electricity_peak", (
        "the meter's own registers win over the option"
    )
    assert electricity_price_key("tempo", 6) == "electricity_tempo_peak_red"
    assert (
        price_key(medium="heat", usage="heating", quantity="energy", option="base", tariff_index=0)
        == "heating"
    )
    assert price_key(medium="heat", usage="heating", quantity="volume", option="base", tariff_index=0) is None
    assert price_key(
        medium="hot_water", usage="hot_water", quantity="volume", option="base", tariff_index=0
    ) == ("hot_water_m3")
    assert price_key(medium="heat", usage="heating", quantity="power", option="base", tariff_index=0) is None
