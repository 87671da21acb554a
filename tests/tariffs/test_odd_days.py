"""Days and inputs that are out of the ordinary, each worked out by hand: leap days, clock changes, seasons within a
period, water that was not warmed, nobody to share with, meters exchanged or published late. And: any split adds up."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction as F
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.tenancy import tenant_scope
from readings.consumption.selectors import Consumption, DwellingMeters
from readings.costs.lines import lines_of
from readings.models import DayTotal
from readings.totals.cuts import day_cuts
from servers.models import CommonArea, Dwelling, Meter, MeteringPoint, MeterInstallation, Register
from tariffs.calendars import bands_of, parse_windows
from tariffs.formulas import heat_pump_heats, water_heat
from tariffs.models import Level, ParameterValue
from tariffs.pricing import standing_cost
from tariffs.sharing import key_weights, shared_out
from testkit.estate import LONG_AGO
from testkit.world import World
from tests.tariffs.parameter_kit import Side, make_sides
from tests.tariffs.test_costs import GAS, HEAT, PUMP, VOLUME, priced, prices

PARIS = ZoneInfo("Europe/Paris")
LEAP = date(2028, 2, 29)
WARM = {"medium": "hot_water", "usage": "hot_water", **VOLUME}
PUMP_DHW = {**PUMP, "usage": "heat_pump_dhw"}


@pytest.mark.pure
@pytest.mark.parametrize(
    ("values", "source", "steps", "day", "wanted"),
    [
        # 29 February is winter: 15 % of a boiler's 100 kWh, each part at the price of its usage
        ({"heating": "1000", "hot_water": "2000"}, {"usage": "boiler"}, 100_000, LEAP,
         {"hot_water": (15, "3"), "heating": (85, "8.5")}),
        # a chiller's or heat pump's heat meter by date: cooling since 1 June
        ({"cooling": "1000"}, {"usage": "heat_pump"}, 10_000, date(2026, 6, 1), {"cooling": (10, "1")}),
        # the last day of spring and the first of summer, 10 kWh each: 30 % and the rest cools; then 100 %
        ({}, PUMP_DHW, 10_000, date(2026, 6, 20), {"hot_water": (3, "0.3768"), "cooling": (7, "0.8792")}),
        ({}, PUMP_DHW, 10_000, date(2026, 6, 21), {"hot_water": (10, "1.256"), "cooling": (0, "0")}),
        # the last day of autumn 30 %, the first of winter 15 %
        ({}, PUMP_DHW, 10_000, date(2026, 12, 20), {"hot_water": (3, "0.3768"), "heating": (7, "0.8792")}),
        ({}, PUMP_DHW, 10_000, date(2026, 12, 21), {"hot_water": (F("1.5"), "0.1884"), "heating": (F("8.5"), "1.0676")}),
        # colder out than in, or as warm: there is no heat, and nothing is missing from its cost
        ({"dhw_outlet": "100000"}, WARM, 1_000, LEAP, {"water": (1, None), "hot_water": (0, "0")}),
        ({"dhw_outlet": "120000"}, WARM, 1_000, LEAP, {"water": (1, None), "hot_water": (0, "0")}),
        # −5 °C in, 55 °C out: 1.163 × 0.5 × 60
        ({"dhw_inlet": "-50000", "hot_water": "1000"}, WARM, 500, LEAP,
         {"water": (F("0.5"), None), "hot_water": (F("34.89"), "3.489")}),
        # litres: 2,500 l of gas are 2.5 m³ × 10.97 = 27.425 kWh, in winter 15 % of it hot water, at the price of gas
        ({"gas": "1000"}, {**GAS, "unit": "l"}, 2_500_000, LEAP,
         {"hot_water": (F("4.11375"), "0.411375"), "heating": (F("23.31125"), "2.331125")}),
        # 0.0036 GJ are 1 kWh; 2 MWh are 2,000; 500 Wh are half a kWh
        ({"heating": "1000"}, {"unit": "GJ"}, 36, LEAP, {"heating": (10, "1")}),
        ({"heating": "1000"}, {"unit": "MWh"}, 2_000, LEAP, {"heating": (2_000, "200")}),
        ({"heating": "1000"}, {"unit": "Wh"}, 500_000, LEAP, {"heating": (F("0.5"), "0.05")}),
        # a correction that takes back: −1 kWh
        ({"heating": "1000", "vat_heating": "200000"}, HEAT, -1_000, LEAP, {"heating": (-1, "-0.12")}),
        # heat that somebody uses for sockets has no price of its own
        ({}, {"usage": "other"}, 1_000, LEAP, {"other": (1, None)}),
    ],
)  # fmt: skip
def test_by_hand(
    values: dict[str, str],
    source: dict[str, Any],
    steps: int,
    day: date,
    wanted: dict[str, tuple[Any, str | None]],
) -> None:
    parts = priced(prices(**values), steps, day=day, **source)
    found = {"water" if part.kind == "water" else part.key: (part.amount, part.cost) for part in parts}
    assert {key: amount for key, (amount, _cost) in found.items()} == {
        key: one[0] for key, one in wanted.items()
    }
    for key, (_amount, exact) in wanted.items():
        cost = found[key][1]
        assert (cost.exact, cost.complete) == (F(exact or 0), exact is not None), key


@pytest.mark.pure
def test_the_unit_that_has_a_price_wins_and_of_two_the_one_that_is_read() -> None:
    both = {"heating": "1000", "heating_gcal": "2326000"}  # 0.10 a kWh; 232.60 a Gcal, which is 0.20 a kWh
    for unit, exact in (("kwh", "1"), ("gcal", "2")):
        (part,) = priced(prices(**both, heat_unit=unit), 10_000)
        assert part.cost.exact == F(exact), unit


@pytest.mark.pure
@pytest.mark.parametrize(
    ("day", "heats"),
    [(date(2027, 2, 28), True), (date(2027, 3, 1), False), (date(2028, 2, 28), True), (LEAP, False)],
)
def test_cooling_from_a_leap_day(day: date, heats: bool) -> None:
    """29 February stands for 1 March in the years without it."""
    assert heat_pump_heats(day, (10, 1), (2, 29)) is heats


@pytest.mark.pure
def test_heating_and_cooling_from_the_same_day_is_cooling_all_year() -> None:
    assert not any(heat_pump_heats(date(2026, month, 15), (6, 1), (6, 1)) for month in range(1, 13))
    assert water_heat(F(0), F(43)) == 0


def hours(option: str, day: date, windows: str = "", told: dict[date, str] | None = None) -> dict[int, float]:
    """Band → hours of a local day."""
    known, window = told or {}, parse_windows(windows) if windows else ()

    def bands(when: date) -> Any:
        return bands_of(option, window, when, lambda one: known.get(one, ""))

    found: dict[int, float] = {}
    for cut in day_cuts(day, day + timedelta(days=1), PARIS, bands):
        found[cut.band] = found.get(cut.band, 0) + (cut.next_at - cut.at) / 3600
    return found


APRIL, NEW_YEAR = date(2026, 4, 1), date(2027, 1, 1)
SATURDAY, SUNDAY = date(2026, 3, 28), date(2026, 3, 29)  # the clock goes forward on the Sunday, from 2 to 3


@pytest.mark.pure
@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        # EJP from seven on Saturday to one on Sunday: 17 hours and 1; Sunday has 23 hours in all
        (hours("ejp", SATURDAY, told={SATURDAY: "ejp"}), {21: 7, 22: 17}),
        (hours("ejp", SUNDAY, told={SATURDAY: "ejp"}), {22: 1, 21: 22}),
        # two announced days one after the other leave six normal hours between them
        (hours("ejp", date(2026, 1, 7), told={date(2026, 1, 6): "ejp", date(2026, 1, 7): "ejp"}), {22: 18, 21: 6}),
        # announced for 31 March, it still holds in the first hour of April
        (hours("ejp", date(2026, 4, 1), told={date(2026, 3, 31): "ejp"}), {22: 1, 21: 23}),
        # Tempo: a white Saturday ends at six on Sunday, of whose night the hour from two to three is missing
        (hours("tempo", SUNDAY, told={SATURDAY: "white", SUNDAY: "blue"}), {33: 5, 32: 16, 31: 2}),
        # a red 31 March has its last off-peak hours on 1 April
        (hours("tempo", APRIL, told={date(2026, 3, 31): "red", APRIL: "blue"}), {35: 6, 32: 16, 31: 2}),
        # the leap day is a day like another, and so is the turn of the year
        (hours("off_peak", LEAP, "22:00-06:00"), {11: 8, 12: 16}),
        (hours("tempo", NEW_YEAR, told={date(2026, 12, 31): "red", NEW_YEAR: "blue"}), {35: 6, 32: 16, 31: 2}),
        # off-peak over midnight by half hours, three windows, and one that ends with the day
        (hours("off_peak", LEAP, "23:30-00:30"), {11: 1, 12: 23}),
        (hours("off_peak", LEAP, "22:30-01:15,03:00-05:00,12:00-14:30"), {11: 7.25, 12: 16.75}),
        (hours("off_peak", LEAP, "16:00-24:00"), {11: 8, 12: 16}),
    ],
)  # fmt: skip
def test_hours_of_bands(found: dict[int, float], wanted: dict[int, float]) -> None:
    assert found == wanted


@pytest.mark.pure
def test_a_leap_februarys_standing_charge() -> None:
    """29 days of 29.00 a month: a euro a day, and the half from the 15th on is 15 of them; in 2027 of 28 days."""
    whole, half = (
        standing_cost("m:290000", 0, date(2028, 2, day), date(2028, 3, 1)).exact for day in (1, 15)
    )
    assert (whole, half) == (29, 15)
    assert standing_cost("m:280000", 55_000, date(2027, 2, 15), date(2027, 3, 1)).exact == F("14.77")


@pytest.mark.pure
def test_a_share_among_nobody_and_among_one() -> None:
    assert key_weights("area", []) == ("equal", []) and key_weights("area", [0, 10]) == ("equal", [1, 1])
    assert shared_out(7, [1]) == [7] and shared_out(0, [1, 2]) == [0, 0]
    assert shared_out(2, [0, 5, 5]) == [0, 1, 1], "who weighs nothing bears nothing"


# through the database


@pytest.fixture(autouse=True)
def _now() -> Any:
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def ours(world: World) -> Side:
    return make_sides(world)[0]


def value(key: str, stored: str, since: date = date(2025, 1, 1), until: date | None = None) -> None:
    ParameterValue.objects.create(
        level=Level.OPERATOR_PROGRAMME, key=key, value=stored, valid_from=since, valid_to=until
    )


def used(side: Side, first: date, end: date, *, since: date = date(2025, 1, 1)) -> Consumption:
    with tenant_scope(side.housing.programme.pk):
        return DwellingMeters(side.home.dwelling, [(since, None)]).consumption(first, end)


NOVEMBER = date(2026, 11, 1), date(2026, 12, 1)


def test_a_meter_exchanged_in_the_month_counts_and_is_charged_once(ours: Side) -> None:
    """10 kWh on the old meter, 20 on the new one; 1 € a day up to the 22nd is 22 €, not 44."""
    ours.home.meter("heat", medium="heat", usage="heating", registers=[{}])
    with tenant_scope(ours.housing.programme.pk):
        value("heating", "1000")
        value("standing_heating", "d:10000")
        old = MeterInstallation.objects.get()
        exchange = datetime(2026, 11, 10, 9, tzinfo=UTC)
        MeterInstallation.objects.update(removed_at=exchange)
        new = MeterInstallation.objects.create(
            meter=Meter.objects.create(serial="new", medium="heat"), point=old.point, installed_at=exchange
        )
        register = Register.objects.create(installation=new, ref="energy", quantity="energy", unit="kWh")
        DayTotal.objects.create(
            register=register, day=date(2026, 11, 11).toordinal(), quantity=20_000, seconds=86400
        )
    ours.home.total("heat/energy", date(2026, 11, 9), 10_000)
    month = used(ours, *NOVEMBER)
    assert (month.usages["heating"].amount, month.usages["heating"].cost.exact) == (30, 3)
    assert (month.standing["heating"].amount, month.total_minor) == (22, 2500)


def test_a_meter_stands_since_the_first_day_that_it_counted(ours: Side) -> None:
    """Published on the 10th, it had been read since the 5th: 18 days of charge up to the 22nd; of another service 13."""
    for name, usage in (("heat", "heating"), ("dhw", "hot_water")):
        ours.home.meter(name, medium="heat", usage=usage, registers=[{}])
    with tenant_scope(ours.housing.programme.pk):
        MeterInstallation.objects.update(installed_at=datetime(2026, 11, 10, 9, tzinfo=UTC))
        value("standing_heating", "d:10000")
        value("standing_hot_water", "d:10000")
    ours.home.total("heat/energy", date(2026, 11, 5), 1_000)
    days = {key: one.amount for key, one in used(ours, *NOVEMBER).standing.items()}
    assert days == {"heating": 18, "hot_water": 13}
    moved = used(ours, *NOVEMBER, since=date(2026, 11, 8))
    assert moved.standing["heating"].amount == 15, "not before the own days"


def test_common_areas_of_a_building_that_lost_its_other_dwelling(ours: Side) -> None:
    """10 kWh in two equal parts; from the day on which the neighbour's dwelling is retired all of it is ours."""
    with tenant_scope(ours.housing.programme.pk):
        value("common_key", "equal")
        area = CommonArea.objects.create(building=ours.home.dwelling.building, ref="hall", name="Hall")
        point = MeteringPoint.objects.create(
            name="hall", medium="electricity", usage="other", common_area=area
        )
        meter = Meter.objects.create(serial="hall", medium="electricity")
        hung = MeterInstallation.objects.create(meter=meter, point=point, installed_at=LONG_AGO)
        register = Register.objects.create(installation=hung, ref="energy", quantity="energy", unit="kWh")
        for day in (3, 4):
            DayTotal.objects.create(
                register=register, day=date(2026, 11, day).toordinal(), quantity=10_000, seconds=86400
            )
        Dwelling.objects.filter(pk=ours.other.pk).update(
            retired_at=datetime(2026, 11, 3, 23, 30, tzinfo=UTC)
        )  # the 4th
    assert used(ours, *NOVEMBER).common["other"].amount == 15


def busy(side: Side) -> DwellingMeters:
    """A dwelling with everything: two hundred days of random totals, prices, taxes, charges, a key, a boiler, a pump."""
    chance, home, first = random.Random(7), side.home, date(2026, 3, 1).toordinal()
    volume = {"ref": "volume", "quantity": "volume", "unit": "m3"}
    home.meter("heat", medium="heat", usage="heating", registers=[{}])
    home.meter("gas", medium="gas", usage="boiler", registers=[volume])
    home.meter("pump", medium="electricity", usage="heat_pump_dhw", registers=[{}])
    home.meter(
        "hot",
        medium="hot_water",
        usage="hot_water",
        registers=[volume],
    )
    with tenant_scope(side.housing.programme.pk):
        rows = [
            DayTotal(register=register, day=first + n, quantity=chance.randrange(9_999), seconds=86400)
            for register in home.registers.values() for n in range(200)
        ]  # fmt: skip
        DayTotal.objects.bulk_create(rows)
        change = date(2026, 6, 11)
        for key, before, after in (
            ("heating", "951", "1013"), ("gas", "842", "0"), ("vat_heating", "55000", "200000"), ("vat_gas", "200000", "0"),
            ("standing_heating", "m:123456", "d:777"), ("standing_gas", "d:0", "m:99999"), ("boiler_spring", "33", "34"),
            ("hot_water", "1001", "1003"), ("hot_water_m3", "39000", "41000"),
            ("cooling_from", "06-01", "06-15"), ("heat_unit", "kwh", "gcal"),
            ("hot_water_gcal", "999999", "1234567"), ("electricity_option", "base", "off_peak"),
        ):  # fmt: skip
            value(key, before, until=change)
            value(key, after, change)
        meters = DwellingMeters(
            home.dwelling, [(date(2026, 3, 5), date(2026, 5, 3)), (date(2026, 5, 20), None)]
        )
        meters.read([(date(2026, 3, 1), date(2026, 9, 20))])
        return meters


def test_cost_over_any_split_of_a_period_adds_up(ours: Side) -> None:
    """Every line, quantities, exact costs and taxes: the whole is the sum of any pieces, and of its explanation."""
    meters, first = busy(ours), date(2026, 3, 1).toordinal()

    def of(start: int, end: int) -> dict[tuple[str, str], tuple[F, F, F]]:
        lines = lines_of(meters, date.fromordinal(start), date.fromordinal(end))
        return {(line.kind, line.key): (line.amount, line.cost.exact, line.cost.vat) for line in lines}

    whole = of(first, first + 200)
    assert len(whole) == 6 and all(cost for _amount, cost, _vat in whole.values() if _amount)
    shown = meters.consumption(date.fromordinal(first), date.fromordinal(first + 200))
    assert sum(cost for _amount, cost, _vat in whole.values()) == sum(one.cost.exact for one in shown.lines)

    @given(cuts=st.lists(st.integers(1, 199), max_size=5, unique=True))
    @settings(max_examples=12, deadline=None)
    def adds_up(cuts: list[int]) -> None:
        marks = [first, *(first + cut for cut in sorted(cuts)), first + 200]
        sums: dict[tuple[str, str], tuple[F, F, F]] = {}
        for start, end in pairwise(marks):
            for key, one in of(start, end).items():
                old = sums.get(key, (F(0), F(0), F(0)))
                sums[key] = (old[0] + one[0], old[1] + one[1], old[2] + one[2])
        assert sums == whole

    with tenant_scope(ours.housing.programme.pk):
        adds_up()
