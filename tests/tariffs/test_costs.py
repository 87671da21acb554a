"""What stands beside the price of a unit: standing charges, VAT, the Gcal, and the share of the common areas."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction as F
from itertools import pairwise
from typing import Any

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.access import Actor
from accounts.errors import DomainError
from accounts.tenancy import tenant_scope
from readings.consumption.breakdown import Part, Source, parts_of
from readings.consumption.selectors import DwellingMeters
from readings.models import DayTotal
from servers.models import CommonArea, Dwelling, Meter, MeteringPoint, MeterInstallation, Register
from tariffs.catalogue import PARAMETERS, parse
from tariffs.models import Level
from tariffs.places import building_place, programme_place
from tariffs.pricing import NOTHING, Cost, Priced, cost_of, standing_cost, to_minor_units
from tariffs.selectors import Dated, Parameters
from tariffs.services.parameters import parameters_save
from tariffs.sharing import key_weights, shared_out
from testkit.estate import LONG_AGO
from testkit.world import World
from tests.tariffs.parameter_kit import Side, make_sides, save, words

DAY = date(2026, 11, 3)


def prices(**values: str) -> Parameters:
    rows = (
        Dated(key, Level.OPERATOR_PROGRAMME, value, date(2020, 1, 1), None) for key, value in values.items()
    )
    return Parameters(rows)


def priced(values: Parameters, steps: int, *, band: int = 0, day: date = DAY, **source: Any) -> list[Part]:
    fields = {
        "medium": "heat",
        "usage": "heating",
        "quantity": "energy",
        "unit": "kWh",
        "tariff": 0,
        **source,
    }
    made = Source(
        1, fields["medium"], fields["usage"], fields["quantity"], fields["unit"], -3, fields["tariff"], False
    )
    return list(parts_of(made, day, steps, 0, values.at, band=band))


HEAT: dict[str, Any] = {}
VOLUME = {"quantity": "volume", "unit": "m3"}
GAS = {"medium": "gas", "usage": "boiler", **VOLUME}
PUMP = {"medium": "electricity", "usage": "heat_pump"}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("values", "source", "steps", "day", "wanted"),
    [
        # heat: kWh by the kWh, net of 20 % VAT, by the Gcal, and a register that counts Gcal or MJ
        ({"heating": "951"}, HEAT, 100_000, DAY, {"heating": (100, "9.51")}),
        ({"heating": "951", "vat_heating": "200000"}, HEAT, 100_000, DAY, {"heating": (100, "11.412")}),
        ({"heating": "951", "vat_heating": "55000"}, HEAT, 100_000, DAY, {"heating": (100, "10.03305")}),
        ({"heating_gcal": "20000000", "heat_unit": "gcal"}, {"unit": "Gcal"}, 2_000, DAY, {"heating": (2326, "4000")}),
        ({"heating_gcal": "1163000", "heat_unit": "gcal"}, HEAT, 10_000, DAY, {"heating": (10, "1")}),
        # the unit that people read does not change what was agreed in the other one
        ({"heating": "1000", "heat_unit": "gcal"}, HEAT, 10_000, DAY, {"heating": (10, "1")}),
        ({"heating": "1000"}, {"unit": "MJ"}, 36_000, DAY, {"heating": (10, "1")}),
        ({"cooling": "1000"}, {"medium": "cooling", "usage": "cooling"}, 5_000, DAY, {"cooling": (5, "0.5")}),
        # gas through a boiler in autumn: 30 % hot water; in summer all of it; a share that is set
        ({"gas": "842"}, GAS, 10_000, DAY, {"hot_water": (F("32.91"), "2.771022"), "heating": (F("76.79"), "6.465718")}),
        ({"gas": "842"}, GAS, 10_000, date(2026, 7, 1), {"hot_water": (F("109.7"), "9.23674"), "heating": (0, "0")}),
        ({"boiler_autumn": "0"}, GAS, 10_000, DAY, {"hot_water": (0, None), "heating": (F("109.7"), None)}),
        ({"gas": "1000", "gas_coefficient": "112000"}, {"medium": "gas", "usage": "heating", **VOLUME}, 1_000, DAY,
         {"heating": (F("11.2"), "1.12")}),
        # a boiler's volume: 1.163 × 1 m³ × 20 K
        ({"heating": "1000"}, {"usage": "boiler", **VOLUME}, 1_000, DAY,
         {"hot_water": (F("6.978"), None), "heating": (F("16.282"), "1.6282")}),
        ({"heating": "1000", "hot_water": "1000", "boiler_delta": "150000", "boiler_autumn": "50"},
         {"usage": "boiler", **VOLUME}, 1_000, DAY,
         {"hot_water": (F("8.7225"), "0.87225"), "heating": (F("8.7225"), "0.87225")}),
        # hot water by its volume: the water, and 1.163 × 1 × 43 kWh of heat
        ({"hot_water": "1000", "hot_water_m3": "40000"}, {"medium": "hot_water", "usage": "hot_water", **VOLUME}, 1_000,
         DAY, {"water": (1, "4"), "hot_water": (F("50.009"), "5.0009")}),
        ({"dhw_outlet": "600000", "dhw_inlet": "100000"}, {"medium": "hot_water", "usage": "hot_water", **VOLUME}, 1_000,
         DAY, {"water": (1, None), "hot_water": (F("58.15"), None)}),
        ({"cold_water_m3": "39000", "vat_water": "55000"}, {"medium": "cold_water", "usage": "water", **VOLUME}, 1_000,
         DAY, {"water": (1, "4.1145")}),
        # a heat pump: heating in autumn, cooling from June; other dates; with hot water the season's share first
        ({}, PUMP, 10_000, DAY, {"heating": (10, "1.256")}),
        ({}, PUMP, 10_000, date(2026, 6, 1), {"cooling": (10, "1.256")}),
        ({"cooling_from": "06-15"}, PUMP, 10_000, date(2026, 6, 1), {"heating": (10, "1.256")}),
        ({"heat_pump_summer": "80"}, {**PUMP, "usage": "heat_pump_dhw"}, 10_000, date(2026, 7, 1),
         {"hot_water": (8, "1.0048"), "cooling": (2, "0.2512")}),
        # nobody pays for a mass
        ({}, {"quantity": "mass", "unit": "kg"}, 1_000, DAY, {}),
    ],
)  # fmt: skip
def test_hand_computed(
    values: dict[str, str],
    source: dict[str, Any],
    steps: int,
    day: date,
    wanted: dict[str, tuple[Any, str | None]],
) -> None:
    found = {
        "water" if part.kind == "water" else part.key: (part.amount, part.cost)
        for part in priced(prices(**values), steps, day=day, **source)
    }
    assert {key: amount for key, (amount, _cost) in found.items()} == {
        key: F(one[0]) for key, one in wanted.items()
    }
    for key, (_amount, exact) in wanted.items():
        cost = found[key][1]
        assert cost.exact == F(exact or 0)
        assert cost.complete is (exact is not None or found[key][0] == 0), key


@pytest.mark.pure
@pytest.mark.parametrize(
    ("option", "band", "exact"),
    [
        ("off_peak", 11, "0.984"), ("off_peak", 12, "1.391"), ("ejp", 21, "1.068"), ("ejp", 22, "5.367"),
        ("tempo", 31, "0.763"), ("tempo", 32, "0.907"), ("tempo", 33, "1.074"), ("tempo", 34, "1.272"),
        ("tempo", 35, "1.971"), ("tempo", 36, "5.119"),
    ],
)  # fmt: skip
def test_ten_kwh_in_each_band_at_the_seeds_prices(option: str, band: int, exact: str) -> None:
    sockets = {"medium": "electricity", "usage": "sockets"}
    (by_clock,) = priced(prices(electricity_option=option), 10_000, band=band, **sockets)
    assert by_clock.cost == Cost(F(exact), True) and by_clock.status == 0
    (by_meter,) = priced(
        prices(electricity_option=option), 10_000, tariff=band % 10, band=band % 10, **sockets
    )
    assert by_meter.cost == by_clock.cost
    (as_one,) = priced(prices(electricity_option=option), 10_000, **sockets)
    assert (as_one.cost.exact, as_one.status) == (F("1.256"), 1), "the base price, and said to be an estimate"


@pytest.mark.pure
@pytest.mark.parametrize(
    ("stored", "vat", "first", "end", "exact"),
    [
        ("d:4000", 0, date(2026, 11, 1), date(2026, 12, 1), "12"),
        ("d:4000", 200_000, date(2026, 11, 1), date(2026, 12, 1), "14.4"),
        ("m:310000", 0, date(2026, 1, 10), date(2026, 1, 20), "10"),  # ten of 31 days
        ("m:280000", 0, date(2026, 2, 1), date(2026, 3, 1), "28"),
        ("m:300000", 0, date(2026, 4, 16), date(2026, 5, 1), "15"),
        ("m:310000", 0, date(2026, 1, 31), date(2026, 3, 2), "33"),  # 1/31, a month, 1/31
        ("d:0", 0, date(2026, 1, 1), date(2026, 2, 1), "0"),
    ],
)
def test_standing_charges_by_the_day(stored: str, vat: int, first: date, end: date, exact: str) -> None:
    assert standing_cost(stored, vat, first, end).exact == F(exact)


@pytest.mark.pure
@given(cuts=st.lists(st.integers(0, 400), max_size=6), stored=st.sampled_from(["d:1234", "m:99999", "m:1"]))
@settings(max_examples=60, deadline=None)
def test_standing_charges_over_any_split_add_up(cuts: list[int], stored: str) -> None:
    first = date(2025, 12, 15).toordinal()
    marks = [date.fromordinal(first + cut) for cut in sorted({0, 400, *cuts})]
    whole = standing_cost(stored, 55_000, marks[0], marks[-1])
    parts = NOTHING
    for start, end in pairwise(marks):
        parts += standing_cost(stored, 55_000, start, end)
    assert parts == whole


@pytest.mark.pure
def test_vat_is_rounded_once_with_its_line() -> None:
    parts = [Priced(F(1), 33, 200_000)] * 3  # 0.0033 net each: 0.00396 with the tax
    cost = cost_of(parts)
    assert (cost.exact, cost.vat, to_minor_units(cost.exact)) == (F("0.01188"), F("0.00198"), 1)


@pytest.mark.pure
@given(
    total=st.integers(0, 10**9), weights=st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any)
)
@settings(max_examples=100)
def test_shares_sum_to_the_whole_to_the_last_unit(total: int, weights: list[int]) -> None:
    parts = shared_out(total, weights)
    assert sum(parts) == total
    assert all(
        abs(part - F(total * weight, sum(weights))) < 1 for part, weight in zip(parts, weights, strict=True)
    )


@pytest.mark.pure
def test_largest_remainders() -> None:
    assert shared_out(100, [1, 1, 1]) == [34, 33, 33]
    assert shared_out(10, [50, 30, 20]) == [5, 3, 2]
    assert shared_out(7, [625, 710, 482]) == [2, 3, 2]  # 2.408, 2.735, 1.857: the larger remainders first
    assert key_weights("area", [625, None]) == ("equal", [1, 1]), "without every area it would be a guess"
    assert key_weights("area", [625, 710]) == ("area", [625, 710])
    with pytest.raises(ValueError, match="not all of them 0"):
        shared_out(1, [0, 0])


@pytest.mark.pure
@pytest.mark.parametrize(
    ("key", "typed", "stored"),
    [
        ("standing_electricity", "12,34/m", "m:123400"),
        ("standing_gas", "0.4123/d", "d:4123"),
        ("standing_gas", "1/x", "d:10000"),
        ("vat_gas", "5,5", "55000"),
        ("off_peak_hours", "22h30-6h30", "22:30-06:30"),
        ("heating_gcal", "2000", "20000000"),
        ("heating_gcal", "1 678,90", "16789000"),
        ("heating_gcal", "1\u202f678,9", "16789000"),
        ("standing_gas", "1\u00a0200.5/m", "m:12005000"),
    ],
)
def test_what_is_typed(key: str, typed: str, stored: str) -> None:
    assert parse(PARAMETERS[key], typed) == stored


# through the pages


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ours(world: World) -> Side:
    side = make_sides(world)[0]
    side.home.meter("heat", medium="heat", usage="heating", registers=[{}])
    return side


def used(
    side: Side, first: date, end: date, *, dwelling: Dwelling | None = None, since: date | None = None
) -> Any:
    with tenant_scope(side.housing.programme.pk):
        spans = ((since or date(2026, 1, 1), None),)
        return DwellingMeters(dwelling or side.home.dwelling, spans).consumption(first, end)


def hall(side: Side, *steps: int) -> Register:
    """A meter of the building's hall that counted `steps` on the days from 3 November."""
    with tenant_scope(side.housing.programme.pk):
        area = CommonArea.objects.create(building=side.home.dwelling.building, ref="hall", name="Hall")
        point = MeteringPoint.objects.create(
            name="hall", medium="electricity", usage="other", common_area=area
        )
        meter = Meter.objects.create(serial="hall", medium="electricity")
        installation = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
        register = Register.objects.create(
            installation=installation, ref="energy", quantity="energy", unit="kWh"
        )
        for n, quantity in enumerate(steps):
            DayTotal.objects.create(
                register=register, day=DAY.toordinal() + n, quantity=quantity, seconds=86400
            )
    return register


def test_standing_charges_on_the_own_days_up_to_today(ours: Side, sign_in: Any) -> None:
    save(sign_in(ours.housing.operator), ours.url(), valid_from="2026-01-01", standing_heating_0="0,5",
         standing_heating_1="d", standing_electricity_0="9", standing_electricity_1="m", vat_heating="20")  # fmt: skip
    november = used(ours, date(2026, 11, 1), date(2026, 12, 1))
    assert set(november.standing) == {"heating"}, "there is no meter of electricity here"
    line = november.standing["heating"]
    assert (line.amount, line.cost.exact, line.cost.vat) == (22, F("13.2"), F("2.2")), (
        "today included, none to come"
    )
    half = used(ours, date(2026, 11, 1), date(2026, 12, 1), since=date(2026, 11, 20))
    assert half.standing["heating"].amount == 3, "pro rata by the days that one lives there"
    assert november.total_minor == 1320 and november.is_priced


def test_a_change_in_mid_month_prices_each_day_with_its_own(ours: Side, sign_in: Any) -> None:
    client = sign_in(ours.housing.operator)
    for day in (3, 20):
        ours.home.total("heat/energy", date(2026, 11, day), 100_000)
    save(client, ours.url(), valid_from="2026-01-01", heating="0,1000", standing_heating_0="1")
    save(
        client,
        ours.url(),
        valid_from="2026-11-11",
        heating="0.2000",
        vat_heating="10",
        standing_heating_0="2",
    )
    month = used(ours, date(2026, 11, 1), date(2026, 12, 1))
    assert month.usages["heating"].cost.exact == F("10") + F("22")
    assert month.standing["heating"].cost.exact == 10 + 12 * F("2.2")
    days = [used(ours, date(2026, 11, day), date(2026, 11, day) + timedelta(days=1)) for day in range(1, 31)]
    assert sum(line.cost.exact for one in days for line in one.lines) == sum(
        line.cost.exact for line in month.lines
    )


def test_common_areas_are_allotted_by_the_key_to_the_last_unit(ours: Side, sign_in: Any) -> None:
    hall(ours, 1000, 1001)
    home, other = ours.home.dwelling, ours.other
    assert not used(ours, DAY, date(2026, 11, 5)).common, "not before somebody chose a key"
    operator = sign_in(ours.housing.operator)
    save(operator, ours.url("building", "sharing"), common_key="equal", valid_from="2026-11-01")
    mine, theirs = (used(ours, DAY, date(2026, 11, 5), dwelling=one).common["other"] for one in (home, other))
    assert mine.amount == theirs.amount == F("1.0005") and mine.cost.exact == F("1.0005") * F("0.1256")
    assert "sum to the whole" not in words(operator.get(ours.url("building", "tariffs")))
    page = operator.get(ours.url("building", "sharing"))
    assert "2 logements" in words(page) or "2 dwellings" in words(page), "no living area is known yet"
    with tenant_scope(ours.housing.programme.pk):
        Dwelling.objects.filter(pk=home.pk).update(area_cm2=200)
        Dwelling.objects.filter(pk=other.pk).update(area_cm2=100)
    save(operator, ours.url("building", "sharing"), common_key="area", valid_from="2026-11-04")
    mine, theirs = (used(ours, DAY, date(2026, 11, 5), dwelling=one).common["other"] for one in (home, other))
    # 500 of the first day in equal parts; of 1,001 Wh 667.333… and 333.667, which sum to the whole exactly
    assert (mine.amount, theirs.amount) == (F("1.167333"), F("0.833667"))
    assert mine.amount + theirs.amount == F("2.001")
    late = used(ours, DAY, date(2026, 11, 5), since=date(2026, 11, 4))
    assert late.common["other"].amount == F("0.667333"), "the own share of the own days only"


def test_an_occupant_sets_neither_key_nor_unit(ours: Side, sign_in: Any) -> None:
    actor: Actor = ours.housing.actor(ours.housing.operator)
    with tenant_scope(ours.housing.programme.pk):
        building = building_place(ours.home.dwelling.building)
        with pytest.raises(DomainError) as refused:
            parameters_save(actor=actor, place=building, values={"heat_unit": "gcal"}, valid_from=DAY)
        assert refused.value.code == "unknown_parameter"
        parameters_save(
            actor=actor, place=programme_place(actor), values={"heat_unit": "gcal"}, valid_from=DAY
        )
    fields = sign_in(ours.housing.occupant).get(ours.url("home")).context["form"].fields
    assert "heating_gcal" in fields and "heating" not in fields and "common_key" not in fields
    assert sign_in(ours.housing.occupant).get(ours.url("building", "sharing")).status_code == 403


def test_heat_is_read_in_the_programmes_unit(ours: Side, sign_in: Any) -> None:
    ours.home.total("heat/energy", DAY, 2_326_000)
    home = f"/p/{ours.slug}/home/"
    occupant = sign_in(ours.housing.occupant)
    assert "2 326 kWh" in words(occupant.get(home))
    save(sign_in(ours.housing.operator), ours.url(page="sharing"), heat_unit="gcal", valid_from="2026-01-01")
    save(sign_in(ours.housing.operator), ours.url(), heating_gcal="100", valid_from="2026-01-01")
    rows = occupant.get(home).context["usage_rows"]
    assert [(re.sub(r"\s", " ", row["quantity"]), re.sub(r"\s", " ", row["amount"])) for row in rows] == [
        ("2,000 Gcal", "200,00 €")
    ]
