"""The months that are judged by hand: what stands on the page, and the sum that one would write on paper.

October 2026 has 745 hours: its 25th has 25.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction as F

from accounts.tenancy import tenant_scope
from servers.models import MeterInstallation
from tests.readings.judge_kit import ENERGY, VOLUME, Flat, at

OCTOBER = "period=month&at=2026-10"
Lines = dict[str, F | None]  # anchor of a line → its exact cost, None without a price
CASES: dict[str, tuple[str, Lines, Callable[[Flat], None]]] = {}


def case(
    query: str = OCTOBER, **lines: F | None
) -> Callable[[Callable[[Flat], None]], Callable[[Flat], None]]:
    def kept(build: Callable[[Flat], None]) -> Callable[[Flat], None]:
        CASES[build.__name__] = (query, {key.replace("__", "-"): cost for key, cost in lines.items()}, build)
        return build

    return kept


# electricity


@case(energy__sockets=31 * 10 * F("0.1256"))
def base(flat: Flat) -> None:
    flat.daily(*flat.meter(), "2026-10-01", "2026-11-01", 10_000)


@case(energy__sockets=15 * 10 * F("0.1256") + 16 * 10 * F("0.2"))
def a_price_that_changes_within_the_month(flat: Flat) -> None:
    flat.daily(*flat.meter(), "2026-10-01", "2026-11-01", 10_000)
    flat.set("2026-10-16", electricity_base="0.2000")


@case(energy__sockets=F("2.5") * F("0.0984") + F("4.8") * F("0.1391"))
def off_peak_over_midnight_and_the_long_day(flat: Flat) -> None:
    """100 Wh an hour on the 24th, 25th, 26th: 8 + 9 + 8 hours off-peak, 3 × 16 peak."""
    flat.set("2026-01-01", electricity_option="off_peak")
    flat.hourly(*flat.meter(), "2026-10-24", "2026-10-27", 100)


@case(energy__sockets=F("2.95") * F("0.0984") + F("4.35") * F("0.1391"))
def off_peak_by_half_hours(flat: Flat) -> None:
    """9.5 + 10.5 + 9.5 hours off-peak of 73."""
    flat.set("2026-01-01", electricity_option="off_peak", off_peak_hours="23h30-7h30, 12:30-14:00")
    flat.hourly(*flat.meter(), "2026-10-24", "2026-10-27", 100)


@case("period=month&at=2026-03", energy__sockets=F("0.1") * F("0.0984") + F("4.6") * F("0.1391"))
def the_hour_that_the_short_day_lacks(flat: Flat) -> None:
    """Off-peak from 2 to 3: once on the 28th of March, never on the 29th, which has 23 hours."""
    flat.set("2026-01-01", electricity_option="off_peak", off_peak_hours="02:00-03:00")
    flat.hourly(*flat.meter(), "2026-03-28", "2026-03-30", 100)


@case("period=month&at=2026-11", energy__sockets=F("1.8") * F("0.5367") + F("3") * F("0.1068"))
def ejp_from_seven_to_one(flat: Flat) -> None:
    """The 3rd is announced: 17 hours of it and one of the 4th."""
    flat.set("2026-01-01", electricity_option="ejp")
    flat.hourly(*flat.meter(), "2026-11-03", "2026-11-05", 100)


@case(
    energy__sockets=F("1.6") * F("0.0763")
    + F("3.2") * F("0.0907")
    + F("0.9") * F("0.1074")
    + F("1.6") * F("0.1272")
)
def tempo_from_six_to_six(flat: Flat) -> None:
    """A blue 23rd until six of the 24th, a white 24th until six of the 25th, when two comes twice; then blue."""
    flat.set("2026-01-01", electricity_option="tempo")
    flat.hourly(*flat.meter(), "2026-10-24", "2026-10-27", 100)


@case(
    "period=month&at=2026-09",
    energy__sockets=F("0.6") * F("0.1074") + F("1.6") * F("0.0907") + F("0.2") * F("0.0763"),
)
def tempo_where_the_season_turns(flat: Flat) -> None:
    """The last white night of the season ends at six on 1 September."""
    flat.set("2026-01-01", electricity_option="tempo")
    flat.hourly(*flat.meter(), "2026-09-01", "2026-09-02", 100)


@case(
    "period=month&at=2026-11",
    energy__sockets=F("0.6") * F("0.0763") + F("1.6") * F("0.5119") + F("0.8") * F("0.1971") + F("1.6") * F("0.0907")
    + F("0.2") * F("0.0763"),
)  # fmt: skip
def tempo_on_a_red_day(flat: Flat) -> None:
    """Red on Tuesday the 10th between two blue days: peak 6 to 22, off-peak until six."""
    flat.set("2026-01-01", electricity_option="tempo")
    flat.hourly(*flat.meter(), "2026-11-10", "2026-11-12", 100)


@case(energy__sockets=100 * F("0.0984") + 50 * F("0.1391"))
def the_meters_own_registers_win(flat: Flat) -> None:
    """100 kWh in the first, 50 in the second; register 0 counts the same 150 and is not added. 16.795 is 16.80."""
    whole, low, high = flat.meter(
        {**ENERGY, "ref": "0"},
        {**ENERGY, "ref": "1", "tariff_index": 1},
        {**ENERGY, "ref": "2", "tariff_index": 2},
    )
    for register, steps in ((whole, 150_000), (low, 100_000), (high, 50_000)):
        flat.once(register, "2026-10-05", steps)


@case("period=day&at=2026-10-25", energy__sockets=F("2.5") * F("0.1256"))
def a_day_of_25_hours(flat: Flat) -> None:
    flat.hourly(*flat.meter(), "2026-10-25", "2026-10-26", 100)


# gas, boilers, heat pumps, water


@case(energy__heating=F("12.5") * F("10.97") * F("0.0842"))
def gas_by_the_coefficient(flat: Flat) -> None:
    flat.set("2026-01-01", gas="0.0842")
    flat.once(*flat.meter(VOLUME, medium="gas", usage="heating"), "2026-10-03", 12_500)


@case(energy__heating=F("3") * F("11.2345") * F("0.1") + F("3") * F("10.97") * F("0.1"))
def a_coefficient_that_changes(flat: Flat) -> None:
    flat.set("2026-01-01", gas="0,1")
    flat.set("2026-10-20", gas_coefficient="11,2345")
    (gas,) = flat.meter(VOLUME, medium="gas", usage="heating")
    flat.read(gas, ("2026-10-19 00:00", 0), ("2026-10-20 00:00", 3_000), ("2026-10-21 00:00", 6_000))


@case(
    "period=month&at=2026-09",
    energy__heating=F("76.79") * F("0.0842"), energy__hot_water=(F("109.7") + F("32.91")) * F("0.0842"),
)  # fmt: skip
def a_gas_boiler_where_summer_ends(flat: Flat) -> None:
    """10 m³ on 20 September, all of it hot water, and 10 on the 21st, 30 % of it."""
    flat.set("2026-01-01", gas="0.0842")
    flat.daily(*flat.meter(VOLUME, medium="gas", usage="boiler"), "2026-09-20", "2026-09-22", 10_000)


@case("period=month&at=2026-03", energy__heating=310 * F("0.0951"), energy__hot_water=90 * F("0.1234"))
def a_boilers_heat_where_winter_ends(flat: Flat) -> None:
    """200 kWh on 20 March at 15 %, 200 on the 21st at 30 %."""
    flat.set("2026-01-01", heating="0.0951", hot_water="0.1234")
    flat.daily(*flat.meter(medium="heat", usage="boiler"), "2026-03-20", "2026-03-22", 200_000)


@case(
    energy__heating=F("1.163") * 10 * 25 * F("0.70") * F("0.1"),
    energy__hot_water=F("1.163") * 10 * 25 * F("0.30") * F("0.2"),
)
def a_boilers_volume(flat: Flat) -> None:
    """10 m³ cooled by 25 K in autumn. 17.445 is 17.45."""
    flat.set("2026-01-01", heating="0.1", hot_water="0.2")
    flat.set("2026-01-01", page="advanced", boiler_delta="25")
    flat.once(*flat.meter(VOLUME, medium="heat", usage="boiler"), "2026-10-10", 10_000)


@case(
    energy__hot_water=F("1.163") * F("2.5") * F("47.5") * F("0.0951"), water__hot_water=F("2.5") * F("4.1234")
)
def hot_water_by_its_volume(flat: Flat) -> None:
    """From 10 to 57.5 °C, beside the price of the water itself."""
    flat.set("2026-01-01", hot_water="0.0951", hot_water_m3="4,1234")
    flat.set("2026-01-01", page="advanced", dhw_inlet="10", dhw_outlet="57,5")
    flat.once(*flat.meter(VOLUME, medium="hot_water", usage="hot_water"), "2026-10-10", 2_500)


@case(energy__hot_water=40 * F("0.1"), water__hot_water=F("1") * 4)
def measured_hot_water_wins_over_the_computed(flat: Flat) -> None:
    """A meter that counts heat as well as water: 40 kWh, not 1.163 × 43."""
    flat.set("2026-01-01", hot_water="0.1", hot_water_m3="4")
    heat, volume = flat.meter(ENERGY, VOLUME, medium="hot_water", usage="hot_water")
    flat.once(heat, "2026-10-10", 40_000)
    flat.once(volume, "2026-10-10", 1_000)


@case("period=month&at=2026-01", energy__heating=90 * F("0.1256"), energy__cooling=220 * F("0.1256"))
def a_heat_pump_after_new_year(flat: Flat) -> None:
    """Heating from 15 October to 10 January: nine days of it, then 22 of cooling."""
    flat.set("2025-01-01", page="advanced", heating_from="15/10", cooling_from="10/01")
    flat.daily(*flat.meter(usage="heat_pump"), "2026-01-01", "2026-02-01", 10_000)


@case(
    energy__heating=70 * F("0.1256"), energy__hot_water=30 * F("0.1256"),
)  # fmt: skip
def a_heat_pump_with_hot_water(flat: Flat) -> None:
    flat.once(*flat.meter(usage="heat_pump_dhw"), "2026-10-01", 100_000)


@case("period=month&at=2026-09", energy__cooling=65 * F("0.1256"), energy__hot_water=35 * F("0.1256"))
def the_day_before_heating_begins(flat: Flat) -> None:
    """Autumn since the 21st, its share set to 35 %; still cooling."""
    flat.set("2026-01-01", page="advanced", heat_pump_autumn="35")
    flat.once(*flat.meter(usage="heat_pump_dhw"), "2026-09-30", 100_000)


@case(water__cold_water=F("7.5") * F("3.9001") * F("1.055"))
def cold_water_net_of_tax(flat: Flat) -> None:
    flat.set("2026-01-01", cold_water_m3="3.9001", vat_water="5,5")
    flat.once(*flat.meter(VOLUME, medium="cold_water", usage="water"), "2026-10-10", 7_500)


@case(water__cold_water=None)
def water_without_a_price(flat: Flat) -> None:
    flat.once(*flat.meter(VOLUME, medium="cold_water", usage="water"), "2026-10-10", 7_500)


# heat, levels, taxes, charges


@case(energy__heating=F("0.5") * F("95.1234"))
def a_gcal_by_its_price(flat: Flat) -> None:
    for unit in (
        "gcal",
        "kwh",
    ):  # the page asks for the price in the unit that heat is read in; it holds in both
        flat.set("2026-11-22", place="programme", page="sharing", heat_unit=unit)
        if unit == "gcal":
            flat.set("2026-01-01", heating_gcal="95,1234")
    (heat,) = flat.meter({**ENERGY, "unit": "Gcal"}, medium="heat", usage="heating")
    flat.once(heat, "2026-10-10", 500)


@case(energy__heating=F(10, 36) * 1000 * F("0.0951"))
def a_gigajoule(flat: Flat) -> None:
    flat.set("2026-01-01", heating="0,0951")
    flat.once(*flat.meter({**ENERGY, "unit": "GJ"}, medium="heat", usage="heating"), "2026-10-10", 1_000)


@case(energy__cooling=50 * F("0.10") + 50 * F("0.11") + 50 * F("0.12") + 50 * F("0.13") + 110 * F("0.14"))
def each_level_from_its_day(flat: Flat) -> None:
    """The administrator's price, from the 6th the operator's, from the 11th the building's, from the 16th the
    dwelling's, from the 21st the occupant's own; a later change far away changes nothing near."""
    flat.set("2026-10-01", who="administrator", place="programme", cooling="0,10")
    flat.set("2026-10-06", place="programme", cooling="0.11")
    flat.set("2026-10-11", place="building", cooling="0,12")
    flat.set("2026-10-16", cooling="0,13")
    flat.set("2026-10-21", who="occupant", place="home", cooling="0,14")
    flat.set("2026-10-28", place="building", cooling="0,99")
    flat.daily(*flat.meter(medium="cooling", usage="cooling"), "2026-10-01", "2026-11-01", 10_000)


@case(energy__heating=15 * 10 * F("0.1") + 16 * 10 * F("0.1") * F("1.055"))
def a_tax_from_the_middle_of_the_month(flat: Flat) -> None:
    flat.set("2026-01-01", heating="0.1")
    flat.set("2026-10-16", vat_heating="5.5")
    flat.daily(*flat.meter(medium="heat", usage="heating"), "2026-10-01", "2026-11-01", 10_000)


@case(energy__sockets=21 * F("0.1256") * F("1.2"), standing__electricity=F(21, 31) * 31 * F("1.2"))
def a_monthly_charge_for_a_part_of_a_month(flat: Flat) -> None:
    """The meter was hung on the 11th: 21 of 31 days of 31.00 and the tax."""
    flat.set("2026-01-01", standing_electricity="31,00/m", vat_electricity="20")
    flat.daily(*flat.meter(since=at("2026-10-11 00:00")), "2026-10-11", "2026-11-01", 1_000)


@case(energy__heating=None, standing__heating=9 * F("0.4123") + 22 * F("0.5"))
def a_daily_charge_that_changes(flat: Flat) -> None:
    flat.set("2026-01-01", standing_heating="0.4123/d")
    flat.set("2026-10-10", standing_heating="0,5/d")
    flat.once(*flat.meter(medium="heat", usage="heating"), "2026-10-10", 1_000)


# common areas, exchanges, gaps, rounding


@case(energy__sockets=F("0.1256"), common_energy__other=50 * F("0.1256"))
def a_share_by_area_beside_an_empty_dwelling(flat: Flat) -> None:
    """50 of 100 m²; one of the others stands empty and bears its part all the same."""
    for name, area in (("beside", 30), ("empty", 20)):
        flat.town.flat(name, area=area, building=flat.dwelling.building.ref, lived_in=False)
    flat.set("2026-01-01", place="building", page="sharing", common_key="area")
    flat.once(*flat.meter(hall=True, usage="other"), "2026-10-10", 100_000)
    flat.once(*flat.meter(), "2026-10-10", 1_000)


@case(energy__sockets=F("0.1256"), common_energy__other=F("3.333334") * F("0.2"))
def a_third_of_ten(flat: Flat) -> None:
    """To a thousandth of a step; the first of three bears what is left. At the building's price, not the dwelling's."""
    for name in ("second", "third"):
        flat.town.flat(name, building=flat.dwelling.building.ref, lived_in=False)
    flat.set("2026-01-01", place="building", page="sharing", common_key="equal")
    flat.set("2026-01-01", place="building", electricity_base="0.2")
    flat.set("2026-01-01", electricity_base="0.1256")
    flat.once(*flat.meter(hall=True, usage="other"), "2026-10-10", 10_000)
    flat.once(*flat.meter(), "2026-10-10", 1_000)


@case(energy__sockets=200 * F("0.1256"))
def a_meter_exchanged_in_the_month(flat: Flat) -> None:
    """100 kWh on the old one until noon of the 15th, 100 on the new one, which began at 5."""
    noon = at("2026-10-15 12:00")
    (old,) = flat.meter()
    flat.read(old, ("2026-10-14 00:00", 1_000_000), (noon, 1_100_000))
    with tenant_scope(flat.town.housing.programme.pk):
        point = old.installation.point
        MeterInstallation.objects.filter(pk=old.installation_id).update(removed_at=noon)
    (new,) = flat.meter(since=noon)
    with tenant_scope(flat.town.housing.programme.pk):
        MeterInstallation.objects.filter(pk=new.installation_id).update(point=point)
    flat.read(new, (noon, 5_000), ("2026-10-17 00:00", 105_000))


@case(energy__heating=20 * F("0.1"))
def a_counter_that_starts_again(flat: Flat) -> None:
    """From 99,990 over 100,000 to 10."""
    flat.set("2026-01-01", heating="0.1")
    (heat,) = flat.meter(
        {**ENERGY, "span": 100_000_000, "max_per_hour": 1_000_000}, medium="heat", usage="heating"
    )
    flat.read(heat, ("2026-10-10 00:00", 99_990_000), ("2026-10-11 00:00", 10_000))


@case(energy__sockets=F("149.799") * F("0.1256") + F("160.201") * F("0.2"))
def a_month_between_two_readings(flat: Flat) -> None:
    """310 kWh in 745 hours: at the turn of the price 360 of them are over, 149,798.66 Wh, read as 149,799."""
    flat.read(*flat.meter(), ("2026-10-01 00:00", 0), ("2026-11-01 00:00", 310_000))
    flat.set("2026-10-16", electricity_base="0.2")


@case(energy__sockets=F("0.005"), energy__other=F("0.005"))
def two_halves_of_a_cent(flat: Flat) -> None:
    """Each line is rounded once, away from zero: 1 + 1 cent."""
    flat.set("2026-01-01", electricity_base="0,0010")
    flat.once(*flat.meter(), "2026-10-10", 5_000)
    flat.once(*flat.meter(usage="other"), "2026-10-10", 5_000)


@case(energy__sockets=(5 + 7) * F("0.1256"))
def days_that_nobody_read(flat: Flat) -> None:
    """5 kWh before a gap that an exchange leaves, 7 after it: nothing is made up between."""
    first, second = flat.meter(), flat.meter()
    flat.once(*first, "2026-10-02", 5_000)
    flat.once(*second, "2026-10-28", 7_000)


@case("period=week&at=2026-W44", energy__sockets=7 * 10 * F("0.1256"))
def a_week(flat: Flat) -> None:
    flat.daily(*flat.meter(), "2026-10-01", "2026-11-10", 10_000)


@case("period=year&at=2026", energy__sockets=59 * 10 * F("0.1256") + 31 * 10 * F("0.1300"))
def a_year(flat: Flat) -> None:
    flat.daily(*flat.meter(), "2026-01-01", "2026-04-01", 10_000)
    flat.set("2026-03-01", electricity_base="0.13")
