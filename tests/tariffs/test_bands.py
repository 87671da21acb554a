"""The bands of the clock: windows as they are typed, the bands of a day, and the days on which the clock changes."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from readings.totals.cuts import day_cuts
from tariffs.calendars import bands_of, off_peak_bands, parse_windows, windows_text
from tariffs.pricing import electricity_price_key, is_undivided

pytestmark = pytest.mark.pure
PARIS = ZoneInfo("Europe/Paris")
LAST_OF_SUMMER, FIRST_OF_SUMMER = date(2026, 10, 25), date(2026, 3, 29)  # 25 and 23 hours


@pytest.mark.parametrize(
    ("typed", "kept", "bands"),
    [
        ("22:00-06:00", "22:00-06:00", {0: 11, 360: 12, 1320: 11}),
        ("22h30 – 6h30", "22:30-06:30", {0: 11, 390: 12, 1350: 11}),
        ("12h-14h, 1:30-7:30", "01:30-07:30,12:00-14:00", {0: 12, 90: 11, 450: 12, 720: 11, 840: 12}),
        ("22-24", "22:00-00:00", {0: 12, 1320: 11}),
        ("0:00-6:00;6:00-7:00", "00:00-06:00,06:00-07:00", {0: 11, 360: 11, 420: 12}),
    ],
)
def test_windows_as_they_are_typed(typed: str, kept: str, bands: dict[int, int]) -> None:
    assert windows_text(parse_windows(typed)) == kept
    assert off_peak_bands(parse_windows(typed)) == bands


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "22-6-7",
        "25:00-06:00",
        "22:60-06:00",
        "22:00",
        "22:00-22:00",
        "0-24",
        "22-6,5-7",
        "1-13,13-1",
        "а-б",
        "22:00-06:00,",
    ],
)
def test_windows_that_make_no_sense_are_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_windows(typed)


def hours(option: str, day: date, windows: str = "", **colours: str) -> dict[int, float]:
    """Band → hours of a day; colours as d24="red"."""
    bands = lambda when: bands_of(option, parse_windows(windows) if windows else (), when, told)  # noqa: E731
    told = lambda when: colours.get(f"d{when.day}", "")  # noqa: E731
    cuts = list(day_cuts(day, date.fromordinal(day.toordinal() + 1), PARIS, bands))
    assert all(a.next_at == b.at for a, b in pairwise(cuts)), "no hole"
    found: dict[int, float] = {}
    for cut in cuts:
        found[cut.band] = found.get(cut.band, 0) + (cut.next_at - cut.at) / 3600
    return found


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        (hours("base", date(2026, 6, 1)), {0: 24}),
        (hours("off_peak", date(2026, 6, 1), "22:00-06:00"), {11: 8, 12: 16}),
        # the hour from 2 to 3 comes twice, and is off-peak both times; in spring it does not come
        (hours("off_peak", LAST_OF_SUMMER, "22:00-06:00"), {11: 9, 12: 16}),
        (hours("off_peak", FIRST_OF_SUMMER, "22:00-06:00"), {11: 7, 12: 16}),
        (hours("off_peak", LAST_OF_SUMMER, "02:00-03:00"), {11: 2, 12: 23}),
        (hours("off_peak", FIRST_OF_SUMMER, "02:00-03:00"), {12: 23}),
        # a window that begins or ends inside the repeated hour begins or ends twice
        (hours("off_peak", LAST_OF_SUMMER, "02:30-06:00"), {11: 4, 12: 21}),
        (hours("off_peak", LAST_OF_SUMMER, "22:00-02:30"), {11: 5, 12: 20}),
        (hours("off_peak", FIRST_OF_SUMMER, "02:30-06:00"), {11: 3, 12: 20}),
        (hours("off_peak", date(2026, 6, 1), "12:30-14:30,01:00-07:00"), {11: 8, 12: 16}),
        # a Tempo day runs from six to six: the hours before belong to yesterday's colour
        (hours("tempo", date(2026, 1, 6), d5="white", d6="red"), {33: 6, 36: 16, 35: 2}),
        (hours("tempo", date(2026, 1, 6), d5="blue"), {31: 6, 30: 18}),
        (hours("tempo", LAST_OF_SUMMER, d24="blue", d25="white"), {31: 7, 34: 16, 33: 2}),
        # EJP: from seven to one of the next day
        (hours("ejp", date(2026, 1, 6), d6="ejp"), {21: 7, 22: 17}),
        (hours("ejp", date(2026, 1, 7), d6="ejp"), {22: 1, 21: 23}),
        (hours("ejp", date(2026, 1, 8)), {21: 24}),
    ],
)  # fmt: skip
def test_the_hours_of_each_band(found: dict[int, float], wanted: dict[int, float]) -> None:
    assert found == wanted


@pytest.mark.parametrize(
    ("option", "tariff", "band", "key", "undivided"),
    [
        ("base", 0, 0, "electricity_base", False),
        ("base", 0, 12, "electricity_base", False),  # divided still, although the option is base again
        ("off_peak", 0, 11, "electricity_off_peak", False),
        ("off_peak", 0, 12, "electricity_peak", False),
        ("off_peak", 0, 0, "electricity_base", True),
        ("off_peak", 1, 1, "electricity_off_peak", False),  # the meter's own registers win over the clock
        ("ejp", 0, 21, "electricity_ejp_normal", False),
        ("ejp", 0, 22, "electricity_ejp", False),
        ("tempo", 0, 31, "electricity_tempo_off_peak_blue", False),
        ("tempo", 0, 34, "electricity_tempo_peak_white", False),
        ("tempo", 0, 36, "electricity_tempo_peak_red", False),
        ("tempo", 0, 30, None, False),
        ("tempo", 6, 6, "electricity_tempo_peak_red", False),
        ("tempo", 0, 12, "electricity_base", True),
    ],
)
def test_the_price_of_a_band(option: str, tariff: int, band: int, key: str | None, undivided: bool) -> None:
    assert electricity_price_key(option, tariff, band) == key
    assert is_undivided(option, tariff, band) is undivided
