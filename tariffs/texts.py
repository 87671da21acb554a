"""Parameters as people read and type them: the number with the reader's decimal mark, the unit, where it comes from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.dates import MONTHS
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.templatetags import releve
from accounts.templatetags.releve import CURRENCIES, day_and_month, unit_name
from tariffs.calendars import FAMILIES, TEMPO_UNKNOWN
from tariffs.catalogue import BASES, DEFAULTS, PARAMETERS, SECTIONS, Parameter, number_of
from tariffs.models import Level
from tariffs.places import ParameterPlace
from tariffs.pricing import HEAT_PRICES, TARIFF_REGISTERS
from tariffs.units import KWH


def input_text(parameter: Parameter, stored: str) -> str:
    """What stands in the field, without groups of thousands: 1256 → "0,1256" (fr), "0.1256" (en); 120000 °C → "12"."""
    if parameter.kind == "windows":
        return stored.replace(",", ", ")
    if parameter.kind in ("choice", "month_day"):
        return stored
    value = number_of(parameter, stored)
    text = f"{value:.4f}" if parameter.kind in ("price", "coefficient", "standing") else f"{value:f}"
    if parameter.kind in ("temperature", "rate") and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", str(get_format("DECIMAL_SEPARATOR")))


def is_unset(parameter: Parameter, stored: str) -> bool:
    """A price of 0 is no price."""
    return parameter.kind == "price" and int(stored) == 0


def value_text(parameter: Parameter, stored: str, currency: str) -> str:
    """For reading: "0,1256 €/kWh", "1 octobre", "price not set"."""
    if parameter.kind == "choice":
        return str(dict(parameter.choices)[stored])
    if parameter.kind == "month_day":
        return month_day_text(stored)
    if parameter.kind == "windows":
        return input_text(parameter, stored).replace("-", "\u2013")
    if parameter.kind in ("standing", "rate") and number_of(parameter, stored) == 0:
        return _("none") if parameter.kind == "standing" else _("included in the prices")
    if parameter.kind == "standing":
        amount = f"{input_text(parameter, stored)}\u00a0{unit_text(parameter, currency)}"
        return f"{amount} {BASES[stored[:1]]}"
    if is_unset(parameter, stored):
        return _("price not set")
    return f"{input_text(parameter, stored)}\u00a0{unit_text(parameter, currency)}"


def month_day_text(stored: str) -> str:
    """A leap year knows every day that may be stored."""
    return day_and_month(date(2024, int(stored[:2]), int(stored[3:])))


def unit_text(parameter: Parameter, currency: str) -> str:
    unit = parameter.unit
    if parameter.kind == "coefficient":
        return f"{pgettext('unit', 'kWh')}/{pgettext('unit', 'm³')}"
    symbol = CURRENCIES.get(currency, (currency, 2))[0]
    if parameter.kind == "standing":
        return symbol
    return f"{symbol}/{unit_name(unit)}" if parameter.kind == "price" else str(unit)


def source_text(level: Level | None, place: ParameterPlace) -> str:
    """The word beside a field: whose value it is."""
    if level is None:
        return _("default value")
    if level == Level.OPERATOR_BUILDING:
        building = place.building or (place.dwelling.building if place.dwelling else None)
        return _("value of %(place)s") % {"place": building.name if building else ""}
    if level == Level.OCCUPANT_DWELLING and place.level == level:
        return _("your own value")
    return {
        Level.ADMINISTRATOR_PROGRAMME: _("value of the programme"),
        Level.OPERATOR_PROGRAMME: _("value of the operator"),
        Level.OPERATOR_DWELLING: _("value of the dwelling"),
        Level.OCCUPANT_DWELLING: _("value of the occupant"),
    }[level]


@dataclass(frozen=True)
class EnergyUnit:
    """What kWh are written in: `name` translated, `kwh` how many of them one is."""

    name: str
    kwh: Fraction = Fraction(1)

    def amount(self, kwh: Any) -> Any:
        return kwh if self.kwh == 1 or kwh is None else Fraction(kwh) / self.kwh

    def text(self, kwh: Any) -> str:
        """412 kWh; 0.354 Gcal."""
        return releve.kwh(kwh) if self.kwh == 1 else releve.gcal(self.amount(kwh))

    def fine(self, kwh: Any) -> str:
        """A digit after the mark, for the days of a chart."""
        return releve.kwh(kwh, 1) if self.kwh == 1 else releve.gcal(self.amount(kwh))


def energy_unit(usages: Iterable[str], heat_unit: str) -> EnergyUnit:
    """Heat in the unit that the programme reads it in; what holds anything else, or a sum with anything else, in kWh."""
    found = set(usages)
    if heat_unit == "gcal" and found and found <= set(HEAT_PRICES):
        return EnergyUnit(pgettext("unit", "Gcal"), KWH["Gcal"])
    return EnergyUnit(pgettext("unit", "kWh"))


def energy_form(usage: str, heat_unit: str) -> Callable[[Any], str]:
    """How kWh of a usage are written."""
    return energy_unit([usage], heat_unit).text


def full_label(parameter: Parameter) -> str:
    """Unique on its page: "Heating: Price of a kWh"."""
    section = parameter.section.removesuffix("_more")
    return _("%(section)s: %(parameter)s") % {
        "section": SECTIONS[section], "parameter": parameter.label,
    }  # fmt: skip


def vat_text(rate: int) -> str:
    """Of a rate in 10⁻⁴ percent: "+ 5,5 % VAT", as it stands beside a net price; nothing where there is none."""
    if not rate:
        return ""
    return _("+ %(rate)s %% VAT") % {"rate": releve.plain((Decimal(rate) / 10_000).normalize())}


def band_text(band: int) -> str:
    """The part of the clock that a total was counted in (tariffs.calendars); a meter's own register by its number."""
    if band == TEMPO_UNKNOWN:
        return _("Tempo, colour not announced")
    option = next((name for name, first in FAMILIES.items() if band // 10 == first), "")
    if option:
        return str(PARAMETERS[TARIFF_REGISTERS[option][band % 10 - 1]].label)
    return _("tariff %(number)s") % {"number": band} if band else _("whole day")


def month_choices() -> list[tuple[str, Any]]:
    return [(f"{number:02}", name) for number, name in MONTHS.items()]


def known(key: str) -> Parameter | None:
    """The parameter of a stored key; None for one that a later version dropped."""
    return PARAMETERS.get(key) if key in DEFAULTS else None
