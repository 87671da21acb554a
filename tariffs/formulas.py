"""The computations of the seed's advanced parameters, as pure functions of exact numbers.

Volumes in m³, temperatures in °C, differences in K, energies in kWh, shares in whole percent.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from fractions import Fraction

# heat to warm 1 m³ of water by 1 K, in kWh: the convention of the French method (1.163 Wh per litre and kelvin)
KWH_PER_M3_KELVIN = Fraction(1163, 1000)


class Season(Enum):
    SPRING = "spring"
    SUMMER = "summer"
    AUTUMN = "autumn"
    WINTER = "winter"


def season_of(day: date) -> Season:
    """Seasons start on the 21st of March, June, September and December."""
    mark = (day.month, day.day)
    if mark < (3, 21) or mark >= (12, 21):
        return Season.WINTER
    if mark < (6, 21):
        return Season.SPRING
    if mark < (9, 21):
        return Season.SUMMER
    return Season.AUTUMN


def gas_energy(volume: Fraction, coefficient: Fraction) -> Fraction:
    """kWh of `volume` m³ of gas at `coefficient` kWh/m³."""
    return volume * coefficient


def water_heat(volume: Fraction, temperature_difference: Fraction) -> Fraction:
    """kWh that warmed `volume` m³ of water by a difference in K; nothing where the difference is not positive."""
    return KWH_PER_M3_KELVIN * volume * max(temperature_difference, Fraction(0))


def split_by_percent(energy: Fraction, hot_water_percent: int) -> tuple[Fraction, Fraction]:
    """(hot water, the rest). Raises `ValueError` outside 0 to 100 %."""
    if not 0 <= hot_water_percent <= 100:
        raise ValueError("a share is between 0 and 100 %")
    hot_water = energy * hot_water_percent / 100
    return hot_water, energy - hot_water


def heat_pump_heats(day: date, heating_from: tuple[int, int], cooling_from: tuple[int, int]) -> bool:
    """True from the start of heating (month, day) to the start of cooling, whichever way round the year they lie."""
    mark = (day.month, day.day)
    if heating_from <= cooling_from:
        return heating_from <= mark < cooling_from
    return mark >= heating_from or mark < cooling_from
