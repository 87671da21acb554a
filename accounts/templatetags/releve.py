"""Numbers, money and moments as the reader writes them; and the classes of form controls.

Numbers come as int, Decimal or float, group their thousands, and are joined to their unit by a space that
does not break. None is an em dash: "nothing known" is never shown as zero. A price that is not set is the
caller's to word (`prix non renseigné`), since only the caller knows why the amount is missing.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()

NARROW = "\u202f"  # no-break space as thin as a thousands separator
WIDE = "\xa0"
MINUS = "\u2212"
NOTHING = "\u2014"

# (symbol, digits of the minor unit); a currency that is not here is written by its code with two digits
CURRENCIES = {"EUR": ("€", 2), "RUB": ("₽", 2), "USD": ("$", 2), "GBP": ("£", 2), "CHF": ("CHF", 2)}


def _decimal(value: Any) -> Decimal | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        if isinstance(value, Fraction):
            value = Decimal(value.numerator) / Decimal(value.denominator)
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def number_text(value: Any, digits: int = 0) -> str:
    """1234.5 → "1 234,5" (fr, ru), "1,234.5" (en). Rounded half up, as on an invoice; never "−0"."""
    number = _decimal(value)
    if number is None:
        return NOTHING
    rounded = number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP)
    text = formats.number_format(abs(rounded), decimal_pos=digits, use_l10n=True, force_grouping=True)
    return (MINUS if rounded < 0 else "") + str(text).replace(WIDE, NARROW)


def with_unit(value: Any, unit: str, digits: int = 0) -> str:
    text = number_text(value, digits)
    return text if text == NOTHING else f"{text}{WIDE}{unit}"


def _spaced() -> bool:
    """French and Russian keep a space before a percent sign and a currency; English does not."""
    return not (translation.get_language() or "").startswith("en")


@register.filter
def number(value: Any, digits: int = 0) -> str:
    """{{ 12345.678|number:1 }}"""
    return number_text(value, int(digits))


@register.filter
def plain(value: Any) -> str:
    """A number with exactly the digits it has: 10.9700 stays 10,9700."""
    found = _decimal(value)
    if found is None:
        return NOTHING
    exponent = found.as_tuple().exponent
    return number_text(found, max(0, -exponent if isinstance(exponent, int) else 0))


@register.filter
def kwh(value: Any, digits: int | str = "") -> str:
    """Energy in kWh. Without digits: the less there is, the finer (0,42 · 2,5 · 91 · 412)."""
    found = _decimal(value)
    if digits == "" and found is not None:
        size = abs(found)
        digits = 0 if size >= 10 or size == 0 else 1 if size >= 1 else 2
    return with_unit(value, pgettext("unit", "kWh"), int(digits or 0))


@register.filter
def m3(value: Any, digits: int = 3) -> str:
    """Volume in m³, to the litre."""
    return with_unit(value, pgettext("unit", "m³"), int(digits))


@register.filter
def gcal(value: Any, digits: int = 3) -> str:
    """Heat in Gcal, to the Mcal."""
    return with_unit(value, pgettext("unit", "Gcal"), int(digits))


@register.filter
def degrees(value: Any, digits: int = 1) -> str:
    return with_unit(value, "°C", int(digits))


@register.filter
def unit_name(code: str) -> str:
    """The reader's name of a unit of the gateway API or of LERS: kWh → кВт·ч, m3 → m³, C → °C."""
    names = {
        "Wh": pgettext("unit", "Wh"), "kWh": pgettext("unit", "kWh"), "MWh": pgettext("unit", "MWh"),
        "MJ": pgettext("unit", "MJ"), "GJ": pgettext("unit", "GJ"), "Gcal": pgettext("unit", "Gcal"),
        "l": pgettext("unit", "l"), "m3": pgettext("unit", "m³"), "C": "°C", "W": pgettext("unit", "W"),
        "kW": pgettext("unit", "kW"), "m3/h": pgettext("unit", "m³/h"), "bar": pgettext("unit", "bar"),
        "t": pgettext("unit", "t"), "kg": pgettext("unit", "kg"), "Gcal/h": pgettext("unit", "Gcal/h"),
        "Gcal/h·month": pgettext("unit", "(Gcal/h) a month"),
    }  # fmt: skip
    return names.get(code, code)


@register.filter
def money(minor: Any, currency: str = "EUR") -> str:
    """Integer minor units: {{ 6140|money:"EUR" }} → "61,40 €" (fr, ru), "€61.40" (en)."""
    found = _decimal(minor)
    if found is None:
        return NOTHING
    digits = CURRENCIES.get(currency, (currency, 2))[1]
    return amount_text(found.scaleb(-digits), digits, currency)


def amount_text(amount: Decimal, digits: int, currency: str) -> str:
    """An amount of the currency with so many decimals, its symbol where the language puts it."""
    symbol = CURRENCIES.get(currency, (currency, 2))[0]
    text = number_text(abs(amount), digits)
    sign = MINUS if amount < 0 else ""
    if _spaced():
        return f"{sign}{text}{WIDE}{symbol}"
    return f"{sign}{symbol}{text}" if len(symbol) == 1 else f"{sign}{symbol}{WIDE}{text}"


@register.filter
def price(value: Any) -> str:
    """A price kept as an integer of 10⁻⁴: 1256 → "0,1256". The unit stands beside it."""
    found = _decimal(value)
    return NOTHING if found is None else number_text(found.scaleb(-4), 4)


@register.filter
def percent(value: Any, digits: int = 0) -> str:
    """97.8 → "97,8 %" (fr, ru), "97.8%" (en)."""
    text = number_text(value, int(digits))
    return text if text == NOTHING else f"{text}{NARROW if _spaced() else ''}%"


@register.filter
def signed_percent(value: Any, digits: int = 0) -> str:
    """A change in percent with its sign, always: +18, −7, 0 without one."""
    found = _decimal(value)
    if found is None:
        return NOTHING
    text = percent(abs(found), int(digits))
    if found.quantize(Decimal(1).scaleb(-int(digits)), rounding=ROUND_HALF_UP) == 0:
        return text
    return f"{'+' if found > 0 else MINUS}{NARROW if _spaced() else ''}{text}"


def _local(moment: dt.datetime, zone: dt.tzinfo | str | None) -> dt.datetime:
    if timezone.is_naive(moment):
        raise ValueError("a moment shown to a reader must be aware")
    if isinstance(zone, str) and zone:
        zone = ZoneInfo(zone)
    return moment.astimezone(zone or timezone.get_current_timezone())


@register.filter
def local_day(value: dt.date | None, zone: dt.tzinfo | str | None = None) -> str:
    """A date, or the day of an aware moment in the zone of its meter: "14 octobre 2026"."""
    if not value:
        return NOTHING
    day = _local(value, zone) if isinstance(value, dt.datetime) else value
    return formats.date_format(day, "DATE_FORMAT")


def day_and_month(day: dt.date) -> str:
    """A day of a year that the reader knows: "22 octobre", "22 октября", "22 October"."""
    # the name of a month is declined after its day where the language's own date has it so
    month = "E" if "E" in str(formats.get_format("DATE_FORMAT")) else "F"
    return formats.date_format(day, f"j {month}")


@register.filter
def local_month(value: dt.date | None) -> str:
    """ "octobre 2026", "октябрь 2026 г.": as within a sentence, where Russian has no capital."""
    text = formats.date_format(value, "YEAR_MONTH_FORMAT") if value else NOTHING
    return text.lower() if (translation.get_language() or "").startswith("ru") else text


@register.filter
def local_time(value: dt.datetime | None, zone: dt.tzinfo | str | None = None) -> str:
    """Day and hour of an aware moment: "14 octobre 2026 06:00"."""
    if not value:
        return NOTHING
    moment = _local(value, zone)
    return f"{formats.date_format(moment, 'DATE_FORMAT')} {moment:%H:%M}"


@register.filter
def sync_when(value: dt.datetime | None, zone: dt.tzinfo | str | None = None) -> str:
    """When a server was last heard: "Aujourd'hui à 10:15"; None is "Never"."""
    if not value:
        return _("Never")
    moment = _local(value, zone)
    days = (_local(timezone.now(), zone).date() - moment.date()).days
    clock = f"{moment:%H:%M}"
    if days == 0:
        return _("Today at %(time)s") % {"time": clock}
    if days == 1:
        return _("Yesterday at %(time)s") % {"time": clock}
    return _("%(day)s at %(time)s") % {"day": formats.date_format(moment, "DATE_FORMAT"), "time": clock}


@register.simple_tag
def colon() -> str:
    """After a label: French keeps a no-break space before its colon."""
    return f"{WIDE}:" if (translation.get_language() or "").startswith("fr") else ":"


@register.filter
def ago(value: dt.datetime | None) -> str:
    """How fresh: "3 minutes ago", by the largest unit only."""
    if not value:
        return _("Never")
    if timezone.is_naive(value):
        raise ValueError("a moment shown to a reader must be aware")
    if timezone.now() - value < dt.timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(value, depth=1)}


@register.filter
def control(field: BoundField, extra: str = "") -> SafeString | str:
    """A form field's widget with the class Bootstrap wants; Django itself adds aria-invalid and -describedby."""
    widget = field.field.widget
    if isinstance(widget, CheckboxSelectMultiple | RadioSelect):
        return field.as_widget()
    if isinstance(widget, CheckboxInput):
        css = "form-check-input"
    else:
        css = "form-select" if isinstance(widget, Select) else "form-control"
    classes = (widget.attrs.get("class", ""), css, extra, "is-invalid" if field.errors else "")
    return field.as_widget(attrs={"class": " ".join(filter(None, classes))})


@register.filter
def is_check(field: BoundField) -> bool:
    """True for a single tick box, whose label stands after it."""
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_choices(field: BoundField) -> bool:
    """True where the field is a group of boxes or radios: it becomes a fieldset with a legend."""
    return isinstance(field.field.widget, CheckboxSelectMultiple | RadioSelect)


@register.filter
def choice_class(widget: Any) -> SafeString:
    """One radio or box of a group, drawn with Bootstrap's class: {{ radio|choice_class }}."""
    data = widget.data
    checked = " checked" if data.get("selected") else ""
    return format_html(
        '<input class="form-check-input" type="{}" name="{}" value="{}" id="{}"' + checked + ">",
        data["type"], data["name"], data["value"] if data["value"] is not None else "", data["attrs"].get("id", ""),
    )  # fmt: skip


@register.filter
def groups_of_four(serial: str | None) -> str:
    """A server's serial as printed on its box: six groups of four."""
    text = (serial or "").replace("-", "")
    return "-".join(text[i : i + 4] for i in range(0, len(text), 4))


@register.filter
def item(values: Any, index: int) -> Any:
    """values[index], or nothing: {{ columns|item:forloop.counter0 }}"""
    try:
        return values[index]
    except (IndexError, KeyError, TypeError):
        return ""


@register.filter
def with_now(steps: Any) -> list[dict[str, Any]]:
    """The steps of a checklist, the first open one marked as the one to do now."""
    marked = [dict(step) for step in steps or ()]
    for step in marked:
        if not step.get("done"):
            step["now"] = True
            break
    return marked
