"""Every parameter there is: its key, unit, resolution, default and place on a page (spec 2).

Prices and coefficients have four decimals and are stored as integers of 10⁻⁴. A price of 0 is no price.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.errors import DomainError
from tariffs.calendars import parse_windows, windows_text

NUMBER = re.compile(r"[+-]?[0-9]{1,9}([.,][0-9]{1,4})?")
LARGE = re.compile(r"[+-]?[0-9]{10,}([.,][0-9]{1,4})?")
# 1 678,90 as people write and tables print it; "0 125" is more likely a comma that was missed
GROUPED = re.compile(r"[1-9][0-9]{0,2}(?: [0-9]{3})+(?:[.,][0-9]{1,4})?")


@dataclass(frozen=True)
class Parameter:
    """`kind`: price | coefficient (10⁻⁴) | temperature (10⁻⁴ K or °C) | percent | rate (10⁻⁴ %) | month_day ("MM-DD")
    | choice | windows ("22:00-06:00", several by commas) | standing ("d:1234" a day, "m:123400" a month).

    `levels`: the kinds of place that may set it.
    """

    key: str
    label: Any
    section: str
    unit: Any
    kind: str
    default: str
    choices: tuple[tuple[str, Any], ...] = ()
    levels: tuple[str, ...] = ("programme", "building", "dwelling")


def _price(key: str, label: Any, section: str, default: str, unit: str = "kWh") -> Parameter:
    return Parameter(key, label, section, unit, "price", default)


OPTIONS = (
    ("base", _("Base")),
    ("off_peak", _("Off-peak hours")),
    ("ejp", _("EJP")),
    ("tempo", _("Tempo")),
)
# what is billed on its own: with a standing charge and a rate of VAT
BILLED = (
    ("electricity", _("Electricity")),
    ("gas", _("Gas")),
    ("heating", _("Heating")),
    ("hot_water", _("Domestic hot water")),
    ("cooling", _("Cooling")),
    ("water", _("Water")),
)
KEYS = (
    ("none", _("Not allotted")),
    ("equal", _("In equal parts")),
    ("area", _("By living area")),
)
HEAT_UNITS = (("kwh", pgettext_lazy("unit", "kWh")), ("gcal", pgettext_lazy("unit", "Gcal")))
TARIFFS = (
    _price("electricity_base", _("Base"), "electricity", "1256"),
    _price("electricity_off_peak", _("Off-peak hour"), "electricity", "984"),
    _price("electricity_peak", _("Peak hour"), "electricity", "1391"),
    _price("electricity_ejp_normal", _("EJP base"), "electricity_more", "1068"),
    _price("electricity_ejp", _("EJP"), "electricity_more", "5367"),
    _price("electricity_tempo_off_peak_blue", _("Tempo off-peak hour, blue"), "electricity_more", "763"),
    _price("electricity_tempo_off_peak_white", _("Tempo off-peak hour, white"), "electricity_more", "1074"),
    _price("electricity_tempo_off_peak_red", _("Tempo off-peak hour, red"), "electricity_more", "1971"),
    _price("electricity_tempo_peak_blue", _("Tempo peak hour, blue"), "electricity_more", "907"),
    _price("electricity_tempo_peak_white", _("Tempo peak hour, white"), "electricity_more", "1272"),
    _price("electricity_tempo_peak_red", _("Tempo peak hour, red"), "electricity_more", "5119"),
    Parameter(
        "gas_coefficient", _("Conversion coefficient of the m³"), "gas", "kWh/m³", "coefficient", "109700"
    ),
    _price("gas", _("Price of a kWh of gas"), "gas", "0"),
    *(
        price
        for usage in ("heating", "hot_water", "cooling")
        for price in (
            _price(usage, _("Price of a kWh"), usage, "0"),
            _price(f"{usage}_gcal", _("Price of a Gcal"), usage, "0", "Gcal"),
        )
    ),
    # what a utility takes each month for the heat load of the contract, whatever was used (двухставочный тариф)
    *(
        Parameter(
            f"{usage}_capacity",
            _("Capacity rate"),
            usage,
            "Gcal/h·month",
            "price",
            "0",
            levels=("programme",),
        )
        for usage in ("heating", "hot_water")
    ),
    _price("cold_water_m3", _("Price of a m³ of cold water"), "water", "0", "m3"),
    _price("hot_water_m3", _("Price of a m³ of hot water"), "water", "0", "m3"),
    Parameter("electricity_option", _("Tariff option"), "option", "", "choice", "base", OPTIONS),
    Parameter("off_peak_hours", _("Off-peak hours from – to"), "option", "", "windows", "22:00-06:00"),
    *(Parameter(f"standing_{key}", label, "standing", "", "standing", "d:0") for key, label in BILLED),
    *(Parameter(f"vat_{key}", label, "vat", "%", "rate", "0") for key, label in BILLED),
)
SHARING = (
    Parameter(
        "common_key", _("Allotment key"), "common", "", "choice", "none", KEYS, ("programme", "building")
    ),
    Parameter("heat_unit", _("Unit of heat"), "units", "", "choice", "kwh", HEAT_UNITS, ("programme",)),
)
ADVANCED = (
    Parameter("boiler_delta", _("Boiler temperature difference"), "boiler", "°C", "temperature", "200000"),
    Parameter("dhw_inlet", _("Inlet temperature"), "dhw", "°C", "temperature", "120000"),
    Parameter("dhw_outlet", _("Outlet temperature"), "dhw", "°C", "temperature", "550000"),
    *(
        Parameter(f"{source}_{season}", label, section, _("% DHW"), "percent", default)
        for source, section in (("boiler", "boiler_split"), ("heat_pump", "heat_pump_dhw"))
        for season, label, default in (
            ("spring", _("Spring"), "30"),
            ("summer", _("Summer"), "100"),
            ("autumn", _("Autumn"), "30"),
            ("winter", _("Winter"), "15"),
        )
    ),
    Parameter("heating_from", _("Start of heating"), "heat_pump", "", "month_day", "10-01"),
    Parameter("cooling_from", _("Start of cooling"), "heat_pump", "", "month_day", "06-01"),
)
PARAMETERS: dict[str, Parameter] = {parameter.key: parameter for parameter in (*TARIFFS, *ADVANCED, *SHARING)}
DEFAULTS: dict[str, str] = {key: parameter.default for key, parameter in PARAMETERS.items()}
SCALED = frozenset({"price", "coefficient", "temperature", "rate", "standing"})
BASES = {"d": _("a day"), "m": _("a month")}
# the pages, and the sections of each in the seed's order
PAGES: dict[str, tuple[Parameter, ...]] = {
    "tariffs": TARIFFS,
    "advanced": ADVANCED,
    "sharing": SHARING,
}
SECTIONS: dict[str, Any] = {
    "electricity": _("Electricity"),
    "electricity_more": _("Other tariffs (EJP, Tempo)"),
    "gas": _("Gas"),
    "heating": _("Heating"),
    "hot_water": _("Domestic hot water"),
    "cooling": _("Cooling"),
    "water": _("Water"),
    "option": _("Tariff option of the electricity"),
    "standing": _("Standing charges"),
    "vat": _("VAT"),
    "common": _("Common areas"),
    "units": _("Units"),
    "boiler": _("Heating (boiler)"),
    "dhw": _("Domestic hot water (boiler)"),
    "boiler_split": _("Heating / hot water split (boiler)"),
    "heat_pump": _("Heating / cooling split (heat pump)"),
    "heat_pump_dhw": _("Heating / cooling / hot water split (heat pump)"),
}
COLDEST, HOTTEST = -50, 150  # °C, and K for a difference
STORED = re.compile(r"^-?[0-9]{1,13}$")
LONGEST, MOST_WINDOWS = 40, 3  # what a row holds
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def parse(parameter: Parameter, typed: str) -> str:
    """What is stored for what a person typed (comma or point). Raises `DomainError` with one sentence."""
    text = typed.replace("\u00a0", " ").replace("\u202f", " ").strip()
    text = text.replace(" ", "") if GROUPED.fullmatch(text) else text
    if parameter.kind == "choice":
        if text not in dict(parameter.choices):
            raise DomainError("bad_choice", _("Choose one of the options."))
        return text
    if parameter.kind == "month_day":
        if not _is_month_day(text):
            raise DomainError("bad_date", _("Choose a day that this month has."))
        return text
    if parameter.kind == "windows":
        return _windows(text)
    if parameter.kind == "standing":
        return _standing(parameter, text)
    if LARGE.fullmatch(text):
        raise DomainError("too_large", _("The number is too large."))
    if not NUMBER.fullmatch(text) and parameter.kind in ("temperature", "percent"):
        raise DomainError("bad_number", _("Give a number, for example 20."))
    if not NUMBER.fullmatch(text):
        raise DomainError("bad_number", _("Give a number with at most four decimals, for example 0,1256."))
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:  # pragma: no cover - the pattern admits numbers only
        raise DomainError("bad_number", _("Give a number with at most four decimals.")) from None
    if value < 0 and parameter.kind != "temperature":
        raise DomainError("negative", _("The value cannot be negative."))
    if parameter.kind == "coefficient" and value == 0:
        raise DomainError("zero", _("The coefficient must be above zero."))
    if parameter.key == "boiler_delta" and value <= 0:
        raise DomainError("not_positive", _("The difference must be above zero."))
    if parameter.kind == "temperature" and not COLDEST <= value <= HOTTEST:
        raise DomainError("bad_temperature", _("Give a temperature between −50 and 150 °C."))
    if parameter.kind == "rate" and value > 100:
        raise DomainError("bad_rate", _("Give a percentage between 0 and 100."))
    if parameter.kind == "percent":
        if value > 100 or value != int(value):
            raise DomainError("bad_percent", _("Give a whole percentage between 0 and 100."))
        return str(int(value))
    return str(int(value * 10_000))


def _windows(text: str) -> str:
    try:
        windows = parse_windows(text)
        if len(windows) > MOST_WINDOWS:
            raise ValueError(text)
        return windows_text(windows)
    except ValueError:
        raise DomainError(
            "bad_windows",
            _("Give hours such as 22:00-06:00, at most three of them with commas, none over another."),
        ) from None


def _standing(parameter: Parameter, text: str) -> str:
    """ "12,34/m" a month, "0,4123/d" a day: an amount, then what it is for."""
    amount, _slash, basis = text.partition("/")
    price = parse(replace(parameter, kind="price"), amount)
    return f"{basis if basis in BASES else 'd'}:{price}"


def _is_month_day(text: str) -> bool:
    if not re.fullmatch(r"(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])", text):
        return False
    return int(text[3:]) <= DAYS_OF_MONTH[int(text[:2]) - 1]


def is_stored(parameter: Parameter, value: str) -> bool:
    """Whether `value` is what `parse` gives: services take nothing else."""
    if parameter.kind == "choice":
        return value in dict(parameter.choices)
    if parameter.kind == "month_day":
        return _is_month_day(value)
    if parameter.kind == "windows":
        try:
            return windows_text(parse_windows(value)) == value and len(value) <= LONGEST
        except ValueError:
            return False
    if parameter.kind == "standing":
        return value[:2] in ("d:", "m:") and value[2:].isdigit() and len(value) <= LONGEST
    return STORED.fullmatch(value) is not None


def number_of(parameter: Parameter, stored: str) -> Decimal:
    """The stored text of a number as a Decimal of its unit."""
    value = Decimal(stored[2:] if parameter.kind == "standing" else stored)
    return value / 10_000 if parameter.kind in SCALED else value
