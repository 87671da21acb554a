"""Numbers, money and moments as a French, a Russian and an English reader expect them."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from accounts.templatetags import releve as say

pytestmark = pytest.mark.pure

NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


def plain(text):
    """Spaces that do not break, written as ~ (thin) and _ (wide), so that a test shows which is which."""
    return text.replace("\u202f", "~").replace("\xa0", "_")


def in_three(function, *args):
    answers = []
    for language in ("fr", "ru", "en"):
        with translation.override(language):
            answers.append(plain(function(*args)))
    return answers


@pytest.mark.parametrize(
    ("minor", "currency", "expected"),
    [
        (6140, "EUR", ["61,40_€", "61,40_€", "€61.40"]),
        (8653680, "RUB", ["86~536,80_₽", "86~536,80_₽", "₽86,536.80"]),
        (-18297, "EUR", ["−182,97_€", "−182,97_€", "−€182.97"]),
        (0, "EUR", ["0,00_€", "0,00_€", "€0.00"]),
        (500, "XYZ", ["5,00_XYZ", "5,00_XYZ", "XYZ_5.00"]),
        (None, "EUR", ["—"] * 3),
        (10**17 + 1, "EUR", ["1~000~000~000~000~000,01_€"] * 2 + ["€1,000,000,000,000,000.01"]),
    ],
)
def test_money(minor, currency, expected):
    assert in_three(say.money, minor, currency) == expected


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (Decimal("1234.565"), 2, ["1~234,57", "1~234,57", "1,234.57"]),
        (-0.004, 2, ["0,00", "0,00", "0.00"]),
        (-1234, 0, ["−1~234", "−1~234", "−1,234"]),
        ("", 2, ["—"] * 3),
        (Decimal("NaN"), 2, ["—"] * 3),
        ("abc", 2, ["—"] * 3),
    ],
)
def test_numbers(value, digits, expected):
    assert in_three(say.number, value, digits) == expected


def test_energy_is_finer_the_less_there_is():
    with translation.override("en"):
        shown = [plain(say.kwh(v)) for v in (0, Decimal("0.042"), 2.5, 91.4, 38214)]
        assert shown == ["0_kWh", "0.04_kWh", "2.5_kWh", "91_kWh", "38,214_kWh"]
        assert plain(say.kwh(Decimal("313.25"), 3)) == "313.250_kWh"
        assert say.kwh(None) == "—"


def test_units_and_prices():
    with translation.override("fr"):
        assert plain(say.m3(Decimal("3.412"))).startswith("3,412_")
        assert plain(say.degrees(Decimal("21.05"))) == "21,1_°C"
        assert (say.price(1256), say.plain(Decimal("10.9700")), say.plain(Decimal("1E+3"))) == (
            "0,1256",
            "10,9700",
            "1\u202f000",
        )
        assert say.unit_name("furlong") == "furlong"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (18, ["+~18~%", "+~18~%", "+18%"]),
        (Decimal("-7.2"), ["−~7~%", "−~7~%", "−7%"]),
        (Decimal("0.3"), ["0~%", "0~%", "0%"]),
        (None, ["—"] * 3),
    ],
)
def test_a_change_always_has_its_sign(value, expected):
    assert in_three(say.signed_percent, value) == expected


def test_a_day_is_cut_in_the_zone_of_the_meter():
    late = dt.datetime(2026, 10, 14, 16, 30, tzinfo=dt.UTC)
    with translation.override("en"):
        assert say.local_day(late, "Europe/Paris") != say.local_day(late, "Asia/Chita")
    assert in_three(say.local_day, late, "Asia/Chita") == [
        "15 octobre 2026",
        "15 октября 2026 г.",
        "15 Oct 2026",
    ]
    assert in_three(say.local_day, dt.date(2026, 10, 14))[0] == "14 octobre 2026"
    assert say.local_day(None) == say.local_month(None) == say.local_time(None) == "—"
    with translation.override("fr"):
        assert say.local_time(late, "Asia/Chita").endswith("01:30")
        assert say.local_month(dt.date(2026, 10, 1)) == "octobre 2026"


@time_machine.travel(NOW, tick=False)
def test_last_synchronisation_in_words():
    with translation.override("en"):
        assert say.sync_when(NOW - dt.timedelta(minutes=15), "Europe/Paris") == "Today at 10:15"
        assert say.sync_when(NOW - dt.timedelta(hours=11), "Europe/Paris") == "Yesterday at 23:30"
        assert say.sync_when(NOW - dt.timedelta(hours=11), "Asia/Chita") == "Today at 07:30"
        assert say.sync_when(NOW - dt.timedelta(days=20), "Europe/Paris").endswith("2026 at 10:30")
        assert say.sync_when(None) == say.ago(None) == "Never"
        assert plain(say.ago(NOW - dt.timedelta(minutes=3))) == "3_minutes ago"
        assert say.ago(NOW - dt.timedelta(seconds=20)) == "just now"


def test_a_moment_without_a_zone_is_a_fault_of_the_program():
    naive = dt.datetime(2026, 1, 1)  # noqa: DTZ001
    for function in (say.sync_when, say.ago, say.local_day, say.local_time):
        with pytest.raises(ValueError, match="aware"):
            function(naive)


def test_serials_in_groups_of_four():
    assert say.groups_of_four("ABCD1234EFGH5678JKLM9999") == "ABCD-1234-EFGH-5678-JKLM-9999"
    assert say.groups_of_four(None) == ""


def test_small_words_between_a_label_and_its_value():
    said = {}
    for language in ("fr", "ru", "en"):
        with translation.override(language):
            said[language] = (say.colon(), say.day_and_month(dt.date(2026, 10, 1)))
    assert said == {"fr": ("\xa0:", "1 octobre"), "ru": (":", "1 октября"), "en": (":", "1 October")}
